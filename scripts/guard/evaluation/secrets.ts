/**
 * Secrets: recall and false alarms by set, next to secretlint on the same rows.
 *
 * @packageDocumentation
 */
import { countRow, f1Of, falseAlarmsOf, noCounts, precisionOf, recallOf } from './counts.ts'
import type { Row } from './data.ts'
import { classOf, judgedOutput, timed } from './guards.ts'
import type { Peers } from './peers.ts'
import { percent, ratio, type Table } from './tables.ts'

interface Place {
  readonly start: number
  readonly end: number
}

interface Finder {
  readonly name: string
  readonly found: readonly (readonly Place[])[]
}

export interface SecretFigures {
  readonly tables: readonly Table[]
  readonly speeds: readonly (readonly string[])[]
}

export function measureSecrets(rows: readonly Row[], peers: Peers): SecretFigures {
  const texts = rows.map(({ text }) => text)
  const own = timed(texts, ownPlaces)
  const lint = peers.run('secretlint', texts)
  const theirs = lint?.results.map((ranges) => ranges.map(([start, end]) => ({ start, end })))
  const finders: Finder[] = [{ name: 'this guard', found: own.results }]
  if (theirs !== undefined) finders.push({ name: 'secretlint', found: theirs })
  return {
    tables: [setTable(rows, finders), missTable(rows, own.results)],
    speeds: [
      ['this guard, secrets', own.microsecondsPerKb.toFixed(0)],
      ['secretlint', lint?.microsecondsPerKb.toFixed(0) ?? '–'],
    ],
  }
}

function ownPlaces(text: string): readonly Place[] {
  return judgedOutput(text).findings.filter(({ type }) => classOf(type) === 'secret')
}

/** A place that touches the secret; any, when the set does not tell where it is. */
function isFound(row: Row, found: readonly Place[]): boolean {
  if (!row.isPositive || row.spans.length === 0) return found.length > 0
  return row.spans.every((gold) =>
    found.some(({ start, end }) => start < gold.end && end > gold.start),
  )
}

function setTable(rows: readonly Row[], finders: readonly Finder[]): Table {
  const sets = [...new Set(rows.map(({ set }) => set))]
  return {
    id: 'secret-sets',
    title: 'Secrets by set',
    head: [
      'set',
      'rows',
      'who',
      'precision',
      'recall',
      'F1',
      'false alarms',
      'recall, odd rows',
      'false alarms, odd rows',
    ],
    rows: sets.flatMap((set) =>
      finders.map(({ name, found }) => {
        const [all, odd] = [noCounts(), noCounts()]
        for (const [at, row] of rows.entries()) {
          if (row.set !== set) continue
          const said = isFound(row, found[at] ?? [])
          countRow(all, { is: row.isPositive, said })
          if (row.index % 2 === 1) countRow(odd, { is: row.isPositive, said })
        }
        const share = (value: number) =>
          percent(Number.isNaN(value) ? 0 : value, Number.isNaN(value) ? 0 : 1)
        return [
          ...[set, String(rows.filter((row) => row.set === set).length), name],
          ...[
            ratio(precisionOf(all)),
            share(recallOf(all)),
            ratio(f1Of(all)),
            share(falseAlarmsOf(all)),
          ],
          ...[share(recallOf(odd)), share(falseAlarmsOf(odd))],
        ]
      }),
    ),
  }
}

/** Whether all of the secret is gone, which is more than that its place is known. */
function missTable(rows: readonly Row[], found: readonly (readonly Place[])[]): Table {
  const withSpans = rows
    .map((row, at) => ({ row, found: found[at] ?? [] }))
    .filter(({ row }) => row.spans.length > 0)
  const sets = [...new Set(withSpans.map(({ row }) => row.set))]
  return {
    id: 'secret-values',
    title: 'Secrets whose place is told: how much of each is masked',
    head: ['set', 'secrets', 'touched', 'all of it masked'],
    rows: sets.map((set) => {
      const golds = withSpans
        .filter(({ row }) => row.set === set && row.isPositive)
        .flatMap(({ row, found: places }) => row.spans.map((gold) => ({ gold, places })))
      const touched = golds.filter(({ gold, places }) =>
        places.some(({ start, end }) => start < gold.end && end > gold.start),
      )
      const covered = golds.filter(({ gold, places }) => isCovered(gold, places))
      return [
        set,
        String(golds.length),
        percent(touched.length, golds.length),
        percent(covered.length, golds.length),
      ]
    }),
  }
}

function isCovered(gold: Place, places: readonly Place[]): boolean {
  let at = gold.start
  for (const { start, end } of places) if (start <= at && end > at) at = end
  return at >= gold.end
}
