/**
 * The strings of a JSON text: read as one text of lines, and changed without touching the rest.
 *
 * Everything outside of the strings that change stays as it was spelled: no number loses a digit.
 * A text that is no JSON is read as far as it looks like one; nothing here throws.
 *
 * @packageDocumentation
 */
import { TracedText, type Edit } from './traced-text.ts'

interface Literal {
  /** Of the quotes. */
  readonly start: number
  readonly end: number
}

const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const ESCAPE = /\\(?:u([0-9a-f]{4})|(.))/gis
const LINE = '\n'

function literalsOf(json: string): Literal[] {
  const literals: Literal[] = []
  let start = json.indexOf('"')
  while (start !== -1) {
    let at = start + 1
    while (at < json.length && json.charCodeAt(at) !== 0x22)
      at += json.charCodeAt(at) === 0x5c ? 2 : 1
    if (at >= json.length) break
    literals.push({ start, end: at + 1 })
    start = json.indexOf('"', at + 1)
  }
  return literals
}

/** A name of a member: no sentence, and nothing that may be taken out. */
const NAME = /^"[^\s"]*"\s*:/

/**
 * What the strings say, one a line, with the way back to where they are spelled.
 *
 * @param of - `values`: without names of members that are one word.
 */
export function saidBy(json: string, of: 'all' | 'values'): TracedText {
  const edits: Edit[] = []
  let done = 0
  for (const { start, end } of literalsOf(json)) {
    if (of === 'values' && NAME.test(json.slice(start, end + 8))) continue
    edits.push({ start: done, end: start + 1, text: LINE })
    for (const found of json.slice(start + 1, end - 1).matchAll(ESCAPE)) {
      const at = start + 1 + found.index
      const text = unescaped(found)
      if (text !== undefined) edits.push({ start: at, end: at + found[0].length, text })
    }
    done = end - 1
  }
  edits.push({ start: done, end: json.length, text: LINE })
  return TracedText.of(json).edited(edits)
}

function unescaped([, hex, letter]: RegExpMatchArray): string | undefined {
  if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16))
  return ESCAPED[letter ?? '']
}

export function mapStrings(json: string, map: (text: string) => string): string {
  let result = ''
  let done = 0
  for (const { start, end } of literalsOf(json)) {
    const spelled = json.slice(start, end)
    const said = parsed(spelled)
    const mapped = map(said ?? spelled.slice(1, -1))
    result += json.slice(done, start)
    if (said === undefined) result += `"${mapped}"`
    else result += mapped === said ? spelled : JSON.stringify(mapped)
    done = end
  }
  return result + json.slice(done)
}

function parsed(spelled: string): string | undefined {
  try {
    return String(JSON.parse(spelled))
  } catch {
    return undefined
  }
}
