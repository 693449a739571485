/** docs/spec/grammar.md has a row for everything that the tables in the code have. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FORMATS, REFUSED_FORMATS } from '../../src/grammar/formats.ts'
import { ANNOTATIONS, READERS } from '../../src/grammar/keywords.ts'
import { DEFAULT_LIMITS } from '../../src/grammar/limits.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/spec/grammar.md'), 'utf8')
const firstCells = [...page.matchAll(/^\| (.+?) +\|/gm)].map((found) => found[1]!)
const named = new Set(
  firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]!)),
)

test('keywords and formats of the table are those of the code', () => {
  const inCode = [...Object.keys(READERS), ...Object.keys(FORMATS), '$schema', '$id']
  const values = ['true', '{}', 'false', '{n,m}']
  expect([...named].sort()).toEqual([...inCode, ...values].sort())
})

test.each([...ANNOTATIONS, ...REFUSED_FORMATS])('%s is in the text', (word) => {
  expect(page).toContain(`\`${word}\``)
})

test('the bounds are those of the code', () => {
  const rows = new Map(
    [...page.matchAll(/^\| ([a-z`{][^|]+?) +\| ([\d,]+(?: KiB)?) +\|/gm)].map((m) => [
      m[1]!,
      m[2]!,
    ]),
  )
  expect(Object.fromEntries(rows)).toEqual({
    'schemas inside schemas': String(DEFAULT_LIMITS.depth),
    'schemas and values': DEFAULT_LIMITS.nodes.toLocaleString('en'),
    'steps of work': DEFAULT_LIMITS.steps.toLocaleString('en'),
    'text of the grammar': `${DEFAULT_LIMITS.grammarBytes / 1024} KiB`,
    'one `{n,m}`': DEFAULT_LIMITS.repetitions.toLocaleString('en'),
    'all `{n,m}` together': DEFAULT_LIMITS.expandedRules.toLocaleString('en'),
    'states of one string automaton': DEFAULT_LIMITS.automatonStates.toLocaleString('en'),
    'ways to read one value': String(DEFAULT_LIMITS.alternatives),
    'readings of an unfinished text': String(DEFAULT_LIMITS.parallelReadings),
    'schemas that refer to each other in a row': '200',
  })
})
