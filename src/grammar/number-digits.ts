/**
 * Numbers as their decimal digits, and which bounds can be told by digits alone.
 *
 * A bound is taken as the shortest decimal that reads back as the same double, which is what the
 * schema's author wrote or meant. Reading a decimal as a double never turns two numbers around, so
 * a text that is within the bounds by its digits is within them as a double; only an exclusive bound
 * could be met by rounding, and 15 digits, all told, never round onto another number.
 *
 * @packageDocumentation
 */
import type { NumberRange } from './number-range.ts'
import type { NumberBounds } from './schema-node.ts'

/** A magnitude: the digits before the point as an integer, and those behind it. */
export interface Decimal {
  readonly whole: bigint
  readonly fraction: string
}

/** Above this a number is written with an exponent by everyone. */
export const MOST_WHOLE_DIGITS = 21
const MOST_FRACTION_DIGITS = 20
const EXACT_DIGITS = 15

/** @param value - Finite; its sign is dropped. */
export function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(Math.abs(value)).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  if (point <= 0) return { whole: 0n, fraction: '0'.repeat(-point) + digits }
  const padded = digits.padEnd(point, '0')
  return { whole: BigInt(padded.slice(0, point)), fraction: padded.slice(point) }
}

/** How many digits may stand behind the point of a number in this range. */
export function fractionDigitsIn(range: NumberRange): number {
  const room = [range.lowIsOut ? range.low : null, range.highIsOut ? range.high : null]
    .filter((bound) => bound !== null && Number.isFinite(bound))
    .map((bound) => EXACT_DIGITS - wholeDigits(decimalOf(bound ?? 0)))
  return Math.min(MOST_FRACTION_DIGITS, ...room)
}

const wholeDigits = (decimal: Decimal) => decimal.whole.toString().length

/** Which bound of a range has more digits than can be told apart; null when none has. */
export function checkedRange(
  range: NumberRange,
): { keyword: keyof NumberBounds; reason: string } | null {
  if (range.isInteger) return null
  const bounds = [
    { value: range.low, keyword: range.lowIsOut ? 'exclusiveMinimum' : 'minimum' },
    { value: range.high, keyword: range.highIsOut ? 'exclusiveMaximum' : 'maximum' },
  ] as const
  const room = fractionDigitsIn(range)
  const wrong = bounds.find(({ value }) => Number.isFinite(value) && !fits(value, room))
  if (wrong === undefined) return null
  return { keyword: wrong.keyword, reason: 'has more digits than a grammar can compare' }
}

function fits(value: number, room: number): boolean {
  const decimal = decimalOf(value)
  return wholeDigits(decimal) <= MOST_WHOLE_DIGITS && decimal.fraction.length <= room
}
