/**
 * Personal data: precision and recall by type, next to peers on the same rows.
 *
 * @packageDocumentation
 */
import { replacedSpans } from './alignment.ts'
import {
  countRow,
  countsOf,
  countSpans,
  f1Of,
  falseAlarmsOf,
  noCounts,
  overlapOf,
  precisionOf,
  recallOf,
  sumOf,
  type Counts,
  type Span,
} from './counts.ts'
import type { Row } from './data.ts'
import { classOf, judgedOutput, timed } from './guards.ts'
import type { Peers } from './peers.ts'
import { percent, ratio, type Table } from './tables.ts'

/** Types of the synthetic sets that have a form, and our class of each. The others are not looked for. */
const CLASS_OF: Readonly<Record<string, string>> = {
  EMAIL_ADDRESS: 'email',
  PHONE_NUMBER: 'phone',
  CREDIT_CARD: 'card',
  IBAN_CODE: 'bank',
  US_SSN: 'national-id',
  US_DRIVER_LICENSE: 'national-id',
  IP_ADDRESS: 'network',
}
const CLASSES = [...new Set(Object.values(CLASS_OF))]
const PEERS = ['redact-pii', '@redactpii/node'] as const

interface Finder {
  readonly name: string
  /** Found in each row, as spans of our classes. */
  readonly found: readonly (readonly Span[])[]
  readonly microsecondsPerKb: number
}

export interface PersonalFigures {
  readonly tables: readonly Table[]
  readonly speeds: readonly (readonly string[])[]
}

export function measurePersonal(
  rows: readonly Row[],
  cases: readonly Row[],
  peers: Peers,
): PersonalFigures {
  const finders = findersOver(rows, peers)
  const speeds = finders.map(({ name, microsecondsPerKb }) => [
    `${name}, personal data`,
    microsecondsPerKb.toFixed(0),
  ])
  return { tables: [typeTable(rows, finders), setTable(rows, finders), caseTable(cases)], speeds }
}

function findersOver(rows: readonly Row[], peers: Peers): readonly Finder[] {
  const texts = rows.map(({ text }) => text)
  const own = timed(texts, ownSpans)
  const ours = { name: 'this guard', found: own.results, microsecondsPerKb: own.microsecondsPerKb }
  const theirs = PEERS.flatMap((name): Finder[] => {
    const run = peers.run(name, texts)
    if (run === undefined) return []
    const found = run.results.map((redacted, index) => replacedSpans(texts[index] ?? '', redacted))
    return [{ name, found, microsecondsPerKb: run.microsecondsPerKb }]
  })
  return [ours, ...theirs]
}

function ownSpans(text: string): readonly Span[] {
  return judgedOutput(text).findings.map(({ type, start, end }) => ({
    type: classOf(type),
    start,
    end,
  }))
}

function countAll(rows: readonly Row[], finder: Finder, all: readonly Row[]): Map<string, Counts> {
  const byType = new Map<string, Counts>()
  const wanted = new Set(rows)
  for (const [index, row] of all.entries()) {
    if (!wanted.has(row)) continue
    const gold = row.spans.flatMap((span) => {
      const type = CLASS_OF[span.type]
      return type === undefined ? [] : [{ ...span, type }]
    })
    const found = (finder.found[index] ?? []).filter(({ type }) => CLASSES.includes(type))
    countSpans(byType, gold, found)
  }
  return byType
}

const isOdd = ({ index }: Row) => index % 2 === 1

function typeTable(rows: readonly Row[], finders: readonly Finder[]): Table {
  return {
    id: 'personal-types',
    title: 'Personal data of a fixed form, odd rows of all synthetic sets, by type',
    head: ['type', 'spans', ...finders.flatMap(({ name }) => [`${name}: P`, 'R', 'F1'])],
    rows: [...CLASSES, 'all of them'].map((type) => {
      const counts = finders.map((finder) => {
        const byType = countAll(rows.filter(isOdd), finder, rows)
        return type === 'all of them' ? sumOf(byType.values()) : countsOf(byType, type)
      })
      const [own = noCounts()] = counts
      const figures = counts.flatMap((c) => [precisionOf(c), recallOf(c), f1Of(c)].map(ratio))
      return [type, String(own.truePositives + own.falseNegatives), ...figures]
    }),
  }
}

function setTable(rows: readonly Row[], finders: readonly Finder[]): Table {
  const sets = [...new Set(rows.map(({ set }) => set))]
  return {
    id: 'personal-sets',
    title: 'The same by set, of all types of a fixed form',
    head: ['set', 'rows', 'who', 'precision', 'recall', 'F1', 'F1 of odd rows'],
    rows: sets.flatMap((set) => {
      const own = rows.filter((row) => row.set === set)
      return finders.map((finder) => {
        const all = sumOf(countAll(own, finder, rows).values())
        const odd = sumOf(countAll(own.filter(isOdd), finder, rows).values())
        const figures = [precisionOf(all), recallOf(all), f1Of(all), f1Of(odd)].map(ratio)
        return [set, String(own.length), finder.name, ...figures]
      })
    }),
  }
}

/** What a recogniser of Presidio is called → the classes that may answer for it; the rest by `national-id`. */
const CASE_CLASSES: Readonly<Record<string, readonly string[]>> = {
  EMAIL_ADDRESS: ['email'],
  CREDIT_CARD: ['card'],
  CRYPTO: ['crypto'],
  IP_ADDRESS: ['network'],
  MAC_ADDRESS: ['network'],
  ABA_ROUTING_NUMBER: ['bank'],
  US_BANK_NUMBER: ['bank'],
  PH_MOBILE_NUMBER: ['phone'],
  TR_PHONE_NUMBER: ['phone'],
  MEDICAL_LICENSE: ['health'],
  US_NPI: ['health'],
  US_MBI: ['health', 'national-id'],
  UK_NHS: ['health', 'national-id'],
  AU_MEDICARE: ['health', 'national-id'],
  DE_HEALTH_INSURANCE: ['health', 'national-id'],
  DE_LANR: ['health'],
  DE_BSNR: ['health'],
  DATE_TIME: ['birth'],
}
/** Nobody's number: places, vehicles, companies, days. */
const NOT_LOOKED_FOR =
  /^(DATE_TIME|URL|DE_PLZ|UK_POSTCODE|DE_KFZ|DE_HANDELSREGISTER|TR_LICENSE_PLATE|SG_UEN|.*VEHICLE_REGISTRATION)$/

function caseTable(cases: readonly Row[]): Table {
  const types = [...new Set(cases.map(({ type }) => type))].filter(
    (type) => !NOT_LOOKED_FOR.test(type),
  )
  const judged = cases.map((row) => ({ row, said: isFound(row) }))
  const lineOf = (name: string, takes: (row: Row) => boolean) => {
    const [all, odd] = [noCounts(), noCounts()]
    for (const { row, said } of judged) {
      if (!takes(row)) continue
      countRow(all, { is: row.isPositive, said })
      if (isOdd(row)) countRow(odd, { is: row.isPositive, said })
    }
    const cells = [recallOf(all), falseAlarmsOf(all), recallOf(odd), falseAlarmsOf(odd)]
    const rows = sumRows(all)
    return [
      name,
      String(rows),
      ...cells.map((cell) => percent(Number.isNaN(cell) ? 0 : cell, Number.isNaN(cell) ? 0 : 1)),
    ]
  }
  const byName = types.toSorted().map((type) => lineOf(type, (row) => row.type === type))
  return {
    id: 'personal-cases',
    title: 'Presidio’s own tests of its recognisers, mostly numbers without a word around them',
    head: ['type', 'cases', 'recall', 'false alarms', 'recall, odd rows', 'false alarms, odd rows'],
    rows: [lineOf('all that are looked for', (row) => types.includes(row.type)), ...byName],
  }
}

function sumRows({ truePositives, falsePositives, falseNegatives, trueNegatives }: Counts): number {
  return truePositives + falsePositives + falseNegatives + trueNegatives
}

/** A place that is half of the span, of a class that answers for the type; anywhere, when no span is told. */
function isFound(row: Row): boolean {
  const classes = CASE_CLASSES[row.type] ?? ['national-id']
  const found = ownSpans(row.text).filter(({ type }) => classes.includes(type))
  if (!row.isPositive || row.spans.length === 0) return found.length > 0
  return row.spans.every((gold) => found.some((span) => overlapOf(span, gold) >= 0.5))
}
