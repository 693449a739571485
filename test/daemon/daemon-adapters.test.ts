/**
 * LoRA adapters in the whole daemon, as `base:adapter`: sealed, served, told apart, counted. Uses dist/
 * and the kernel's layers.
 */
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { memoryNeed } from '../../src/engine/memory-need.ts'
import { EXIT } from '../../src/errors.ts'
import { bytesSource, readModelHeader } from '../../src/gguf/model-header.ts'
import { lora } from '../fixtures/lora-gguf.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { ADAPTERS, AdapterHome } from './adapter-home.ts'

const place = new AdapterHome()
const kept = mkdtempSync(join(tmpdir(), 'adapters-'))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Logprobs to the last bit: what was computed, not only what was chosen. */
async function chances(model: string): Promise<number[]> {
  const { choices } = await place.client.chat.completions.create({
    ...{ model, temperature: 0, max_completion_tokens: 16, logprobs: true, top_logprobs: 5 },
    // Cut and batched the same each time.
    ...({ seed: 1 } as object),
    messages: [{ role: 'user', content: 'say something' }],
  })
  const told = choices[0]?.logprobs?.content ?? []
  return told.flatMap(({ logprob, top_logprobs: top }) => [logprob, ...top.map((t) => t.logprob)])
}

beforeAll(() => place.fill())
afterEach(() => place.stop())
afterAll(() => {
  place.remove()
  rmSync(kept, { recursive: true })
})

describe('in the store', () => {
  test('list, inspect and verify say that it is an adapter', async () => {
    const list = await place.command(['model', 'list'])
    expect(list.out).toMatch(/^poet .*adapter for llama models$/m)
    expect(list.out).toMatch(/^one .*file$/m)
    const inspected = await place.command(['model', 'inspect', 'poet', '--json'])
    const { manifest } = JSON.parse(inspected.out) as { manifest: Record<string, unknown> }
    expect(manifest).toMatchObject({
      ...{ kind: 'adapter', architecture: 'llama', templateSha256: null },
      sha256: sha256(ADAPTERS.poet),
    })
    const verified = await place.command(['model', 'verify', 'poet', '--base', 'one'])
    expect(verified).toMatchObject({
      code: EXIT.ok,
      out: expect.stringContaining('ok: poet') as string,
    })
  })

  test('nothing of it lies on the disk in plain', () => {
    const { layout } = lora({ seed: 11 })
    const weights = ADAPTERS.poet.subarray(layout.dataOffset, layout.dataOffset + 32)
    const files = readdirSync(place.state, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(place.state, name), { throwIfNoEntry: false })?.isFile(),
    )
    expect(files).toContain('models/poet/model.gguf.sealed')
    for (const name of files) {
      expect(readFileSync(join(place.state, name)).includes(weights), name).toBe(false)
    }
  })
})

describe('served', () => {
  test('each by its name, each with words of its own, none mixed with another', async () => {
    await place.serve(['poet', 'lawyer', 'mute'])
    const listed = await place.client.models.list()
    const names = ['one', 'one:poet', 'one:lawyer', 'one:mute']
    expect(listed.data.map(({ id }) => id)).toEqual(names)
    expect(await place.client.models.retrieve('one:poet')).toMatchObject({ id: 'one:poet' })
    const questions = ['say something', 'and now?', 'a third question']
    const alone = new Map<string, string[]>()
    for (const question of questions) {
      const answers: string[] = []
      for (const name of names) answers.push(await place.chat(name, question))
      alone.set(question, answers)
    }
    for (const [question, answers] of alone) {
      expect(await Promise.all(names.map((name) => place.chat(name, question)))).toEqual(answers)
      expect(new Set(answers).size).toBe(3)
      expect(answers[3]).toBe(answers[0])
    }
  })

  test('an adapter whose second halves are zero changes no bit', async () => {
    await place.serve(['poet', 'mute'])
    const base = await chances('one')
    expect(base.length).toBeGreaterThan(60)
    expect(await chances('one:mute')).toEqual(base)
    expect(await chances('one:poet')).not.toEqual(base)
  })

  test('the record names it, with its fingerprint', async () => {
    await place.serve(['poet'])
    await place.chat('one:poet')
    const manifest = sha256(readFileSync(join(place.state, 'models/poet/manifest.json')))
    const records = place.records()
    const loaded = records.findLast(({ type }) => type === 'engine.loaded')
    expect(loaded).toMatchObject({
      model: 'one:poet',
      hashes: { adapter: sha256(ADAPTERS.poet), adapterManifest: manifest },
    })
    expect(records.findLast(({ type }) => type === 'request.accepted')?.model).toBe('one:poet')
    const granted = records.filter(({ type, model }) => type === 'key.granted' && model === 'poet')
    expect(granted.at(-1)?.hashes).toEqual({ context: manifest })
  })

  test('a name that is not there is told so', async () => {
    await place.serve(['poet'])
    for (const name of [
      'one:lawyer',
      'one:',
      ':poet',
      'poet',
      'two:poet',
      'one:poet:poet',
      'one:../two',
    ]) {
      await expect(place.chat(name), name).rejects.toMatchObject({
        status: 404,
        code: 'model_not_found',
      })
    }
  })

  test('what is in use is not removed; what is removed all the same goes on until it is unloaded', async () => {
    const running = await place.serve(['poet', 'lawyer'])
    const first = await place.chat('one:poet')
    const removed = await place.command(['model', 'remove', 'poet', '--yes'])
    expect(removed).toMatchObject({
      code: EXIT.passing,
      err: expect.stringContaining('STATE_IN_USE') as string,
    })
    for (const name of ['poet', 'lawyer']) {
      cpSync(join(place.state, 'models', name), join(kept, name), { recursive: true })
      rmSync(join(place.state, 'models', name), { recursive: true })
    }
    try {
      expect(await place.chat('one:poet')).toBe(first)
      await expect(place.chat('one:lawyer')).rejects.toMatchObject({ status: 503 })
      const died = () => place.records().findLast(({ type }) => type === 'process.died')
      await expect.poll(died).toMatchObject({
        model: 'one:lawyer',
        codes: ['engine', expect.stringMatching(/^exit-/), 'VAULT_MANIFEST_INVALID'],
      })
      expect(place.records().filter(({ type }) => type === 'wire.refused')).toEqual([])
      expect(running.said.err).toContain('VAULT_MANIFEST_INVALID')
      expect((await place.chat('one')).length).toBeGreaterThan(0)
    } finally {
      cpSync(kept, join(place.state, 'models'), { recursive: true })
    }
    // It comes without a restart of anything.
    await place.untilAnswered('one:lawyer')
  })
})

test('the memory of base and adapter is counted before it is taken', async () => {
  const header = readModelHeader(bytesSource(tinyModelBytes()))
  const files = { weightBytes: tinyModelBytes().length, adapterBytes: ADAPTERS.poet.length }
  const limits = { contextTokens: 1024, slots: 4, batchTokens: 512 }
  const needBytes = memoryNeed(files, header, limits)
  const base = memoryNeed({ ...files, adapterBytes: 0 }, header, limits)
  expect(needBytes).toBe(base + 2 * ADAPTERS.poet.length)
  await place.serve(['poet'], '--set', `memory.modelsBytes=${base + needBytes - 1}`)
  await expect(place.chat('one:poet')).rejects.toMatchObject({ status: 503 })
  const refused = place.records().findLast(({ type }) => type === 'model.load-refused')
  expect(refused).toMatchObject({ model: 'one:poet', counts: { needBytes } })
  await place.stop()
  await place.serve(['poet'], '--set', `memory.modelsBytes=${base + needBytes}`)
  expect((await place.chat('one:poet')).length).toBeGreaterThan(0)
})
