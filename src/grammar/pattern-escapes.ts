/**
 * What stands after a backslash in a pattern, as ECMA-262 has it under flag `u`.
 *
 * @packageDocumentation
 */
import { codePoints, complementOf, type CodePoints } from './code-points.ts'
import type { PatternReader } from './pattern-reader.ts'

const DIGITS = codePoints([[0x30, 0x39]])
const WORD = codePoints([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
])
const SPACE = codePoints([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
])

/** Everything but the four ends of a line. */
export const DOT = complementOf(
  codePoints([
    [0x0a, 0x0a],
    [0x0d, 0x0d],
    [0x2028, 0x2029],
  ]),
)

const CLASSES: Readonly<Record<string, CodePoints>> = {
  d: DIGITS,
  D: complementOf(DIGITS),
  w: WORD,
  W: complementOf(WORD),
  s: SPACE,
  S: complementOf(SPACE),
}

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

/** The set of `\d`, `\w`, `\s` and their opposites, or null when something else stands here. */
export function classEscape(reader: PatternReader): CodePoints | null {
  for (const [letter, set] of Object.entries(CLASSES)) {
    if (reader.take(letter)) return set
  }
  return null
}

/** @returns One code point. */
export function characterEscape(reader: PatternReader): number {
  for (const [letter, point] of Object.entries(CONTROLS)) {
    if (reader.take(letter)) return point
  }
  if (reader.take('u')) return unicodeEscape(reader)
  if (reader.take('x')) return wanted(reader, reader.hex(2))
  if (reader.take('c')) return controlLetter(reader)
  if (reader.sees('0')) return zero(reader)
  if (reader.seesOneOf('bB')) throw reader.flaw('word boundaries are not supported')
  if (reader.seesOneOf('pP')) throw reader.flaw('Unicode properties are not supported')
  if (reader.seesOneOf('k123456789')) throw reader.flaw('back references are not supported')
  // Flag u knows fewer of these; without it they all stand for themselves.
  if (reader.seesOneOf('^$\\.*+?()[]{}|/-_!"#%&\',:;<=>@`~ ')) return reader.next()
  throw reader.flaw('an unknown escape')
}

function wanted(reader: PatternReader, point: number | null): number {
  if (point === null) throw reader.flaw('hexadecimal digits are missing')
  return point
}

function zero(reader: PatternReader): number {
  reader.take('0')
  if (reader.seesOneOf('0123456789')) throw reader.flaw('octal escapes are not supported')
  return 0
}

function controlLetter(reader: PatternReader): number {
  const point = reader.next()
  const isLetter = (point >= 0x41 && point <= 0x5a) || (point >= 0x61 && point <= 0x7a)
  if (!isLetter) throw reader.flaw('a control escape without a letter')
  return point % 32
}

function unicodeEscape(reader: PatternReader): number {
  const point = reader.take('{') ? bracedPoint(reader) : wanted(reader, reader.hex(4))
  const isHigh = point >= 0xd800 && point <= 0xdbff
  if (isHigh && reader.take('\\u')) {
    const low = wanted(reader, reader.hex(4))
    if (low >= 0xdc00 && low <= 0xdfff) return (point - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000
  }
  if (point >= 0xd800 && point <= 0xdfff) throw reader.flaw('a lone surrogate')
  return point
}

function bracedPoint(reader: PatternReader): number {
  const digits = reader.until('}')
  const point = /^[0-9a-fA-F]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : Infinity
  if (point > 0x10ffff) throw reader.flaw('a code point that does not exist')
  return point
}
