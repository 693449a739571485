/** The arithmetic of docs/guard-evaluation.md, by hand-made numbers, and that the page has every table. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replacedSpans } from '../../scripts/guard/evaluation/alignment.ts'
import {
  countRow,
  countSpans,
  f1Of,
  falseAlarmsOf,
  noCounts,
  overlapOf,
  precisionOf,
  recallOf,
  type Counts,
} from '../../scripts/guard/evaluation/counts.ts'
import { markdownOf, percent, placeTables } from '../../scripts/guard/evaluation/tables.ts'

const ROOT = join(import.meta.dirname, '../..')
const SCRIPTS = join(ROOT, 'scripts/guard/evaluation')

test('the page has a place for every table, filled, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs/guard-evaluation.md'), 'utf8')
  const made = globSync('*.ts', { cwd: SCRIPTS }).flatMap((file) =>
    [...readFileSync(join(SCRIPTS, file), 'utf8').matchAll(/\bid: '([a-z-]+)'/g)].map(
      ([, id]) => id,
    ),
  )
  const filled = [...page.matchAll(/<!-- figures: ([a-z-]+) -->\n\n\|[^]*?\|\n\n<!-- end -->/g)]
  expect(made.length).toBeGreaterThan(15)
  expect(filled.map(([, id]) => id).toSorted()).toEqual(made.toSorted())
})

test('six rows by hand', () => {
  const counts = noCounts()
  const rows = [
    { is: true, said: true },
    { is: true, said: true },
    { is: true, said: false },
    { is: false, said: true },
    { is: false, said: false },
    { is: false, said: false },
  ]
  for (const row of rows) countRow(counts, row)
  expect(precisionOf(counts)).toBeCloseTo(2 / 3)
  expect(recallOf(counts)).toBeCloseTo(2 / 3)
  expect(f1Of(counts)).toBeCloseTo(2 / 3)
  expect(falseAlarmsOf(counts)).toBeCloseTo(1 / 3)
})

test('a span is found once, by its type, when half is shared', () => {
  const byType = new Map<string, Counts>()
  const gold = [
    { type: 'email', start: 0, end: 10 },
    { type: 'phone', start: 20, end: 30 },
    { type: 'card', start: 40, end: 50 },
  ]
  countSpans(byType, gold, [
    { type: 'email', start: 0, end: 5 },
    { type: 'email', start: 0, end: 10 },
    { type: 'phone', start: 26, end: 36 },
    { type: 'bank', start: 40, end: 50 },
  ])
  expect(byType.get('email')).toMatchObject({ truePositives: 1, falsePositives: 1 })
  expect(byType.get('phone')).toMatchObject({ falseNegatives: 1, falsePositives: 1 })
  expect(byType.get('card')).toMatchObject({ falseNegatives: 1 })
  expect(byType.get('bank')).toMatchObject({ falsePositives: 1 })
  expect(overlapOf({ type: '', start: 0, end: 4 }, { type: '', start: 4, end: 8 })).toBe(0)
})

test('what a peer has replaced is found in its text', () => {
  expect(
    replacedSpans('mail a@b.org or c@d.org now', 'mail EMAIL_ADDRESS or EMAIL_ADDRESS now'),
  ).toEqual([
    { type: 'email', start: 5, end: 12 },
    { type: 'email', start: 16, end: 23 },
  ])
})

test('a table goes to its place, and none may be left over', () => {
  const table = { id: 'one', title: 'One', head: ['a', 'b'], rows: [['1', 'x|y']] }
  const page = 'text\n<!-- figures: one -->\nold\n<!-- end -->\nmore'
  expect(placeTables(page, [table])).toBe(
    `text\n<!-- figures: one -->\n\n${markdownOf(table)}\n\n<!-- end -->\nmore`,
  )
  expect(markdownOf(table)).toContain('x\\|y')
  expect(() => placeTables(page, [])).toThrow('one')
  expect(() => placeTables('text', [table])).toThrow('one')
  expect([percent(1, 8), percent(0, 0)]).toEqual(['12.5 %', '–'])
})
