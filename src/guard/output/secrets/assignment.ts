/**
 * How a value is given to a name: `name = "value"`, `"name": "value"`, `<name>value</name>`,
 * `NAME=value`, `name => 'value'`, `name: |` and the line below, `name: Type = "value"`,
 * `name: {"key": "value"}`, `the name is value`, `--name value`.
 *
 * @packageDocumentation
 */
import { isIn, tableOf } from './characters.ts'

/** Longest name that is read; the rest of a longer run of letters is no name of anything. */
const MAX_NAME = 80
/** Between the word with the label and the sign of the assignment. */
const MAX_GAP = 26
const MAX_SIGNS = 24
const MAX_BETWEEN = 40
const MAX_LEAD = 12
const MAX_VALUE = 200
export const MAX_ASSIGNMENT =
  MAX_NAME + MAX_GAP + 2 * (MAX_SIGNS + MAX_LEAD) + MAX_BETWEEN + MAX_VALUE + 4

const NAME = tableOf('A-Za-z0-9_-')
const GAP = tableOf('A-Za-z0-9_. \\t\'"`\\\\\\])?*&!+/-')
const SIGN = tableOf('=:>|,(')
const SIGNS = tableOf('=:>|,(?+~*{[\\\\ \\t\\r\\n\'"`')
const SPACES = tableOf(' \\t*\'"`')
const QUOTE = tableOf('\'"`')
const UNQUOTED_STOP = tableOf('\\x00-\\x20\'"`,;<>)(\\[\\]{}|&\\\\')
const IN_QUOTES_STOP = tableOf('\\x00-\\x20\\\\')
const SAID = ' is '
/** In front of a value: the scheme of a credential, or what a language writes in front of a text. */
const LEAD = /^(?:(?:bearer|basic|token|apikey|api-key|key)[ \t]+|[@a-z]{1,2}(?=["'`]))/i
const POSSIBLE_LEAD = /^[@a-z-]{1,7}[ \t]*$/i
/** Between two values of which the first is a type or a name: `: String = "`, `: {"key": "`. */
const GOES_ON = /^(?:["'`]?\s*:|\s+:?=|\s*\|\s*\w{1,12}\s*=)/
const POSSIBLE_GOING_ON = /^["'`]?\s*(?::|\|\s*\w{0,12}\s*)?$/

export interface Value {
  readonly start: number
  readonly end: number
  /** `cut`: longer than is read. */
  readonly length: 'whole' | 'cut'
  /** The mark in front of it, or ''. */
  readonly quote: string
  /** `said`: by the word `is`; `space`: by standing behind it. */
  readonly by: 'sign' | 'said' | 'space'
  /** Behind it: '' at the end. */
  readonly after: string
  /** Where the name and what belongs to it end. */
  readonly nameEnd: number
}

export type Assigned = 'more' | Value | undefined

export function endOfName(text: string, at: number): number {
  return endOf(NAME, text, at, MAX_NAME)
}

function endOf(table: Uint8Array, text: string, from: number, most: number): number {
  const limit = Math.min(text.length, from + most)
  let at = from
  while (at < limit && isIn(table, text.charCodeAt(at))) at++
  return at
}

/** The value given to the name that ends at `from`, by a sign or by the word `is`. */
export function assignedTo(text: string, from: number, isEnd: boolean): Assigned {
  const limit = from + MAX_GAP
  let at = from
  while (at < limit && at < text.length && isIn(GAP, text.charCodeAt(at))) {
    if (text.charCodeAt(at) === 0x20) {
      if (text.startsWith(SAID, at)) return valueAt(text, at + SAID.length, at, 'said', isEnd)
      if (!isEnd && SAID.startsWith(text.slice(at))) return 'more'
    }
    at++
  }
  if (at === text.length) return isEnd ? undefined : 'more'
  if (!isIn(SIGN, text.charCodeAt(at))) return undefined
  const first = valueBehindSigns(text, from, at, isEnd)
  // A comma ends what came before it: no value goes on behind it.
  return text.charAt(at) === ',' ? first : lastOfTwo(text, first, isEnd)
}

/** The value that stands behind the name with nothing but a space and a quote between. */
export function standsBehind(text: string, from: number, isEnd: boolean): Assigned {
  const start = endOf(SPACES, text, from, MAX_SIGNS)
  if (start === text.length && !isEnd) return 'more'
  return start === from ? undefined : valueAt(text, start, from, 'space', isEnd)
}

function lastOfTwo(text: string, first: Assigned, isEnd: boolean): Assigned {
  if (first === undefined || first === 'more') return first
  if (first.end - first.start > MAX_BETWEEN) return first
  // An unquoted name keeps its colon: `vendor:` and `  key: value` on the next line.
  const end = text.charAt(first.end - 1) === ':' ? first.end - 1 : first.end
  const behind = text.slice(end, end + MAX_LEAD)
  if (!isEnd && end + behind.length === text.length && POSSIBLE_GOING_ON.test(behind)) return 'more'
  const between = GOES_ON.exec(behind)
  if (between === null) return first
  const sign = end + between[0].length - 1
  return valueBehindSigns(text, sign, sign, isEnd) ?? first
}

function valueBehindSigns(text: string, nameEnd: number, sign: number, isEnd: boolean): Assigned {
  let start = endOf(SIGNS, text, sign, MAX_SIGNS)
  // `>-` and `|-` of YAML.
  if (text.charAt(start) === '-' && /[>|]/.test(text.charAt(start - 1))) {
    start = endOf(SIGNS, text, start + 1, MAX_SIGNS - (start - sign))
  }
  if (start === text.length) return isEnd ? undefined : 'more'
  const signs = text.slice(sign, start)
  const isQuoted = isIn(QUOTE, signs.charCodeAt(signs.length - 1))
  const first = signs.charAt(0)
  // A call of the name itself, not of a method of it.
  if (first === '(' && (!isQuoted || sign > nameEnd)) return undefined
  // A row of a table, not of alternatives.
  if (first === '|' && !/^\|(?:\|?=|[ \t\r\n])/.test(signs)) return undefined
  // What comes behind a comma is another one's.
  if (signs.includes(',', 1)) return undefined
  if (first === ',' && !isQuoted && !isIn(QUOTE, text.charCodeAt(sign - 1))) return undefined
  // The next line of a list of settings is no value of this one.
  if (signs.endsWith('\n') && !/[>|]/.test(signs)) return undefined
  return valueAt(text, start, sign, 'sign', isEnd)
}

function valueAt(
  text: string,
  from: number,
  nameEnd: number,
  by: Value['by'],
  isEnd: boolean,
): Assigned {
  const known = text.slice(from, from + MAX_LEAD)
  if (!isEnd && from + known.length === text.length && POSSIBLE_LEAD.test(known)) return 'more'
  let start = from + (LEAD.exec(known)?.[0].length ?? 0)
  start = endOf(QUOTE, text, start, 2)
  const before = text.charAt(start - 1)
  const quote = isIn(QUOTE, before.charCodeAt(0)) ? before : ''
  const end = endOfValue(text, start, quote)
  const isCut = end - start === MAX_VALUE
  if (end === text.length && !isCut && !isEnd) return 'more'
  if (end === start) return undefined
  const length = isCut ? 'cut' : 'whole'
  return { start, end, length, quote, by, after: isCut ? '' : text.charAt(end), nameEnd }
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
