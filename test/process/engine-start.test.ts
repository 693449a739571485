/** How an engine does not start: each fault with its code, its exit code, and a line in the record. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { startEngine, type EngineProcess, type StartOptions } from './engine-process.ts'

let engine: EngineProcess | undefined

afterEach(async () => {
  await engine?.close()
  engine = undefined
})

async function start(options: StartOptions): Promise<{ exit: number | string; codes: string[] }> {
  engine = await startEngine(options)
  const exit = await engine.exited
  const codes = engine
    .logs()
    .split('\n')
    .filter((line) => line.includes('"level":60'))
    .map((line) => (JSON.parse(line) as { code: string }).code)
  return { exit, codes }
}

const flip = (folder: string, at: number) => {
  const path = join(folder, 'model.gguf.sealed')
  const bytes = readFileSync(path)
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  writeFileSync(path, bytes)
}

const notAModel = Buffer.alloc(70_000, 'not a model ')

test.each<[string, StartOptions, { exit: number; code: string; recorded: boolean }]>([
  [
    'a flipped byte in the middle',
    {
      spoil: (folder) => {
        flip(folder, 100_000)
      },
    },
    { exit: 78, code: 'VAULT_DAMAGED', recorded: true },
  ],
  [
    'a flipped byte in the header: the key does not fit',
    {
      spoil: (folder) => {
        flip(folder, 30)
      },
    },
    { exit: 78, code: 'VAULT_WRONG_KEY', recorded: true },
  ],
  [
    'a payload that was cut',
    {
      spoil: (folder) => {
        const path = join(folder, 'model.gguf.sealed')
        writeFileSync(path, readFileSync(path).subarray(0, -17))
      },
    },
    { exit: 78, code: 'VAULT_DAMAGED', recorded: true },
  ],
  [
    'a manifest that is not one',
    {
      spoil: (folder) => {
        writeFileSync(join(folder, 'manifest.json'), '{}')
      },
    },
    { exit: 78, code: 'VAULT_MANIFEST_INVALID', recorded: true },
  ],
  [
    'a key of another model',
    { keyAnswer: 'grant-another' },
    { exit: 78, code: 'VAULT_WRONG_KEY', recorded: true },
  ],
  [
    'a keeper that refuses the key',
    { keyAnswer: 'refuse' },
    { exit: 78, code: 'VAULT_SLOT_MISSING', recorded: true },
  ],
  [
    'a keeper that goes away',
    { keyAnswer: 'vanish' },
    { exit: 75, code: 'KEEPER_UNAVAILABLE', recorded: false },
  ],
  [
    'sealed bytes that are no model',
    { model: notAModel, template: null },
    { exit: 78, code: 'ENGINE_MODEL_INVALID', recorded: true },
  ],
  [
    'a model whose template is not the one in the manifest',
    { template: 'another' },
    { exit: 78, code: 'ENGINE_MODEL_INVALID', recorded: true },
  ],
  [
    'a configuration with an unknown setting',
    { sets: ['engine.speed=fast'] },
    { exit: 78, code: 'CONFIG_INVALID', recorded: false },
  ],
])('%s', async (_what, options, expected) => {
  const { exit, codes } = await start(options)
  expect(engine!.logs()).not.toContain('STDOUT')
  expect(codes).toEqual([expected.code])
  expect(exit).toBe(expected.exit)
  const failures = engine!.keeper.events.map(({ type, codes: named }) => [type, named])
  expect(failures).toEqual(expected.recorded ? [['engine.load-failed', [expected.code]]] : [])
})

test('a trial loads, decodes one token, says nothing, and ends with 0', async () => {
  const { exit, codes } = await start({ mainArguments: ['--trial'] })
  expect(exit).toBe(0)
  expect(codes).toEqual([])
  expect(engine!.logs()).toBe('')
  expect(engine!.keeper.events).toEqual([])
})

test('a trial of something else ends with 78 and its code', async () => {
  const cut = tinyModelBytes().subarray(0, 200_000)
  const { exit, codes } = await start({ mainArguments: ['--trial'], model: cut })
  expect(exit).toBe(78)
  expect(codes).toEqual(['ENGINE_MODEL_INVALID'])
})
