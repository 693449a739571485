/**
 * How telephone numbers are written: the run of digits and separators at a place, and the extension
 * behind it.
 *
 * @packageDocumentation
 */
import { BLANK, isDigit, kindOf } from './characters.ts'
import { shapeOf, walk, type Walk } from './shape.ts'

/** Digits of E.164, and its prefix `00` or `011`. */
export const MAX_DIGITS = 18
const MAX_RUN = 36
const SEPARATORS = ' -./()\u00a0\u202f\u2009\u2010\u2011\u2013'
const MAX_SEPARATORS = 3

export interface Run {
  /** Whether the text ended before the run did. */
  readonly isOpen: boolean
  /** Places at which a group of digits ends, from the first to the last. */
  readonly ends: readonly number[]
}

const isBlank = (character: string) => (kindOf(character.charCodeAt(0)) & BLANK) !== 0

/** `+` or `(` may stand first; what follows are groups of digits. */
export function runAt(text: string, at: number): Run {
  const ends: number[] = []
  let next = at
  if (text.charAt(next) === '+') next++
  if (next > at && isBlank(text.charAt(next))) return { isOpen: false, ends }
  let digits = 0
  let separators = 0
  while (next < text.length && next - at < MAX_RUN && digits <= MAX_DIGITS) {
    const character = text.charAt(next)
    if (isDigit(character)) {
      digits++
      separators = 0
      if (!isDigit(text.charAt(next + 1))) ends.push(next + 1)
    } else if (!SEPARATORS.includes(character) || ++separators > MAX_SEPARATORS) break
    next++
  }
  return { isOpen: next === text.length, ends }
}

/** `x` and `X` are letters here, not symbols. */
const EXTENSIONS = [
  'x9{1,6}',
  ' x9{1,6}',
  ' x 9{1,6}',
  'ext9{1,6}',
  ' ext9{1,6}',
  ' ext 9{1,6}',
  ' ext. 9{1,6}',
  ' ext.9{1,6}',
  ', ext 9{1,6}',
  ', ext. 9{1,6}',
  ' Ext 9{1,6}',
  ' Ext. 9{1,6}',
  ', Ext. 9{1,6}',
  ' extension 9{1,6}',
  ', extension 9{1,6}',
  '#9{1,6}',
  ' #9{1,6}',
  ' доб. 9{1,6}',
].map(shapeOf)

export const MAX_EXTENSION = Math.max(...EXTENSIONS.map(({ maxChars }) => maxChars))

export function extensionAt(text: string, at: number, isEnd: boolean): Walk {
  for (const shape of EXTENSIONS) {
    const found = walk(shape, text, at, isEnd)
    if (found.is !== 'no') return found
  }
  return { is: 'no' }
}

/** Forms of North America, Brazil and Russia that nothing else is written in. */
export const PUNCTUATED = [
  '999-999-9999',
  '999.999.9999',
  '(999)999-9999',
  '(999) 999-9999',
  '(999)-999-9999',
  '(999) 999 9999',
  '(999) 999.9999',
  '(999)999.9999',
  '(999)9999999',
  '(999) 9999999',
  '999/999-9999',
  '999 999-9999',
  '1-999-999-9999',
  '1.999.999.9999',
  '1 (999) 999-9999',
  '1-(999)-999-9999',
  '1 999-999-9999',
  '001-999-999-9999',
  '(99) 9{4,5}-9{4}',
  '(99)9{4,5}-9{4}',
  '8 (999) 999-99-99',
  '8(999)999-99-99',
].map(shapeOf)

/** With blanks alone: only with an area and an exchange that may exist. */
export const SPACED_NORTH_AMERICAN = ['999 999 9999', '1 999 999 9999'].map(shapeOf)

/** Dates, years, amounts, IP addresses, SSNs, ZIP codes and ISBNs, which a label for telephones does not make a number. */
const OTHERS: readonly RegExp[] = [
  /^\d{4}[-./]\d{1,2}[-./]\d{1,2}(?:\D|$)/,
  /^\d{1,2}[-./]\d{1,2}[-./]\d{4}(?:\D|$)/,
  /^\d{3}-\d{2}-\d{4}$/,
  /^\d+\.\d+$/,
  /^\d{1,4}(?:\.\d{1,4}){3}$/,
  /^(?:19|20)\d{2}(?:(?: ?[-/–] ?| {1,3})(?:19|20)\d{2})+$/,
  /^\d{5}-\d{4}$/,
  /^\d{4}[ -]\d{4}[ -]\d{4}/,
  /^97[89]-\d{1,5}-\d{1,7}-\d{1,7}-\d$/,
]

export const isOther = (run: string) => OTHERS.some((form) => form.test(run))
