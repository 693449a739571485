/**
 * Payment card numbers: 12 to 19 digits in any grouping, of a known issuer, with a Luhn check.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import { isVaried, passesLuhn } from './checksum.ts'
import type { NumberRow } from './row.ts'
import { isDigit, isWord } from './characters.ts'

const MIN_DIGITS = 12
/** Shorter ones are written without blanks. */
const MIN_GROUPED = 14
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
  { name: 'JCB, before 2000', prefix: /^(?:2131|1800)/, digits: [15] },
  { name: 'UnionPay', prefix: /^62/, digits: [16, 17, 18, 19] },
  {
    name: 'Maestro',
    prefix: /^(?:0604|50|5[6-8]|6304|6390|6759|676[1-3])/,
    digits: [12, 13, 14, 15, 16, 17, 18, 19],
  },
]

function isCard(digits: string): boolean {
  return (
    ISSUERS.some((row) => row.digits.includes(digits.length) && row.prefix.test(digits)) &&
    passesLuhn(digits)
  )
}

const isSeparator = (character: string) => character !== '' && ' -.\u00a0\u202f'.includes(character)

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
    if (isWord(text.charAt(end)) && (isDigit(text.charAt(end)) || isWord(before))) continue
    // A short one in groups is three groups of anything.
    if (length < MIN_GROUPED && end - at > length) continue
    if (isCard(digits.slice(0, length))) return { is: 'yes', end }
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

export const CARD_ROW: NumberRow = {
  name: '',
  examples: ['4111 1111 1111 1111', '5555-5555-5555-4444', '378282246310005', '213123456789018'],
  counterexamples: ['4111 1111 1111 1112', '1234567890123456', '41111111111111111111'],
  reason: 'is money',
  source: 'ISO/IEC 7812',
}

/** Behind its name a number is one to its reader, also with a digit wrong. A right one is CARD's. */
export const CARD_NUMBERS: readonly NumberRow[] = [
  {
    name: 'labelled',
    labelled: ['9999~9999~9999~9999', '9999~999999~99999', '9999~999999~9999', '9{12,19}'],
    labels: [
      'card number',
      'card no',
      'card #',
      'card ending',
      'credit card',
      'credit card number',
      'debit card',
      'debit card number',
      'payment card',
      'visa',
      'mastercard',
      'amex',
      'american express',
      'cc number',
      'cc#',
      'cc',
      'pan',
      'kreditkarte',
      'kreditkartennummer',
      'carte bancaire',
      'carte de crédit',
      'tarjeta de crédito',
      'carta di credito',
      'cartão de crédito',
      'creditcard',
      'karta kredytowa',
    ],
    accepts: (digits) => isVaried(digits) && !isCard(digits),
    examples: ['card number 4111 1111 1111 1112', 'Visa: 4929123456789012'],
    counterexamples: ['4929123456789012', 'card number 12345'],
    reason: 'is money; behind its name also with a wrong check digit',
    source: 'by its label and length',
  },
  {
    name: 'called-card',
    labelled: ['9{15,16}'],
    labels: ['card', 'cards'],
    gap: 16,
    accepts: (digits) => passesLuhn(digits) && !isCard(digits),
    examples: ['with the card 3502173000426819'],
    counterexamples: ['3502173000426819', 'library card 3502173000426818'],
    reason: 'is money; of an issuer that is not in the table',
    source: 'ISO/IEC 7812-1 annex B',
  },
  {
    name: 'cvv',
    labelled: ['9{3,4}'],
    labels: ['cvv', 'cvv2', 'cvc', 'cvc2', 'card verification', 'kartenprüfnummer'],
    accepts: (digits) => !/^(?:19|20)\d\d$/.test(digits),
    examples: ['CVV: 123', 'CVC 9876'],
    counterexamples: ['123', 'CVV: 12345', 'CVC of 2024'],
    reason: 'pays together with the number',
    source: 'PCI DSS, card verification code',
  },
]
