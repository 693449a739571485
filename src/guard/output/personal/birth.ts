/**
 * Dates of birth, behind words that say so; no other date.
 *
 * "Born" alone is said of people in history books too: behind it only a year in which somebody who
 * lives now may have been born counts.
 *
 * @packageDocumentation
 */
import { labelDetector, type NumberRow, type OtherLabels } from './row.ts'
import { shapeOf, standsAlone, walk, type Shape } from './shape.ts'

const NUMERIC = [
  '9999-9{1,2}-9{1,2}T99:99:99',
  '9999-9{1,2}-9{1,2}',
  '9999/9{1,2}/9{1,2}',
  '9999.9{1,2}.9{1,2}',
  '9{1,2}/9{1,2}/9999',
  '9{1,2}.9{1,2}.9999',
  '9{1,2}. 9{1,2}. 9999',
  '9{1,2}-9{1,2}-9999',
  '9{1,2} 9{1,2} 9999',
  '9{1,2}/9{1,2}/99',
  '9{1,2}.9{1,2}.99',
  '9{1,2}-9{1,2}-99',
  '9{8}',
  '9999年9{1,2}月9{1,2}日',
  '9999년 9{1,2}월 9{1,2}일',
  '9999년9{1,2}월9{1,2}일',
]

/** `12th May 1980`, `12. Mai 1980`, `12 de mayo de 1980`, `12th of May 1980`, `May 12th, 1980`. */
const WORDED = [
  '9{1,2}W{0,2}S{1,2}W{3,10}S{1,2}9999',
  '9{1,2}W{0,2}S{1,2}W{2}SW{3,10}S{1,2}9999',
  '9{1,2}W{0,2}S{1,2}W{2}SW{3,10}SW{2,3}S9999',
  'W{3,10}S{1,2}9{1,2}W{0,2}S{1,2}9999',
  '9999S{1,2}W{3,10}S{1,2}9{1,2}',
  '9{1,2}-W{3}-99',
]

/** First three letters of a month, in the languages of the labels. */
const MONTHS: ReadonlySet<string> = new Set(
  (
    'jan feb mar apr may jun jul aug sep oct nov dec mär mrz mai okt dez fév fev avr jui aoû aou déc ' +
    'ene abr ago dic gen mag giu lug set ott out mei mrt maj cze lip sie wrz paź lis gru sty lut kwi ' +
    'tam hel huh tou kes hei elo syy lok mar jou янв фев мар апр мая май июн июл авг сен окт ноя дек ' +
    'oca şub nis haz tem ağu eyl eki kas ara led úno bře dub kvě čer srp zář říj pro ian iul mart ' +
    'ιαν φεβ μαρ απρ μαϊ μαΐ ιου αυγ σεπ οκτ νοε δεκ'
  )
    .split(' ')
    .map((month) => month.slice(0, 3)),
)

const SHAPES: readonly Shape[] = [...NUMERIC, ...WORDED].map(shapeOf)

const MAX_DAY = 31
const MAX_MONTH = 12

function isDayAndMonth(a: number, b: number): boolean {
  const [low, high] = a < b ? [a, b] : [b, a]
  return low >= 1 && low <= MAX_MONTH && high <= MAX_DAY
}

function isSolid(digits: string): boolean {
  const isYear = (text: string) => /^(?:19|20)/.test(text)
  const pair = (from: number) => Number(digits.slice(from, from + 2))
  if (isYear(digits) && isDayAndMonth(pair(4), pair(6))) return true
  return isYear(digits.slice(4)) && isDayAndMonth(pair(0), pair(2))
}

/** The year of a date, 0 for one without a century; undefined for what is no date. */
function yearOf(raw: string): number | undefined {
  const numbers = raw.match(/\d+/g) ?? []
  const words = raw.match(/\p{L}{3,}/gu) ?? []
  if (numbers.length === 1) {
    return isSolid(raw) ? Number(/(?:19|20)\d\d/.exec(raw)?.[0]) : undefined
  }
  const year = numbers.find(({ length }) => length === 4)
  const rest = numbers.filter((number) => number !== year).map(Number)
  const [first = 0, second] = rest
  if (words.length > 0) {
    const isMonth = words.some((word) => MONTHS.has(word.slice(0, 3).toLowerCase()))
    return isMonth && first >= 1 && first <= MAX_DAY ? Number(year ?? 0) : undefined
  }
  if (second === undefined || !isDayAndMonth(first, second)) return undefined
  return Number(year ?? 0)
}

interface BirthRow {
  readonly labels: readonly string[]
  readonly firstYear: number
}

const FIRST_YEAR = 1850
/** Nobody older is alive. */
const FIRST_LIVING_YEAR = 1910
const LAST_YEAR = 2100

const ROWS: readonly BirthRow[] = [
  {
    firstYear: FIRST_YEAR,
    labels: [
      'dob',
      'd.o.b',
      'd.o.b.',
      'date of birth',
      'birth date',
      'birthday',
      'birthdate',
      'birth day',
      'date de naissance',
      'geburtsdatum',
      'geburtstag',
      'geb.',
      'geb. am',
      'fecha de nacimiento',
      'fecha nacimiento',
      'f. nacimiento',
      'data di nascita',
      'data de nascimento',
      'geboortedatum',
      'data urodzenia',
      'födelsedatum',
      'fødselsdato',
      'syntymäaika',
      'дата рождения',
      'дата народження',
      'datum narození',
      'dátum narodenia',
      'születési dátum',
      'data nașterii',
      'doğum tarihi',
      'ημερομηνία γέννησης',
      'تاريخ الميلاد',
      'תאריך לידה',
      'जन्म तिथि',
      'tanggal lahir',
      'tarikh lahir',
      'ngày sinh',
      'วันเกิด',
      '生年月日',
      '出生日期',
      '生日',
      '생년월일',
    ],
  },
  {
    firstYear: FIRST_LIVING_YEAR,
    labels: [
      'born',
      'né le',
      'née le',
      'geboren',
      'nacido',
      'nacida',
      'nació',
      'nato il',
      'nata il',
      'nascido',
      'nascida',
      'urodzony',
      'urodzona',
      'född',
      'født',
      'syntynyt',
      'родился',
      'родилась',
      'narozen',
      'narozena',
      'született',
      'doğdu',
    ],
  },
]

function dateAt(rows: readonly BirthRow[], text: string, at: number, isEnd: boolean) {
  const firstYear = Math.min(...rows.map((row) => row.firstYear))
  for (const shape of SHAPES) {
    const found = walk(shape, text, at, isEnd)
    if (found.is === 'no') continue
    const alone = found.is === 'yes' ? standsAlone(text, found.end, isEnd) : 'more'
    if (found.is === 'more' || alone === 'more') return { is: 'more' as const }
    if (alone === 'no') continue
    const year = yearOf(text.slice(at, found.end))
    if (year === undefined || (year !== 0 && (year < firstYear || year > LAST_YEAR))) continue
    return { is: 'yes' as const, end: found.end, code: 'output.birth.date' }
  }
  return { is: 'no' as const }
}

export const BIRTH_LABELS = ROWS

export const BIRTH_ROWS: readonly NumberRow[] = [
  {
    name: 'date',
    examples: [
      'DOB: 03/14/1985',
      'date_of_birth: "1985-03-14"',
      'She was born on March 14th, 1985',
      'geboren am 14. März 1985',
      'né le 14 mars 1985',
      'fecha de nacimiento 14 de marzo de 1985',
      'Дата рождения: 14.03.1985',
      '生年月日：1985年3月14日',
      'birthday is 14-Mar-85',
    ],
    counterexamples: [
      'on March 14th, 1985',
      'due date: 03/14/1985',
      'born in 1985',
      'Einstein was born on 14 March 1879',
      'DOB: 13/32/1985',
      'DOB is not known to this hospital; last seen on 03/14/2024',
    ],
    reason: 'with a name it tells one person from all others',
    source: 'HIPAA 45 CFR 164.514(b)(2)(i)(C)',
  },
]

export function birthDetector(others: OtherLabels) {
  return labelDetector(
    {
      kind: 'birth',
      reason: 'with a name it tells one person from all others',
      example: 'DOB: 03/14/1985',
    },
    ROWS,
    Math.max(...SHAPES.map(({ maxChars }) => maxChars)),
    others,
    dateAt,
  )
}
