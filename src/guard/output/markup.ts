/**
 * Tags of HTML, read as far as they are known.
 *
 * What it gives: the name of the tag that begins at a `<`, and its text up to the `>` that no quote
 * hides. What it does not give: a parser; `a <b and c` is read as a tag until it turns out not to be.
 *
 * @packageDocumentation
 */
export const MAX_TAG_CHARS = 512

export type Tag =
  | { readonly is: 'none' }
  | { readonly is: 'more'; readonly name: string; readonly text: string }
  /** `cut`: longer than anybody reads. What the text ends in is whole. */
  | { readonly is: 'whole' | 'cut'; readonly name: string; readonly text: string }

const NAME = /^<([A-Za-z][A-Za-z0-9:-]{0,40})(?=[\s/>])/
const NAME_BEGUN = /^<(?:[A-Za-z][A-Za-z0-9:-]{0,40})?$/

/** `name` is '' while it is not known to be over. */
export function tagAt(text: string, at: number, isEnd: boolean): Tag {
  const known = text.slice(at, at + MAX_TAG_CHARS)
  const name = NAME.exec(isEnd ? `${known} ` : known)?.[1]?.toLowerCase()
  if (name === undefined) {
    return NAME_BEGUN.test(known) && !isEnd ? { is: 'more', name: '', text: known } : { is: 'none' }
  }
  const end = endOfTag(known, name.length + 1)
  if (end !== -1) return { is: 'whole', name, text: known.slice(0, end) }
  if (known.length === MAX_TAG_CHARS) return { is: 'cut', name, text: known }
  return { is: isEnd ? 'whole' : 'more', name, text: known }
}

function endOfTag(text: string, from: number): number {
  let quote = ''
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '>') return at + 1
    else if (character === '"' || character === "'") quote = character
  }
  return -1
}

const NAMED: Readonly<Record<string, string>> = { tab: '\t', newline: '\n', colon: ':' }

/** As a browser reads a URL in an attribute: entities undone, white space and controls left out. */
export function readAttributes(text: string): string {
  return text
    .replaceAll(
      /&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?/gi,
      (_all, hex?: string, decimal?: string) => {
        const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
        return code > 0x10ffff ? '' : String.fromCodePoint(code)
      },
    )
    .replaceAll(/&(tab|newline|colon);/gi, (_all, name: string) => NAMED[name.toLowerCase()] ?? '')
    .replaceAll(/[\p{Cc} ]+/gu, '')
}
