/**
 * Numbers as rules: any number, integers from–to, decimals from–to.
 *
 * Integers are exact to ±(2⁵³ − 1). A number without bounds may carry an exponent; one with bounds
 * is written in plain digits, so that its digits can be compared from the left.
 *
 * @packageDocumentation
 */
import { decimalOf, fractionDigitsIn, MOST_WHOLE_DIGITS, type Decimal } from './number-digits.ts'
import { integersOf, type NumberRange } from './number-range.ts'
import type { RuleBook } from './rules.ts'

/** @returns A symbol. */
export function numberRule(range: NumberRange, book: RuleBook): string {
  if (range.isInteger) return book.rule(signedIntegers(range, book))
  const isUnbounded = range.low === -Infinity && range.high === Infinity
  return isUnbounded ? anyNumber(book) : book.rule(signedDecimals(range, book))
}

/** What a double is written as, by ECMAScript and by people; never beyond the largest double. */
function anyNumber(book: RuleBook): string {
  const whole = book.rule(`"0" | [1-9] [0-9]{0,${MOST_WHOLE_DIGITS - 1}}`)
  const fraction = book.rule('"." [0-9]{1,25}')
  const up = '"+"? ([0-9] | [1-9] [0-9] | [12] [0-9] [0-9] | "30" [0-7])'
  const down = '"-" ([0-9] | [1-9] [0-9] | [12] [0-9] [0-9] | "3" [01] [0-9] | "32" [0-3])'
  const exponent = book.rule(`[eE] (${up} | ${down})`)
  return book.rule(`"-"? (${whole} ${fraction}? | [0-9] ${fraction}? ${exponent})`)
}

function signedIntegers(range: NumberRange, book: RuleBook): string {
  const { first, last } = integersOf(range)
  const parts: string[] = []
  if (last >= 0) parts.push(...wholesBetween(BigInt(Math.max(first, 0)), BigInt(last), book))
  if (first < 0) {
    const nearest = BigInt(Math.max(-last, 1))
    const below = book.choice(wholesBetween(nearest, BigInt(-first), book))
    parts.push(`"-" ${below}`)
  }
  return parts.join(' | ')
}

/** Expressions for the integers from–to, both inside, 0 ≤ from ≤ to. */
function wholesBetween(from: bigint, to: bigint, book: RuleBook): string[] {
  const low = from.toString()
  const high = to.toString()
  if (low.length === high.length) return [digitsBetween(low, high, book)]
  const parts = [digitsBetween(low, '9'.repeat(low.length), book)]
  if (high.length - low.length > 1) {
    parts.push(`[1-9] ${anyDigits(low.length, high.length - 2)}`)
  }
  return [...parts, digitsBetween(`1${'0'.repeat(high.length - 1)}`, high, book)]
}

const anyDigits = (min: number, max: number) => `[0-9]{${min},${max}}`

/** Expression for numbers of one length from–to, digit by digit. */
function digitsBetween(low: string, high: string, book: RuleBook): string {
  const { length } = low
  if (/^0*$/.test(low) && /^9*$/.test(high)) return anyDigits(length, length)
  const parts = digitGroups(low, high).map(({ digits, isLow, isHigh }) => {
    if (length === 1) return digits
    const restLow = isLow ? low.slice(1) : '0'.repeat(length - 1)
    const restHigh = isHigh ? high.slice(1) : '9'.repeat(length - 1)
    return `${digits} ${digitsBetween(restLow, restHigh, book)}`
  })
  return book.choice(parts)
}

interface DigitGroup {
  /** A class. */
  readonly digits: string
  /** Whether the digit is the bound's own, so that the next one is bound too. */
  readonly isLow: boolean
  readonly isHigh: boolean
}

/** The first digits from–to, cut where the next digit is bound. */
function digitGroups(low: string, high: string): DigitGroup[] {
  const first = Number(low.charAt(0))
  const last = Number(high.charAt(0))
  if (first === last) return [{ digits: `[${first}]`, isLow: true, isHigh: true }]
  const between = { digits: `[${first + 1}-${last - 1}]`, isLow: false, isHigh: false }
  return [
    { digits: `[${first}]`, isLow: true, isHigh: false },
    ...(last - first > 1 ? [between] : []),
    { digits: `[${last}]`, isLow: false, isHigh: true },
  ]
}

function signedDecimals(range: NumberRange, book: RuleBook): string {
  const { low, high, lowIsOut, highIsOut } = range
  const room = fractionDigitsIn(range)
  const parts: string[] = []
  if (high > 0 || (high === 0 && !highIsOut)) {
    const span = { from: Math.max(low, 0), fromIsOut: low >= 0 && lowIsOut, to: high }
    parts.push(...magnitudes({ ...span, toIsOut: highIsOut }, room, book))
  }
  if (low < 0) {
    // "-0" is never written: the magnitude of a negative number begins above 0.
    const nearest = high < 0 ? { from: -high, fromIsOut: highIsOut } : { from: 0, fromIsOut: true }
    const below = magnitudes({ ...nearest, to: -low, toIsOut: lowIsOut }, room, book)
    if (below.length > 0) parts.push(`"-" ${book.choice(below)}`)
  }
  return parts.join(' | ')
}

interface Magnitudes {
  readonly from: number
  readonly fromIsOut: boolean
  /** Infinity: up to 21 digits. */
  readonly to: number
  readonly toIsOut: boolean
}

/** Expressions for decimals from–to, 0 ≤ from ≤ to, with so many digits behind the point. */
function magnitudes(span: Magnitudes, room: number, book: RuleBook): string[] {
  const from = decimalOf(span.from)
  const isEndless = span.to === Infinity
  const to: Decimal = isEndless
    ? { whole: 10n ** BigInt(MOST_WHOLE_DIGITS), fraction: '' }
    : decimalOf(span.to)
  const low = { digits: from.fraction, isOut: span.fromIsOut }
  const high = { digits: to.fraction, isOut: span.toIsOut || isEndless }
  if (from.whole === to.whole) return withFraction(`"${from.whole}"`, low, high, room, book)
  const between =
    to.whole - from.whole > 1n ? wholesBetween(from.whole + 1n, to.whole - 1n, book) : []
  return [
    ...withFraction(`"${from.whole}"`, low, null, room, book),
    ...(between.length > 0 ? withFraction(book.choice(between), null, null, room, book) : []),
    ...(isEndless ? [] : withFraction(`"${to.whole}"`, null, high, room, book)),
  ]
}

/** The digits of a bound that still bind, and whether the bound itself is out. */
interface FractionBound {
  readonly digits: string
  readonly isOut: boolean
}

/** Expressions for a whole part and every fraction between the bounds; null: no bound. */
function withFraction(
  whole: string,
  low: FractionBound | null,
  high: FractionBound | null,
  room: number,
  book: RuleBook,
): string[] {
  const tail = fraction(low, high, room, book)
  return [...(mayEnd(low, high) ? [whole] : []), ...(tail === null ? [] : [`${whole} "." ${tail}`])]
}

/** Whether the number that ends here lies between the bounds. */
function mayEnd(low: FractionBound | null, high: FractionBound | null): boolean {
  const isZero = (bound: FractionBound) => /^0*$/.test(bound.digits)
  const isHighEnough = low === null || (isZero(low) && !low.isOut)
  return isHighEnough && (high === null || !isZero(high) || !high.isOut)
}

/** Expression for one digit and what may follow it; null: there is none. */
function fraction(
  low: FractionBound | null,
  high: FractionBound | null,
  room: number,
  book: RuleBook,
): string | null {
  if (room <= 0) return null
  if (low === null && high === null) return anyDigits(1, room)
  const ways = Array.from({ length: 10 }, (_, digit) => {
    const nextLow = afterLow(low, digit)
    const nextHigh = afterHigh(high, digit)
    if (nextLow === undefined || nextHigh === undefined) return null
    const tail = fraction(nextLow, nextHigh, room - 1, book)
    const optional = mayEnd(nextLow, nextHigh)
    if (tail === null) return optional ? { digit, tail: '' } : null
    return { digit, tail: optional ? `${book.rule(tail)}?` : tail }
  }).filter((way) => way !== null)
  const tails = [...new Set(ways.map((way) => way.tail))]
  const parts = tails.map((tail) => {
    const digits = ways.filter((way) => way.tail === tail).map((way) => way.digit)
    return `[${digits.join('')}] ${tail}`.trim()
  })
  return parts.length === 0 ? null : book.choice(parts)
}

/** What of a lower bound binds after a digit; undefined: the digit is too low. */
function afterLow(low: FractionBound | null, digit: number): FractionBound | null | undefined {
  if (low === null) return null
  const own = Number(low.digits.charAt(0) || '0')
  if (digit < own) return undefined
  if (digit > own) return null
  const rest = { digits: low.digits.slice(1), isOut: low.isOut }
  return /^0*$/.test(rest.digits) && !rest.isOut ? null : rest
}

/** What of an upper bound binds after a digit; undefined: the digit is too high. */
function afterHigh(high: FractionBound | null, digit: number): FractionBound | null | undefined {
  if (high === null) return null
  const own = Number(high.digits.charAt(0) || '0')
  if (digit > own) return undefined
  if (digit < own) return null
  const rest = { digits: high.digits.slice(1), isOut: high.isOut }
  // Equal so far to a bound that is out, and nothing left to fall below it with.
  return /^0*$/.test(rest.digits) && rest.isOut ? undefined : rest
}
