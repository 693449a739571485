/**
 * LoRA adapters that are wrong in every way one can be, in the whole daemon: each with a code, none
 * with a word, and the base serves on. Uses dist/ and the kernel's layers.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { lora, loraBytes } from '../fixtures/lora-gguf.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { ADAPTERS, AdapterHome } from './adapter-home.ts'

const place = new AdapterHome()

beforeAll(() => place.fill())
afterEach(() => place.stop())
afterAll(() => {
  place.remove()
})

/** With something in the sealed folder changed, `run`; then it is as it was. */
async function spoiled(
  name: string,
  file: string,
  change: (bytes: Buffer) => Buffer,
  run: () => Promise<void>,
) {
  const path = join(place.state, 'models', name, file)
  const whole = readFileSync(path)
  writeFileSync(path, change(Buffer.from(whole)))
  try {
    await run()
  } finally {
    writeFileSync(path, whole)
  }
}

describe('spoiled in the store', () => {
  const flipped = (bytes: Buffer) => {
    bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1
    return bytes
  }
  const otherKey = (bytes: Buffer) =>
    Buffer.from(bytes.toString().replace(/"keyId":"[0-9a-f]{16}"/, '"keyId":"0123456789abcdef"'))
  const otherStore = (bytes: Buffer) =>
    Buffer.from(bytes.toString().replace('"kind":"file"', '"kind":"keychain"'))

  const otherBase = (bytes: Buffer) => Buffer.from(bytes.toString().replace('"llama"', '"gemma"'))
  const SPOILED = [
    ['model.gguf.sealed', flipped, 'VAULT_DAMAGED'],
    ['model.gguf.sealed', (bytes: Buffer) => bytes.subarray(0, -20_000), 'VAULT_DAMAGED'],
    ['slots.json', otherKey, 'KEY_STORE_MISSING'],
    ['slots.json', otherStore, 'VAULT_SLOT_MISSING'],
    ['manifest.json', otherBase, 'VAULT_WRONG_KEY'],
  ] as const

  test('no answer, a code in log and record, and the base serves on', async () => {
    const running = await place.serve(['poet'])
    for (const [file, change, code] of SPOILED) {
      const said = running.said.err.length
      await spoiled('poet', file, change, async () => {
        await expect(place.chat('one:poet'), code).rejects.toMatchObject({ status: 503 })
        const failed = place.records().findLast(({ type }) => type === 'engine.load-failed')
        expect(failed).toMatchObject({ model: 'one:poet', codes: [code] })
        expect(running.said.err.slice(said)).toContain(code)
        expect((await place.chat('one')).length).toBeGreaterThan(0)
      })
    }
    await place.untilAnswered('one:poet')
  })
})

describe('import refuses', () => {
  const nan = () => {
    const { bytes, layout } = lora()
    bytes.writeFloatLE(NaN, layout.tensors[3]!.offset)
    return bytes
  }
  test.each<[string, () => Buffer, string]>([
    ['another architecture', () => loraBytes({ architecture: 'gemma3' }), 'ADAPTER_MISFIT'],
    ['a number that is none', nan, 'ADAPTER_INVALID'],
    ['the end cut off', () => loraBytes().subarray(0, -64), 'ADAPTER_INVALID'],
    // Whole numbers, but products beyond them: only the trial load finds out.
    ['numbers that overflow', () => loraBytes({ strength: 3e38 }), 'ADAPTER_INVALID'],
  ])('%s', async (_, bytes, code) => {
    const before = place.models()
    const { code: exit, err } = await place.importAs('bad', bytes(), '--base', 'one')
    expect(err).toContain(code)
    expect(err).toContain('MODEL_REFUSED')
    expect(err).toMatch(/hint: (Choose|Make|Import)/)
    expect(exit).toBe(EXIT.permanent)
    expect(place.models()).toEqual(before)
    const refused = place.records().findLast(({ type }) => type === 'model.refused')
    expect(refused).toMatchObject({ model: 'bad', codes: [code] })
  })

  test.each([
    ['a base that is not there', 'poem', ['--base', 'three'], 'MODEL_UNKNOWN'],
    ['no base, and the default is not there', 'poem', [], 'MODEL_UNKNOWN'],
    ['a base that is an adapter', 'poem', ['--base', 'poet'], 'MODEL_KIND'],
    ['a template', 'poem', ['--base', 'one', '--template-sha256', 'a'.repeat(64)], 'CLI_USAGE'],
    ['a name with a colon', 'one:poem', ['--base', 'one'], 'CLI_USAGE'],
  ])('%s', async (_, name, more, code) => {
    const before = place.models()
    expect((await place.importAs(name, ADAPTERS.poet, ...more)).err).toContain(code)
    expect(place.models()).toEqual(before)
  })

  test('a base for what is no adapter', async () => {
    const { err } = await place.importAs('three', tinyModelBytes({ seed: 3 }), '--base', 'one')
    expect(err).toContain('CLI_USAGE')
  })
})

describe('serve refuses', () => {
  test.each([
    ['an adapter that is not there', { one: { adapters: ['nobody'] } }, 'MODEL_UNKNOWN'],
    ['a model as an adapter', { one: { adapters: ['two'] } }, 'MODEL_KIND'],
    ['an adapter as a model', { poet: {} }, 'MODEL_KIND'],
    ['an adapter twice', { one: { adapters: ['poet', 'poet'] } }, 'an adapter twice'],
    ['a colon in a base', { 'one:poet': {} }, 'CONFIG_INVALID'],
  ])('%s', async (_, settings, says) => {
    const { code, err } = await place.command([
      ...['serve', '--listen', '127.0.0.1:0', '--set', 'model=one'],
      ...['--set', `models=${JSON.stringify(settings)}`],
    ])
    expect(err).toContain(says)
    expect(code).toBe(EXIT.permanent)
  })
})

test('while the daemon runs, an adapter is imported on a model that it serves, and no other', async () => {
  await place.serve(['poet'])
  const { err } = await place.importAs('late', loraBytes({ seed: 20 }), '--base', 'one')
  expect(err).toContain('adapter late: sealed')
  const other = await place.importAs('later', loraBytes({ seed: 21 }), '--base', 'two')
  expect(other.err).toContain('STATE_IN_USE')
  expect((await place.command(['model', 'verify', 'poet', '--base', 'one'])).code).toBe(EXIT.ok)
  expect((await place.command(['model', 'remove', 'late', '--yes'])).code).toBe(EXIT.ok)
})
