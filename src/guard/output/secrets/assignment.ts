/**
 * How a value is given to a name: `name = "value"`, `"name": "value"`, `<name>value</name>`,
 * `NAME=value`, `name => 'value'`, `name: |` and the line below, `the name is value`.
 *
 * @packageDocumentation
 */
import { isIn, tableOf } from './characters.ts'

/** Longest name that is read; the rest of a longer run of letters is no name of anything. */
export const MAX_NAME = 80
/** Between the word with the label and the sign of the assignment. */
const MAX_GAP = 26
const MAX_SIGNS = 24
export const MAX_VALUE = 200
export const MAX_ASSIGNMENT = MAX_NAME + MAX_GAP + MAX_SIGNS + 12 + MAX_VALUE + 2

const NAME = tableOf('A-Za-z0-9_-')
const GAP = tableOf('A-Za-z0-9_. \\t\'"`\\\\\\])?*&!+/-')
const SIGN = tableOf('=:>|,(')
const SIGNS = tableOf('=:>|,(?+~{[\\\\ \\t\\r\\n\'"`')
const QUOTE = tableOf('\'"`')
const UNQUOTED_STOP = tableOf('\\x00-\\x20\'"`,;<>)(\\[\\]{}|&\\\\')
const IN_QUOTES_STOP = tableOf('\\x00-\\x20\\\\')
const SAID = ' is '
const SCHEME = /^(?:bearer|basic|token|apikey|api-key|key)[ \t]+/i
const POSSIBLE_SCHEME = /^[a-z-]{1,7}[ \t]*$/i

export interface Value {
  readonly start: number
  readonly end: number
  /** `cut`: longer than is read. */
  readonly length: 'whole' | 'cut'
  /** The mark in front of it, or ''. */
  readonly quote: string
  /** `said`: by the word `is`. */
  readonly by: 'sign' | 'said'
  /** Behind it: '' at the end. */
  readonly after: string
}

export type Assigned =
  | { readonly is: 'no' | 'more' }
  | { readonly is: 'yes'; readonly nameEnd: number; readonly value: Value }

const NONE: Assigned = { is: 'no' }
const SHORT: Assigned = { is: 'more' }

export function endOfName(text: string, at: number): number {
  return endOf(NAME, text, at, MAX_NAME)
}

function endOf(table: Uint8Array, text: string, from: number, most: number): number {
  const limit = Math.min(text.length, from + most)
  let at = from
  while (at < limit && isIn(table, text.charCodeAt(at))) at++
  return at
}

/** The value given to the name that ends at `from`. */
export function assignedTo(text: string, from: number, isEnd: boolean): Assigned {
  const short = isEnd ? NONE : SHORT
  const limit = from + MAX_GAP
  let at = from
  while (at < limit && at < text.length && isIn(GAP, text.charCodeAt(at))) {
    if (text.charCodeAt(at) === 0x20) {
      if (text.startsWith(SAID, at)) return valueAt(text, at, at + SAID.length, 'said', isEnd)
      if (!isEnd && SAID.startsWith(text.slice(at))) return SHORT
    }
    at++
  }
  if (at === text.length) return short
  return isIn(SIGN, text.charCodeAt(at)) ? valueBehindSigns(text, at, isEnd) : NONE
}

function valueBehindSigns(text: string, sign: number, isEnd: boolean): Assigned {
  const start = endOf(SIGNS, text, sign, MAX_SIGNS)
  if (start === text.length) return isEnd ? NONE : SHORT
  const signs = text.slice(sign, start)
  const isQuoted = isIn(QUOTE, signs.charCodeAt(signs.length - 1))
  const first = signs.charAt(0)
  if (first === '(' && !isQuoted) return NONE
  if (first === ',' && !isQuoted && !isIn(QUOTE, text.charCodeAt(sign - 1))) return NONE
  // The next line of a list of settings is no value of this one.
  if (signs.endsWith('\n') && !/[>|]/.test(signs)) return NONE
  return valueAt(text, sign, start, 'sign', isEnd)
}

function valueAt(
  text: string,
  nameEnd: number,
  from: number,
  by: Value['by'],
  isEnd: boolean,
): Assigned {
  const known = text.slice(from, from + 12)
  const scheme = SCHEME.exec(known)?.[0].length ?? 0
  if (!isEnd && from + known.length === text.length && POSSIBLE_SCHEME.test(known)) return SHORT
  let start = from + scheme
  if (by === 'said') start = endOf(QUOTE, text, start, 2)
  const before = text.charAt(start - 1)
  const quote = isIn(QUOTE, before.charCodeAt(0)) ? before : ''
  const end = endOfValue(text, start, quote)
  const isCut = end - start === MAX_VALUE
  if (end === text.length && !isCut && !isEnd) return SHORT
  if (end === start) return NONE
  const value: Value = {
    start,
    end,
    length: isCut ? 'cut' : 'whole',
    quote,
    by,
    after: isCut ? '' : text.charAt(end),
  }
  return { is: 'yes', nameEnd, value }
}

function endOfValue(text: string, start: number, quote: string): number {
  const limit = Math.min(text.length, start + MAX_VALUE)
  const stop = quote === '' ? UNQUOTED_STOP : IN_QUOTES_STOP
  let end = start
  while (end < limit && !isIn(stop, text.charCodeAt(end)) && text.charAt(end) !== quote) end++
  return end
}

/** Goes on where a value was cut. */
export const VALUE_GOES_ON = /[A-Za-z0-9+/=_.~%:-]/
