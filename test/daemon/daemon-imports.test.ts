/**
 * Imports beside a daemon that serves: a refused, a wrong and a killed one leave nothing behind, are
 * in the record, and the daemon does not notice. The many: `test/mutated`.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import type { Daemon } from '../e2e/daemon-process.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { ask, makeTinyHome, MODEL, stateListing, type TinyHome } from '../process/tiny-daemon.ts'

const BIN = join(import.meta.dirname, '../../bin/secure-llm.js')

let place: TinyHome
let daemon: Daemon
let before: string[]

beforeAll(async () => {
  place = await makeTinyHome()
  daemon = await place.serve()
  before = stateListing(place.state)
})
afterAll(async () => {
  await daemon.stop()
  place.remove()
})

const models = () => readdirSync(join(place.state, 'models')).sort()
const refusals = () =>
  place
    .records()
    .filter(({ type }) => type === 'model.refused')
    .map(({ model, codes }) => [model, codes])

async function expectUntouched(): Promise<void> {
  expect((await ask({ url: daemon.ready.url, key: place.key })).status).toBe(200)
  expect(stateListing(place.state)).toEqual(before)
}

test('no GGUF: refused by the trial load, recorded, nothing left', async () => {
  const args = ['model', 'import', '-', '--name', 'bad']
  const { code, err } = await place.command(args, Buffer.alloc(100_000, 'text '))
  expect(err).toContain('MODEL_REFUSED')
  expect(err).toContain('hint: The trial load failed; the file was not kept.')
  expect(code).toBe(EXIT.permanent)
  expect(refusals()).toEqual([['bad', ['ENGINE_MODEL_INVALID']]])
  await expectUntouched()
})

test('another hash than the one given: discarded and recorded; the right one is taken', async () => {
  const model = Buffer.from(tinyModelBytes({ seed: 3 }))
  const sha256 = createHash('sha256').update(model).digest('hex')
  const args = (hash: string) => ['model', 'import', '-', '--name', 'third', '--sha256', hash]
  const wrong = await place.command(args('ab'.repeat(32)), model)
  expect(wrong.err).toContain('DOWNLOAD_MISMATCH')
  expect(wrong.err).toContain('nothing was kept')
  expect(wrong.code).toBe(EXIT.permanent)
  expect(refusals().at(-1)).toEqual(['third', ['DOWNLOAD_MISMATCH']])
  await expectUntouched()
  // The control.
  expect(await place.command(args(sha256), model)).toMatchObject({ code: EXIT.ok })
  expect(models()).toEqual(['third', MODEL])
  await place.command(['model', 'remove', 'third', '--yes'])
  await expectUntouched()
})

/** kill -9 when half of the file has gone through the pipe. */
async function killedImport(name: string): Promise<void> {
  const child = spawn(process.execPath, [BIN, 'model', 'import', '-', '--name', name], {
    env: { PATH: process.env.PATH ?? '', HOME: place.home },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  child.stdin.write(Buffer.from(tinyModelBytes()).subarray(0, 200_000))
  const untilMs = performance.now() + 20_000
  while (!models().some((entry) => entry.startsWith('.staging-'))) {
    if (performance.now() > untilMs) throw new Error('the import did not begin')
    await sleep(10)
  }
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await ended
}

test('an import killed in the middle: never half a model, and the next command clears it', async () => {
  await killedImport('half')
  expect(models().filter((entry) => !entry.startsWith('.staging-'))).toEqual([MODEL])
  const listed = await place.command(['model', 'list', '--json'])
  expect((JSON.parse(listed.out) as { name: string }[]).map(({ name }) => name)).toEqual([MODEL])
  const bad = await place.command(['model', 'import', '-', '--name', 'half'], Buffer.alloc(10))
  expect(bad.err).toContain('MODEL_REFUSED')
  await expectUntouched()
})

test('and so does the next start', async () => {
  await killedImport('half')
  expect(models()).toHaveLength(2)
  await daemon.stop()
  daemon = await place.serve()
  expect(models()).toEqual([MODEL])
  expect(await place.command(['audit', 'verify'])).toMatchObject({ code: EXIT.ok })
})
