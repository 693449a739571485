/**
 * Account numbers: IBAN by country and checksum, and national forms behind their names.
 *
 * @packageDocumentation
 */
import * as cbu from 'stdnum/lib/cjs/ar/cbu.js'
import * as clabe from 'stdnum/lib/cjs/mx/clabe.js'
import * as kontonr from 'stdnum/lib/cjs/no/kontonr.js'
import * as bankNz from 'stdnum/lib/cjs/nz/bank.js'
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import { isVaried, remainder, validAsWritten, validFor, weigh } from './checksum.ts'
import type { NumberRow } from './row.ts'
import { isDigit, isWord } from './characters.ts'
import { compactOf, standsAlone } from './shape.ts'

/** ISO 13616 registry, release 99: characters of an IBAN by country. */
const IBAN_CHARS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 ' +
    'DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 ' +
    'IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 ' +
    'MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 ' +
    'SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)
const LONGEST_IBAN = 34

const isAlnum = (character: string) =>
  isWord(character) && character < '\u0080' && character !== '_'
const isJoint = (character: string) => character !== '' && ' -\u00a0\u202f'.includes(character)

function passesMod97(compact: string): boolean {
  return remainder(compact.slice(4) + compact.slice(0, 4), 97) === 1
}

function lookForIban(text: string, at: number, before: string, isEnd: boolean): Look {
  if (isWord(before)) return NO
  // Two letters and two digits: most words are none of it.
  const third = text.charAt(at + 2)
  if (third !== '' && !isDigit(third)) return NO
  let chars = 0
  let need = LONGEST_IBAN
  let next = at
  while (chars < need) {
    const character = text.charAt(next)
    if (character === '') return isEnd ? NO : MORE
    if (chars >= 4 && isJoint(character) && !isJoint(text.charAt(next - 1))) {
      next++
      continue
    }
    if (!isAlnum(character) || (chars < 4 && isDigit(character) !== chars > 1)) return NO
    chars++
    next++
    if (chars !== 2) continue
    need = IBAN_CHARS[text.slice(at, next).toUpperCase()] ?? 0
    if (need === 0) return NO
  }
  const alone = standsAlone(text, next, isEnd, 0)
  if (alone === 'more') return MORE
  if (alone === 'no' || !passesMod97(compactOf(text.slice(at, next)))) return NO
  return { is: 'yes', end: next, code: 'output.bank.iban' }
}

export const IBAN: Detector = {
  code: 'output.bank',
  class: 'bank',
  maxHoldBackChars: 2 * LONGEST_IBAN,
  example: 'GB82 WEST 1234 5698 7654 32',
  reason: 'moves money',
  onlyAtWordStart: true,
  startsWith: (unit) => unit < 128 && /[A-Za-z]/.test(String.fromCharCode(unit)),
  look: lookForIban,
}

const ACCOUNT_LABELS = [
  'bank account',
  'account number',
  'account no',
  'account no.',
  'account #',
  'account#',
  'acct',
  'acct no',
  'acct #',
  'checking account',
  'savings account',
  'kontonummer',
  'konto nr',
  'numéro de compte',
  'número de cuenta',
  'numero di conto',
  'número da conta',
  'rekeningnummer',
  'numer konta',
  'номер счета',
  'номер счёта',
  '口座番号',
  '账号',
  '계좌번호',
]

/** IBAN has a detector of its own and is here for its vectors. */
export const IBAN_ROW: NumberRow = {
  name: 'iban',
  examples: ['GB82 WEST 1234 5698 7654 32', 'de89370400440532013000', 'NO93-8601-1117-947'],
  counterexamples: ['GB82 WEST 1234 5698 7654 33', 'XX82 WEST 1234 5698 7654 32', 'GB82 WEST'],
  reason: 'moves money',
  source: 'ISO 13616, with the lengths of its registry',
}

export const BANK_NUMBERS: readonly NumberRow[] = [
  {
    name: 'us-routing',
    labelled: ['9999~9999~9'],
    labels: ['routing', 'routing number', 'aba', 'aba routing', 'rtn', 'routing transit'],
    accepts: (digits) => isVaried(digits) && weigh(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0,
    examples: ['routing number 021000021', 'ABA 1210-0035-8'],
    counterexamples: ['routing number 021000022', '021000021'],
    reason: 'with the account number it draws money',
    source: 'ABA, routing number policy',
  },
  {
    name: 'gb-sort-code',
    labelled: ['99-99-99', '99 99 99', '9{6}'],
    labels: ['sort code', 'sortcode'],
    examples: ['sort code 20-00-00', 'Sort Code: 560036'],
    counterexamples: ['20-00-00', 'sort code 20-00'],
    reason: 'with the account number it draws money',
    source: 'UK Finance, sort codes',
  },
  {
    name: 'mx-clabe',
    labelled: ['9{18}'],
    labels: ['clabe', 'clabe interbancaria', ...ACCOUNT_LABELS],
    accepts: validFor(clabe),
    examples: ['CLABE 032180000118359719'],
    counterexamples: ['CLABE 032180000118359718', '032180000118359719'],
    reason: 'moves money in Mexico',
    source: 'stdnum mx/clabe',
  },
  {
    name: 'ar-cbu',
    free: ['9{22}'],
    accepts: validFor(cbu),
    examples: ['2850590940090418135201'],
    counterexamples: ['2810590940090418135201'],
    reason: 'moves money in Argentina',
    source: 'stdnum ar/cbu',
  },
  {
    name: 'nz-account',
    free: ['99-9{3,4}-9{7}-9{2,3}'],
    accepts: validAsWritten(bankNz),
    examples: ['01-902-0068389-00'],
    counterexamples: ['01-902-0068388-00'],
    reason: 'moves money in New Zealand',
    source: 'stdnum nz/bank',
  },
  {
    name: 'no-konto',
    labelled: ['9999~99~99999'],
    labels: ['kontonr', 'kontonummer', 'konto'],
    accepts: validFor(kontonr),
    examples: ['kontonummer 8601 11 17947'],
    counterexamples: ['kontonummer 8601 11 17949', '8601 11 17947'],
    reason: 'moves money in Norway',
    source: 'stdnum no/kontonr',
  },
  {
    name: 'account',
    labelled: [
      '9{6,17}',
      '9{2,6}-9{3,10}',
      '9{2,6}-9{3,8}-9{1,8}',
      '9{4} 9{4}',
      '9999 9999 9{2,8}',
    ],
    labels: ACCOUNT_LABELS,
    accepts: isVaried,
    examples: ['account number 12345678', 'Acct #: 000123456789', 'bank account 945456787654'],
    counterexamples: ['12345678', 'account number 2024', 'account number 00000000'],
    reason: 'with the bank it draws money; no checksum, so only behind its name',
    source: 'by its label alone',
  },
]
