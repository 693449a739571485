/**
 * Injections in prompts: recall and false alarms by set, and what other thresholds would do.
 *
 * Only rows of the part `check`, from which neither weights nor thresholds were learned.
 *
 * @packageDocumentation
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readRows, type Row } from '../train/rows.ts'
import { countRow, f1Of, falseAlarmsOf, noCounts, precisionOf, recallOf } from './counts.ts'
import { FLAGGED, judgedInput, timed } from './guards.ts'
import type { Peers } from './peers.ts'
import { percent, ratio, type Table } from './tables.ts'

/** Undefined when the folder is not there. */
export function readCheckRows(data: string): readonly Row[] | undefined {
  const folder = join(data, 'injection')
  if (existsSync(folder)) return readRows(folder).filter(({ part }) => part === 'check')
  console.log('NOT MEASURED: injection is not in the data folder')
  return undefined
}

/** Texts from outside; the others are what a user writes. */
const DOCUMENT_SETS = [
  'llmail',
  'bipia-email',
  'bipia-table',
  'bipia-code',
  'answers',
  'bipia-attacks',
]
export const isDocument = ({ set }: Row) => DOCUMENT_SETS.includes(set)

interface Judged {
  readonly row: Row
  readonly asUser: number
  readonly asDocument: number
  readonly vard: boolean | undefined
}

export interface InjectionFigures {
  readonly tables: readonly Table[]
  readonly speeds: readonly (readonly string[])[]
}

export function measureInjection(rows: readonly Row[], peers: Peers): InjectionFigures {
  const texts = rows.map(({ text }) => text)
  const user = timed(texts, (text) => judgedInput(text, 'user').score)
  const document = timed(texts, (text) => judgedInput(text, 'document').score)
  const vard = peers.run('vard', texts)
  const judged = rows.map((row, index) => ({
    row,
    asUser: user.results[index] ?? 0,
    asDocument: document.results[index] ?? 0,
    vard: vard?.results[index],
  }))
  const speeds = [
    ['input guard, as user', user.microsecondsPerKb.toFixed(0)],
    ['input guard, as document', document.microsecondsPerKb.toFixed(0)],
    ['vard', vard?.microsecondsPerKb.toFixed(0) ?? '–'],
  ]
  return { tables: [setTable(judged), totalTable(judged), thresholdTable(judged)], speeds }
}

function setTable(judged: readonly Judged[]): Table {
  const names = [...new Set(judged.map(({ row }) => nameOf(row)))]
  return {
    id: 'injection-sets',
    title: 'Injections by set: how many rows are flagged',
    head: ['set', 'rows', 'as user', 'as document', 'vard'],
    rows: names.toSorted().map((name) => {
      const own = judged.filter(({ row }) => nameOf(row) === name)
      const share = (said: (one: Judged) => boolean) => percent(own.filter(said).length, own.length)
      return [
        name,
        String(own.length),
        share(({ asUser }) => asUser >= FLAGGED),
        share(({ asDocument }) => asDocument >= FLAGGED),
        own.every(({ vard }) => vard === undefined) ? '–' : share(({ vard }) => vard === true),
      ]
    }),
  }
}

const nameOf = ({ set, isAttack }: Row) => `${isAttack ? 'attacks' : 'harmless'}: ${set}`

interface Group {
  readonly name: string
  readonly takes: (row: Row) => boolean
}

const GROUPS: readonly Group[] = [
  { name: 'deepset', takes: ({ set }) => set === 'deepset' },
  { name: 'all prompts', takes: (row) => !isDocument(row) },
]

function totalTable(judged: readonly Judged[]): Table {
  return {
    id: 'injection-totals',
    title: 'Injections in prompts',
    head: ['rows', 'who', 'precision', 'recall', 'F1', 'false alarms'],
    rows: GROUPS.flatMap(({ name, takes }) => {
      const own = judged.filter(({ row }) => takes(row))
      const ours = totalRow(own, ({ asUser }) => asUser >= FLAGGED)
      const hasVard = own.some(({ vard }) => vard !== undefined)
      const theirs = hasVard ? [[name, 'vard', ...totalRow(own, ({ vard }) => vard === true)]] : []
      return [[name, 'this guard', ...ours], ...theirs]
    }),
  }
}

function totalRow(judged: readonly Judged[], said: (one: Judged) => boolean): readonly string[] {
  const counts = noCounts()
  for (const one of judged) countRow(counts, { is: one.row.isAttack, said: said(one) })
  const figures = [precisionOf(counts), recallOf(counts), f1Of(counts), falseAlarmsOf(counts)]
  return figures.map(ratio)
}

const THRESHOLDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

function thresholdTable(judged: readonly Judged[]): Table {
  const prompts = judged.filter(({ row }) => !isDocument(row))
  const documents = judged.filter(({ row }) => isDocument(row))
  const share = (own: readonly Judged[], isAttack: boolean, said: (one: Judged) => boolean) => {
    const kind = own.filter(({ row }) => row.isAttack === isAttack)
    return percent(kind.filter(said).length, kind.length)
  }
  return {
    id: 'injection-thresholds',
    title: 'What each threshold of the score would do (0.5 is used)',
    head: [
      'threshold',
      'attacks in prompts',
      'false alarms',
      'BIPIA attacks',
      'false alarms in documents',
    ],
    rows: THRESHOLDS.map((threshold) => [
      threshold.toFixed(2),
      share(prompts, true, ({ asUser }) => asUser >= threshold),
      share(prompts, false, ({ asUser }) => asUser >= threshold),
      share(documents, true, ({ asDocument }) => asDocument >= threshold),
      share(documents, false, ({ asDocument }) => asDocument >= threshold),
    ]),
  }
}
