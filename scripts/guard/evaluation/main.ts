/**
 * `npm run eval:guard -- --data DIR [--write]`: the figures of docs/guard-evaluation.md, measured anew.
 *
 * What it gives: every table on stdout, and with --write in its place in the document. What it does
 * not give: a row of the data anywhere, or a figure for a set that is not there.
 *
 * @packageDocumentation
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { measureAnswers } from './answers.ts'
import { readRecogniserCases, readSecrets, readSynthetic } from './data.ts'
import { measureDocuments } from './documents.ts'
import { measureInjection, readCheckRows } from './injection.ts'
import { Peers } from './peers.ts'
import { measurePersonal } from './personal.ts'
import { PUBLISHED } from './published.ts'
import { measureSecrets } from './secrets.ts'
import { measureSpeed } from './speed.ts'
import { markdownOf, placeTables, type Table } from './tables.ts'

const DOCUMENT = join(import.meta.dirname, '../../../docs/guard-evaluation.md')

const { values } = parseArgs({ options: { data: { type: 'string' }, write: { type: 'boolean' } } })
if (values.data === undefined || !isFolder(values.data)) {
  console.error('--data DIR is missing, or is no folder: it holds injection, pii and secrets')
  process.exit(2)
}
const peers = Peers.install()
try {
  const tables = [...measureAll(values.data), ...measureSpeed(), ...PUBLISHED]
  for (const table of tables) console.log(`\n${table.title}\n\n${markdownOf(table)}`)
  if (values.write === true) await write(tables)
} finally {
  peers.remove()
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function measureAll(data: string): readonly Table[] {
  const rows = readCheckRows(data)
  const injection = rows === undefined ? undefined : measureInjection(rows, peers)
  const documents = rows === undefined ? [] : measureDocuments(rows)
  const personal = measurePersonal(readSynthetic(data), readRecogniserCases(data), peers)
  const secrets = measureSecrets(readSecrets(data), peers)
  const speeds = [...(injection?.speeds ?? []), ...personal.speeds, ...secrets.speeds]
  return [
    ...(injection?.tables ?? []),
    ...documents,
    ...personal.tables,
    ...secrets.tables,
    measureAnswers(data, peers),
    speedTable(speeds),
  ]
}

function speedTable(rows: readonly (readonly string[])[]): Table {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`
  return {
    id: 'speed-sets',
    title: 'Time for a KB of the rows above',
    head: ['what', `µs for a KB on ${machine}`],
    rows,
  }
}

/** Only when everything was measured: a table that keeps older figures would pass for new. */
async function write(tables: readonly Table[]): Promise<void> {
  const text = placeTables(readFileSync(DOCUMENT, 'utf8'), tables)
  writeFileSync(DOCUMENT, await format(text, { parser: 'markdown', printWidth: 120 }))
}
