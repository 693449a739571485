/**
 * Shapes of numbers: `999-99-9999`, walked over a text of which the end may not have come yet.
 *
 * What it gives: a verdict that no later character can change, in one pass, without a regular
 * expression. What it does not give: meaning; whether the digits belong together is asked of their
 * checksum.
 *
 * @packageDocumentation
 */

/** What a walk says: `end` is where the shape ends. */
export type Walk =
  { readonly is: 'no' } | { readonly is: 'more' } | { readonly is: 'yes'; readonly end: number }

interface Part {
  readonly allows: (character: string) => boolean
  readonly min: number
  readonly max: number
}

export interface Shape {
  readonly template: string
  readonly parts: readonly Part[]
  readonly maxChars: number
  /** With blanks inside: one more group behind it would make it another number. */
  readonly isSpaced: boolean
}

export const isDigit = (character: string) => character >= '0' && character <= '9'
const isLetter = (character: string) =>
  (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
const isBlank = (character: string) => character !== '' && ' \u00a0\u202f\u2009'.includes(character)
const isDash = (character: string) => character !== '' && '-\u2010\u2011\u2013'.includes(character)

/** A letter or a digit of a script that puts blanks between words. */
export const isWord = (character: string) =>
  isDigit(character) ||
  isLetter(character) ||
  character === '_' ||
  (character >= '\u00c0' && character <= '\u024f') ||
  (character >= '\u0370' && character <= '\u052f')

/** Symbol of a template → what it stands for. Any other character stands for itself. */
const SYMBOLS: Readonly<Record<string, Part['allows']>> = {
  '9': isDigit,
  A: isLetter,
  X: (character) => isDigit(character) || isLetter(character),
  W: (character) => isWord(character) && !isDigit(character),
  /** Part of a reference number: `MRN-2024-0017`. */
  M: (character) => isDigit(character) || isLetter(character) || character === '-',
  /** Between the parts of a date. */
  S: (character) => isBlank(character) || (character !== '' && '.,-/'.includes(character)),
  ' ': isBlank,
  '-': isDash,
  _: (character) => isBlank(character) || isDash(character),
  '~': (character) =>
    isBlank(character) || isDash(character) || character === '.' || character === '/',
}

/** As `X{2,9}`; `~` alone is a separator that may be missing; `\\M` is the letter itself. */
const PART = /(\\?)(.)(?:\{(\d+)(?:,(\d+))?\})?/gsu

export function shapeOf(template: string): Shape {
  const parts = [...template.matchAll(PART)].map(([, escape, symbol = '', min, max]): Part => {
    const isItself = (character: string) => character === symbol
    const allows = escape === '' ? (SYMBOLS[symbol] ?? isItself) : isItself
    if (symbol === '~') return { allows, min: Number(min ?? 0), max: 1 }
    return { allows, min: Number(min ?? 1), max: Number(max ?? min ?? 1) }
  })
  return {
    template,
    parts,
    maxChars: parts.reduce((sum, { max }) => sum + max, 0),
    isSpaced: /[ _~]/.test(template),
  }
}

/** Each part takes what it can: the next one starts with something else, or has a fixed length. */
export function walk(shape: Shape, text: string, at: number, isEnd: boolean): Walk {
  let next = at
  for (const { allows, min, max } of shape.parts) {
    const from = next
    while (next < text.length && next - from < max && allows(text.charAt(next))) next++
    if (next === text.length && next - from < max && !isEnd) return { is: 'more' }
    if (next - from < min) return { is: 'no' }
  }
  return { is: 'yes', end: next }
}

/** Nothing of the number goes on at `end`: neither letters and digits nor `-7`, `.7` or, strictly, ` 7`. */
export function standsAlone(
  text: string,
  end: number,
  isEnd: boolean,
  isStrict: (character: string) => boolean = (character) => isDash(character) || character === '.',
): 'no' | 'more' | 'yes' {
  if (end === text.length) return isEnd ? 'yes' : 'more'
  const next = text.charAt(end)
  if (isWord(next)) return 'no'
  if (!isStrict(next)) return 'yes'
  if (end + 1 === text.length) return isEnd ? 'yes' : 'more'
  return isDigit(text.charAt(end + 1)) ? 'no' : 'yes'
}

export const JOINS = (character: string) => isDash(character) || character === '.'
export const JOINS_OR_BLANK = (character: string) => JOINS(character) || isBlank(character)

/** Letters and digits alone, letters as capitals: the form that checksums are asked in. */
export function compactOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase()
}
