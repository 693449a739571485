/**
 * Shapes of numbers: `999-99-9999`, walked over a text of which the end may not have come yet.
 *
 * What it gives: a verdict that no later character can change, in one pass, without a regular
 * expression. What it does not give: meaning; whether the digits belong together is asked of their
 * checksum.
 *
 * @packageDocumentation
 */
import {
  BLANK,
  CAPITAL,
  COMMA,
  DASH,
  DIGIT,
  DOT,
  kindOf,
  LETTER,
  OTHER_LETTER,
  SLASH,
  WORD,
} from './characters.ts'

/** What a walk says: `end` is where the shape ends. */
export type Walk =
  { readonly is: 'no' } | { readonly is: 'more' } | { readonly is: 'yes'; readonly end: number }

const NO: Walk = { is: 'no' }
const MORE: Walk = { is: 'more' }

interface Part {
  /** Kinds of characters that it takes; 0 for the one character `unit`. */
  readonly kinds: number
  readonly unit: number
  readonly min: number
  readonly max: number
}

export interface Shape {
  readonly parts: readonly Part[]
  readonly maxChars: number
  /** With blanks inside: one more group behind it would make it another number. */
  readonly isSpaced: boolean
  /** How many letters it can start with, before anything else comes. */
  readonly minLetters: number
  readonly maxLetters: number
}

/** Symbol of a template → the kinds it stands for. Any other character stands for itself. */
const SYMBOLS: Readonly<Record<string, number>> = {
  '9': DIGIT,
  A: LETTER,
  C: CAPITAL,
  X: DIGIT | LETTER,
  W: LETTER | OTHER_LETTER,
  /** Part of a reference number: `MRN-2024-0017`. */
  M: DIGIT | LETTER | DASH,
  /** Between the parts of a date. */
  S: BLANK | DASH | DOT | SLASH | COMMA,
  ' ': BLANK,
  '-': DASH,
  _: BLANK | DASH,
  '~': BLANK | DASH | DOT | SLASH,
}

/** As `X{2,9}`; `~` alone is a separator that may be missing; `\M` is the letter itself. */
const PART = /(\\?)(.)(?:\{(\d+)(?:,(\d+))?\})?/gsu

export function shapeOf(template: string): Shape {
  const parts = [...template.matchAll(PART)].map(([, escape, symbol = '', min, max]): Part => {
    const kinds = escape === '' ? (SYMBOLS[symbol] ?? 0) : 0
    const least = Number(min ?? (kinds === SYMBOLS['~'] ? 0 : 1))
    return { kinds, unit: symbol.charCodeAt(0), min: least, max: Number(max ?? min ?? 1) }
  })
  return {
    parts,
    maxChars: parts.reduce((sum, { max }) => sum + max, 0),
    isSpaced: /[ _~]/.test(template),
    ...lettersOf(parts),
  }
}

const takesLetters = ({ kinds, unit }: Part) =>
  ((kinds === 0 ? kindOf(unit) : kinds) & (LETTER | CAPITAL)) !== 0
const takesOthers = ({ kinds, unit }: Part) =>
  ((kinds === 0 ? kindOf(unit) : kinds) & ~(LETTER | CAPITAL)) !== 0 ||
  (kinds === 0 && kindOf(unit) === 0)

function lettersOf(parts: readonly Part[]): { minLetters: number; maxLetters: number } {
  let minLetters = 0
  let maxLetters = 0
  let isSure = true
  for (const part of parts) {
    if (!takesLetters(part) && part.min > 0) break
    if (!takesLetters(part)) continue
    if (takesOthers(part)) isSure = false
    if (isSure) minLetters += part.min
    maxLetters += part.max
  }
  return { minLetters, maxLetters }
}

/** Letters in a row; undefined where the text ends before they do. */
export function lettersAt(text: string, at: number, isEnd: boolean): number | undefined {
  let next = at
  while ((kindOf(text.charCodeAt(next)) & LETTER) !== 0) next++
  return next === text.length && !isEnd ? undefined : next - at
}

function takes(part: Part, unit: number): boolean {
  return part.kinds === 0 ? unit === part.unit : (kindOf(unit) & part.kinds) !== 0
}

export function canStart(shape: Shape, first: number): boolean {
  const [head] = shape.parts
  return head !== undefined && takes(head, first)
}

/** Whether a match can start with these two units. */
export function canGoOn(shape: Shape, first: number, second: number): boolean {
  const [head, next] = shape.parts
  if (head === undefined || !takes(head, first)) return false
  if (head.max > 1 && takes(head, second)) return true
  if (head.min > 1 || next === undefined) return false
  if (takes(next, second)) return true
  const third = shape.parts[2]
  return next.min === 0 && third !== undefined && takes(third, second)
}

/** Each part takes what it can: the next one starts with something else, or has a fixed length. */
export function walk(shape: Shape, text: string, at: number, isEnd: boolean): Walk {
  let next = at
  for (const part of shape.parts) {
    const from = next
    while (next < text.length && next - from < part.max && takes(part, text.charCodeAt(next))) {
      next++
    }
    if (next === text.length && next - from < part.max && !isEnd) return MORE
    if (next - from < part.min) return NO
  }
  return { is: 'yes', end: next }
}

export const JOINS = DASH | DOT
export const JOINS_OR_BLANK = JOINS | BLANK

/** Nothing of the number goes on at `end`: neither letters and digits nor, by `joins`, `-7` or ` 7`. */
export function standsAlone(
  text: string,
  end: number,
  isEnd: boolean,
  joins: number = JOINS,
): 'no' | 'more' | 'yes' {
  if (end === text.length) return isEnd ? 'yes' : 'more'
  const kind = kindOf(text.charCodeAt(end))
  if ((kind & WORD) !== 0) return 'no'
  if ((kind & joins) === 0) return 'yes'
  if (end + 1 === text.length) return isEnd ? 'yes' : 'more'
  return (kindOf(text.charCodeAt(end + 1)) & DIGIT) === 0 ? 'yes' : 'no'
}

/** Letters and digits alone, letters as capitals: the form that checksums are asked in. */
export function compactOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase()
}
