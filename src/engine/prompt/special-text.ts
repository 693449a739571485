/**
 * Which texts become special tokens: all of them in the template's own words, none in a stranger's.
 *
 * llama.cpp matches user-defined tokens (`<think>`, `<tool_call>` in many models) also where special
 * tokens are off, so a stranger's spelling of one is cut in its middle before it is tokenised.
 *
 * @packageDocumentation
 */
export interface SpecialToken {
  readonly id: number
  readonly text: string
  readonly kind: 'control' | 'user-defined'
}

/** What the renderer needs of a vocabulary. */
export interface Vocabulary {
  readonly addsBos: boolean
  readonly bos: number | null
  readonly eos: number | null
  tokenize(text: string, mode: 'plain' | 'special'): Uint32Array
  specialTokens(): readonly SpecialToken[]
  textOf(id: number): string
}

export type Part = { readonly id: number } | { readonly text: string }

export class SpecialTexts {
  /** As llama.cpp: the longest spelling takes its places first, over the whole text. */
  readonly #byLength: readonly SpecialToken[]
  readonly #markup: readonly string[]
  readonly #markupIds: ReadonlySet<number>

  constructor(tokens: readonly SpecialToken[]) {
    this.#byLength = tokens
      .filter(({ text }) => text !== '')
      .toSorted((a, b) => b.text.length - a.text.length)
    // Runs of spaces and line feeds are user-defined in some vocabularies: they say nothing.
    const markup = tokens.filter(
      ({ kind, text }) => kind === 'user-defined' && text.length > 1 && /[^\s\u2581]/u.test(text),
    )
    this.#markup = markup.map(({ text }) => text)
    this.#markupIds = new Set([
      ...markup.map(({ id }) => id),
      ...tokens.filter(({ kind }) => kind === 'control').map(({ id }) => id),
    ])
  }

  /** The template's own words: special tokens as ids, the rest as text. */
  split(words: string): Part[] {
    let parts: Part[] = [{ text: words }]
    for (const { id, text } of this.#byLength) {
      if (!words.includes(text)) continue
      parts = parts.flatMap((part) => ('id' in part ? [part] : splitAt(part.text, text, id)))
    }
    return parts.filter((part) => 'id' in part || part.text !== '')
  }

  /** Cuts the text so that no piece spells a user-defined token; joined, it is the text again. */
  cut(text: string): string[] {
    const cuts = new Set<number>()
    for (const spelling of this.#markup) {
      for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1)) {
        cuts.add(at + String.fromCodePoint(text.codePointAt(at) ?? 0).length)
      }
    }
    const ends = [...cuts, text.length].sort((a, b) => a - b)
    return ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end))
  }

  /** Whether the id opens or closes anything: no stranger's text may hold one. */
  isSpecial(id: number): boolean {
    return this.#markupIds.has(id)
  }
}

function splitAt(text: string, spelling: string, id: number): Part[] {
  return text
    .split(spelling)
    .flatMap((piece, i): Part[] => (i === 0 ? [{ text: piece }] : [{ id }, { text: piece }]))
}
