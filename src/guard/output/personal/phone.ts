/**
 * Telephone numbers: with `+` or `00` by libphonenumber's plans, in national forms by their
 * punctuation, and in any form behind words such as "call me at".
 *
 * Possible numbers count, not only those given out: a number made up for a form is a number to its
 * reader. What it does not find: national numbers without punctuation and without such a word.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import {
  extensionAt,
  isOther,
  MAX_EXTENSION,
  PUNCTUATED,
  runAt,
  SPACED_NORTH_AMERICAN,
} from './phone-forms.ts'
import { PHONE_LABELS, PHONE_WORDS, type PhoneRow } from './phone-labels.ts'
import { isPossible, TRUNK_PLANS } from './phone-plans.ts'
import { isBarred, labelDetector, type NumberRow, type OtherLabels } from './row.ts'
import { standsAlone, walk, type Shape } from './shape.ts'

const MAX_CHARS = 36 + MAX_EXTENSION + 2
const MIN_ABROAD = 8
const digitsOf = (text: string) => text.replace(/\D/g, '')

const isInternational = (run: string) => run.startsWith('+') || run.startsWith('00')

/** E.164 behind `+`, `00` or `011`: a country, and a length in use there, with or without a `(0)`. */
function isPossibleAbroad(run: string): boolean {
  if (run.startsWith('00') && !/\D/.test(run)) return false
  const digits = digitsOf(run).replace(/^(?:00|011)(?=\d)/, '')
  return digits.length >= MIN_ABROAD && isPossible(digits)
}

/** `020 7946 0958`, `01.70.18.42.36`: groups, none a single digit, in somebody's plan. */
function isNational(run: string): boolean {
  const groups = run.match(/\d+/g) ?? []
  const digits = groups.join('')
  if (groups.length < 2 || groups.length > 5 || groups.some(({ length }) => length < 2))
    return false
  if (digits.length < 9 || digits.length > 12 || /^[01]*$/.test(digits) || isOther(run))
    return false
  const isCounted = groups.every(
    (group, i) => i === 0 || Number(group) - Number(groups[i - 1]) === 1,
  )
  return !isCounted && TRUNK_PLANS.some((plan) => plan.test(digits.slice(1)))
}

/** Where the number with its extension ends, when nothing goes on there. */
function closeAt(text: string, end: number, isEnd: boolean): Look {
  const extension = extensionAt(text, end, isEnd)
  if (extension.is === 'more') return MORE
  const last = extension.is === 'yes' ? extension.end : end
  const alone = standsAlone(text, last, isEnd)
  if (alone === 'more') return MORE
  return alone === 'yes' ? { is: 'yes', end: last } : NO
}

const isClosed = (run: string) => run.lastIndexOf('(') <= run.lastIndexOf(')')

/** The longest part of the run, group by group, that is a number by `accepts`. */
function longestIn(
  text: string,
  at: number,
  isEnd: boolean,
  accepts: (run: string) => boolean,
): Look {
  const run = runAt(text, at)
  if (run.isOpen && !isEnd) return MORE
  for (const end of run.ends.toReversed()) {
    const part = text.slice(at, end)
    if (!isClosed(part) || !accepts(part)) continue
    const found = closeAt(text, end, isEnd)
    if (found.is !== 'no') return found
  }
  return NO
}

function byShape(
  shapes: readonly Shape[],
  text: string,
  at: number,
  isEnd: boolean,
  accepts: (run: string) => boolean,
): Look {
  for (const shape of shapes) {
    const found = walk(shape, text, at, isEnd)
    if (found.is === 'more') return MORE
    if (found.is === 'no' || !accepts(text.slice(at, found.end))) continue
    const closed = closeAt(text, found.end, isEnd)
    if (closed.is !== 'no') return closed
  }
  return NO
}

const isNorthAmerican = (run: string) => /^1?[2-9]\d{2}[2-9]\d{6}$/.test(digitsOf(run))
const isVaried = (run: string) => new Set(digitsOf(run)).size !== 1

function lookFree(text: string, at: number, isEnd: boolean): Look {
  const first = text.charAt(at)
  if (first === '+') return longestIn(text, at, isEnd, isPossibleAbroad)
  const punctuated = byShape(PUNCTUATED, text, at, isEnd, isVaried)
  if (punctuated.is !== 'no') return punctuated
  if (first === '0') {
    return longestIn(text, at, isEnd, (run) =>
      run.startsWith('00') ? isPossibleAbroad(run) : isNational(run),
    )
  }
  if (first === '(' && text.charAt(at + 1) === '0') return longestIn(text, at, isEnd, isNational)
  if (first === '(' && at + 1 === text.length && !isEnd) return MORE
  const spaced = byShape(SPACED_NORTH_AMERICAN, text, at, isEnd, isNorthAmerican)
  return spaced.is === 'no' ? lookInFront(text, at, isEnd) : spaced
}

/** `384 0173 (office)`: any form, when the word for it is right behind. */
function lookInFront(text: string, at: number, isEnd: boolean): Look {
  const run = runAt(text, at)
  const end = run.ends.at(-1) ?? at
  if (run.isOpen && !isEnd) return MORE
  if (!isPhone(FREE_ROW, text.slice(at, end))) return NO
  const known = text.slice(end, end + MAX_WORD).toLowerCase()
  const isOpen = known.length < MAX_WORD && !isEnd
  if (isOpen && /^[ \-,:(]{0,3}[a-z]{0,6}$/.test(known)) return MORE
  return WORD_BEHIND.test(known) ? { is: 'yes', end } : NO
}

const FREE_ROW: PhoneRow = { labels: [], minDigits: 7, minSolidDigits: 10 }
const WORD_BEHIND = new RegExp(`^[ \\-,:(]{1,3}(?:${PHONE_WORDS.join('|')})(?![a-z])`)
/** Blanks, the longest word, and what ends it. */
const MAX_WORD = 10

export const PHONE: Detector = {
  code: 'output.phone',
  class: 'phone',
  maxHoldBackChars: MAX_CHARS,
  example: '(212) 555-0123',
  reason: 'reaches a person',
  onlyAtWordStart: true,
  startsWith: (unit) => unit < 128 && /[\d+(]/.test(String.fromCharCode(unit)),
  look: (text, at, before, isEnd) =>
    isBarred(before) || before === '#' ? NO : lookFree(text, at, isEnd),
}

function isPhone(row: PhoneRow, run: string): boolean {
  const digits = digitsOf(run)
  const min = /\d[^\d]+\d/.test(run) ? row.minDigits : row.minSolidDigits
  if (digits.length < min || digits.length > 15 || isOther(run) || !isVaried(run)) return false
  if (run.startsWith('+')) return isPossibleAbroad(run)
  return isInternational(run) || (run.match(/\d+/g) ?? []).every(({ length }) => length <= 11)
}

function labelledAt(rows: readonly PhoneRow[], text: string, at: number, isEnd: boolean) {
  if (!/[\d+(]/.test(text.charAt(at))) return { is: 'no' as const }
  const found = longestIn(text, at, isEnd, (run) => rows.some((row) => isPhone(row, run)))
  if (found.is !== 'yes') return { is: found.is }
  return { is: 'yes' as const, end: found.end, code: 'output.phone.labelled' }
}

export function labelledPhone(others: OtherLabels): Detector {
  return labelDetector(
    { kind: 'phone', reason: 'reaches a person', example: 'call me at 555 0123' },
    PHONE_LABELS,
    MAX_CHARS,
    others,
    labelledAt,
  )
}

export const PHONE_ROWS: readonly NumberRow[] = [
  {
    name: 'labelled',
    examples: [
      'call me at 384 0173',
      'Phone: 5551234567',
      'tel. 385 52 014',
      'mobile (45) 318-027',
      'Telefon: 030/1234567',
    ],
    counterexamples: [
      '384 0173',
      '384 0173 faxed',
      'call 2024-05-06',
      'call function 1234567',
      'phone sales from 2019 2020',
      'call me at 5',
    ],
    reason: 'reaches a person; any form, since its label says what it is',
    source: 'ITU-T E.123 and how people write',
  },
]

/** The free forms, told by the code of their class alone. */
export const PHONE_FORMS: NumberRow = {
  name: '',
  examples: [
    '(212) 555-0123',
    '212-555-0123',
    '212.555.0123',
    '001-212-555-0123x123',
    '+1-212-555-0123',
    '+44 20 7946 0958',
    '+46 (0)8 123 456 78',
    '020 7946 0958',
    '01.70.18.42.36',
    '(212)555-0123x12345',
    '212-555-0123 ext. 44',
  ],
  counterexamples: [
    '2024-05-06',
    '978-3-16-148410-0',
    '05.06.2024',
    'v1.2.3.4',
    '4111 1111 1111 1111',
    '01 02 03 04 05',
    '0101 1010 1111',
    '#212-555-0123',
    '10.5 20.5',
    '1234567890',
    '+5',
  ],
  reason: 'reaches a person',
  source: 'libphonenumber-js numbering plans; ITU-T E.123; NANPA',
}
