/**
 * What a character is, by one look into a table: the question that is asked most.
 *
 * @packageDocumentation
 */

/** Kinds, as bits; a character may be of several. */
export const DIGIT = 1
export const LETTER = 2
/** Of Latin, Greek and Cyrillic beyond ASCII, and `_`. */
export const OTHER_LETTER = 4
export const BLANK = 8
export const DASH = 16
export const DOT = 32
export const SLASH = 64
export const COMMA = 128
export const CAPITAL = 256

const TABLE_UNITS = 0x2030
const KINDS = new Uint16Array(TABLE_UNITS)

function set(kind: number, from: number, to = from): void {
  for (let unit = from; unit <= to; unit++) KINDS[unit] = kind
}
set(DIGIT, 0x30, 0x39)
set(LETTER | CAPITAL, 0x41, 0x5a)
set(LETTER, 0x61, 0x7a)
set(OTHER_LETTER, 0x5f)
set(OTHER_LETTER, 0xc0, 0x24f)
set(OTHER_LETTER, 0x370, 0x52f)
set(DOT, 0x2e)
set(SLASH, 0x2f)
set(COMMA, 0x2c)
for (const blank of ' \u00a0\u202f\u2009') set(BLANK, blank.charCodeAt(0))
for (const dash of '-\u2010\u2011\u2013') set(DASH, dash.charCodeAt(0))

/** 0 for what is of no kind, and for NaN, which `charCodeAt` gives behind the end. */
export function kindOf(unit: number): number {
  return KINDS[unit] ?? 0
}

export const WORD = DIGIT | LETTER | OTHER_LETTER

export const isDigit = (character: string) => (kindOf(character.charCodeAt(0)) & DIGIT) !== 0
/** A letter or a digit of a script that puts blanks between words. */
export const isWord = (character: string) => (kindOf(character.charCodeAt(0)) & WORD) !== 0
