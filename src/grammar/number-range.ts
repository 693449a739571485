/**
 * Ranges of numbers: what `type: integer` and the four bounds leave.
 *
 * @packageDocumentation
 */
export interface NumberRange {
  readonly isInteger: boolean
  /** −Infinity: no bound. */
  readonly low: number
  readonly lowIsOut: boolean
  /** Infinity: no bound. */
  readonly high: number
  readonly highIsOut: boolean
}

export const ALL_NUMBERS: NumberRange = {
  isInteger: false,
  low: -Infinity,
  lowIsOut: false,
  high: Infinity,
  highIsOut: false,
}

/** Outside of these two a double is no longer the integer that was written. */
export const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER

export function numbersInBoth(a: NumberRange, b: NumberRange): NumberRange {
  const low = Math.max(a.low, b.low)
  const high = Math.min(a.high, b.high)
  return {
    isInteger: a.isInteger || b.isInteger,
    low,
    lowIsOut: (a.low === low && a.lowIsOut) || (b.low === low && b.lowIsOut),
    high,
    highIsOut: (a.high === high && a.highIsOut) || (b.high === high && b.highIsOut),
  }
}

/** The integers of a range that can be written: first and last, both inside. */
export function integersOf(range: NumberRange): { first: number; last: number } {
  const first = range.lowIsOut ? Math.floor(range.low) + 1 : Math.ceil(range.low)
  const last = range.highIsOut ? Math.ceil(range.high) - 1 : Math.floor(range.high)
  return {
    // Adding 0 turns -0 into 0.
    first: Math.max(first, -LARGEST_INTEGER) + 0,
    last: Math.min(last, LARGEST_INTEGER) + 0,
  }
}

export function isEmptyRange(range: NumberRange): boolean {
  if (range.isInteger) {
    const { first, last } = integersOf(range)
    return first > last
  }
  return range.low > range.high || (range.low === range.high && (range.lowIsOut || range.highIsOut))
}

export function isInRange(range: NumberRange, value: number): boolean {
  if (range.isInteger && !Number.isInteger(value)) return false
  const isAbove = range.lowIsOut ? value > range.low : value >= range.low
  return isAbove && (range.highIsOut ? value < range.high : value <= range.high)
}
