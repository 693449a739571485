/**
 * The skeleton of a text, for matching only: the model of the answer gets what was written.
 *
 * Compatibility forms become their letter everywhere. A word that mixes scripts, or that consists
 * of lookalikes alone in a Latin text, becomes the Latin word it is taken for (UTS 39's skeleton,
 * cut to the letters that matter). An honest Russian or Greek word stays what it is.
 *
 * @packageDocumentation
 */
import { PROTOTYPES } from './lookalike-table.ts'
import type { TracedText } from './traced-text.ts'

const PLAIN = /^[\0-\u024f]*$/
/** Full width, mathematical, circled and letterlike: NFKC knows what they stand for. */
const COMPATIBLE =
  /[\u2100-\u214f\u2460-\u24ff\ua770\uff01-\uff5e\u{1d400}-\u{1d7ff}\u{1f100}-\u{1f18a}]+/gu
const WORD = /[\p{L}\p{M}]+/gu
const FOREIGN = /[^\P{L}\0-\u024f]/u
/** Marks upon marks, as in text that drips: the letters below are meant. */
const STACKED = /[\u0300-\u036f]+/g
const LATIN = /[a-z]/i
const MARKS = /\p{M}+/gu
const CASELESS_LENGTH = /[\u0130]/g

export interface Skeleton {
  /** Lower case, for rules and for the model. */
  readonly traced: TracedText
  /** Words that mix scripts, as places in the text given. */
  readonly mixed: readonly { readonly start: number; readonly end: number }[]
}

export function skeletonOf(clean: TracedText): Skeleton {
  if (PLAIN.test(clean.text)) return { traced: lowered(clean), mixed: [] }
  const mixed: { start: number; end: number }[] = []
  const compatible = clean.rewrite(COMPATIBLE, (piece) => piece.normalize('NFKC'))
  const bare = compatible.rewrite(STACKED, () => '')
  const isLatinText = mostlyLatin(bare.text)
  const folded = bare.rewrite(WORD, (word, at) => {
    if (!FOREIGN.test(word)) return word
    const latin = latinOf(word)
    if (latin === undefined) return word
    if (LATIN.test(word)) {
      mixed.push({ start: bare.startOf(at), end: bare.endOf(at + word.length) })
      return latin
    }
    return isLatinText && word.length > 2 ? latin : word
  })
  return { traced: lowered(folded), mixed }
}

/** Nothing when a letter of the word looks like no Latin one. */
function latinOf(word: string): string | undefined {
  let latin = ''
  for (const letter of word.replaceAll(MARKS, '')) {
    const known = letter <= '\u024f' ? letter : PROTOTYPES.get(letter)
    if (known === undefined) return undefined
    latin += known
  }
  return latin
}

function mostlyLatin(text: string): boolean {
  let latin = 0
  let others = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i) | 0x20
    if (unit >= 0x61 && unit <= 0x7a) latin++
    else if (unit >= 0x370 && unit <= 0x13ff) others++
  }
  return latin > 2 * others
}

/** Lower case without a change of length, which `İ` alone would make. */
function lowered(from: TracedText): TracedText {
  const lower = from.text.replaceAll(CASELESS_LENGTH, 'I').toLowerCase()
  return lower.length === from.text.length ? from.respelled(lower) : from
}
