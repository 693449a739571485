/**
 * Payment card numbers: 13 to 19 digits in any grouping, of a known issuer, with a Luhn check.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from './detector.ts'

const MIN_DIGITS = 13
const MAX_DIGITS = 19

/** ISO/IEC 7812 ranges as their issuers publish them: first digits, and the lengths in use. */
const ISSUERS: readonly { name: string; prefix: RegExp; digits: readonly number[] }[] = [
  { name: 'Visa', prefix: /^4/, digits: [13, 16, 19] },
  {
    name: 'Mastercard',
    prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/,
    digits: [16],
  },
  { name: 'American Express', prefix: /^3[47]/, digits: [15] },
  { name: 'Diners Club', prefix: /^(?:30[0-5]|3[689])/, digits: [14, 15, 16, 17, 18, 19] },
  { name: 'Discover', prefix: /^(?:6011|64[4-9]|65)/, digits: [16, 17, 18, 19] },
  { name: 'JCB', prefix: /^35(?:2[89]|[3-8])/, digits: [16, 17, 18, 19] },
  { name: 'UnionPay', prefix: /^62/, digits: [16, 17, 18, 19] },
  {
    name: 'Maestro',
    prefix: /^(?:5018|5020|5038|5893|6304|6759|676[1-3])/,
    digits: [13, 14, 15, 16, 17, 18, 19],
  },
]

/** ISO/IEC 7812-1 annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.charAt(digits.length - 1 - i))
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit
  }
  return sum % 10 === 0
}

function isCard(digits: string): boolean {
  return (
    ISSUERS.some((row) => row.digits.includes(digits.length) && row.prefix.test(digits)) &&
    passesLuhn(digits)
  )
}

const isDigit = (character: string) => character >= '0' && character <= '9'
const isSeparator = (character: string) => character === ' ' || character === '-'

function look(text: string, at: number, before: string, isEnd: boolean): Look {
  if (isDigit(before)) return NO
  /** Where the number would end with as many digits as the index says. */
  const ends: number[] = []
  let digits = ''
  let next = at
  while (next < text.length && digits.length <= MAX_DIGITS) {
    const character = text.charAt(next)
    if (isDigit(character)) {
      digits += character
      ends[digits.length] = next + 1
    } else if (!isSeparator(character) || !isDigit(text.charAt(next - 1))) break
    next++
  }
  if (next === text.length && digits.length <= MAX_DIGITS && !isEnd) return MORE
  for (let length = Math.min(MAX_DIGITS, digits.length); length >= MIN_DIGITS; length--) {
    const end = ends[length] ?? 0
    if (!isDigit(text.charAt(end)) && isCard(digits.slice(0, length))) return { is: 'yes', end }
  }
  return NO
}

export const CARD: Detector = {
  code: 'output.card',
  class: 'card',
  // Twenty digits, with a separator after each.
  maxHoldBackChars: 2 * (MAX_DIGITS + 1),
  example: '4111 1111 1111 1111',
  reason: 'is money',
  startsWith: (unit) => unit >= 0x30 && unit <= 0x39,
  look,
}
