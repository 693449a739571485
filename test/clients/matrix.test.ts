/**
 * Seven SDKs that people already have, against a running daemon with the real models: each row of
 * rows.ts by each of them. What an SDK does not have is said with its reason, and checked.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '../e2e/daemon-process.ts'
import { makeMinilm } from '../e2e/minilm-file.ts'
import type { Sdk } from './acts.ts'
import { Outcomes, reasons, tableOf, unaligned } from './matrix-table.ts'
import { makePython } from './python-sdk.ts'
import { ROWS } from './rows.ts'
import { SDKS } from './sdks.ts'
import { startStage, untilSeatsAreFree, type Stage } from './stage.ts'

const work = mkdtempSync(join(tmpdir(), 'clients-'))
const outcomes = new Outcomes()
let python: string
let stage: Stage

beforeAll(async () => {
  python = await makePython(work)
  stage = await startStage(makeMinilm(python, work))
})
afterAll(async () => {
  process.stdout.write(`\n${tableOf(outcomes)}\n\n${reasons()}\n\n`)
  await stage.close()
  rmSync(work, { recursive: true, force: true })
})
beforeEach(async () => {
  await untilSeatsAreFree(stage.metrics, 30_000)
  stage.proxy.attempts.length = 0
})

describe.each(SDKS)('$name', (entry) => {
  let sdk: Sdk
  beforeAll(async () => {
    sdk = await entry.start({ python, home: work })
  })
  afterAll(async () => {
    await sdk.close()
  })

  test.each(ROWS)('$name', async (row) => {
    const reason = entry.missing[row.name]
    if (reason === undefined) {
      await row.prove({ stage, entry, sdk })
    } else {
      expect(sdk.acts, reason).not.toContain(row.act)
    }
    outcomes.set(entry.name, row.name, reason === undefined ? 'passed' : 'not applicable')
  })
})

test('docs/clients.md has this table, with these versions and reasons', () => {
  const page = unaligned(readFileSync(join(ROOT, 'docs/clients.md'), 'utf8'))
  expect(page).toContain(tableOf(outcomes))
  expect(page).toContain(reasons())
})
