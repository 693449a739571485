/**
 * SmolLM2 with LoRA adapters: what it says with one is what llama-server says with `--lora`, what it
 * says with one of zeros is what it says alone. Needs pip and a package index; not part of `npm test`.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { SMOL_LORA_TOKENS, smolLoraBytes, type SmolLoraVectors } from '../fixtures/smol-lora.ts'
import { makeHome, MODEL, runCommand, startDaemon, type Daemon } from './daemon-process.ts'

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../vectors/smol-lora.json'), 'utf8'),
) as SmolLoraVectors
const place = makeHome()
let daemon: Daemon
let client: OpenAI

beforeAll(async () => {
  const pulled = await runCommand(place.home, ['model', 'pull', MODEL])
  expect(pulled.code, pulled.err).toBe(EXIT.ok)
  for (const [name, bytes] of [
    ['teller', smolLoraBytes()],
    ['mute', smolLoraBytes(0)],
  ] as const) {
    const imported = await runCommand(place.home, ['model', 'import', '-', '--name', name], bytes)
    expect(imported.err).toContain(`adapter ${name}: sealed`)
  }
  const added = await runCommand(place.home, ['client', 'add', 'tests', '--json'])
  const settings = { [MODEL]: { adapters: ['teller', 'mute'], contextTokens: 1024, slots: 4 } }
  daemon = await startDaemon(place.home, [
    ...['--set', `models=${JSON.stringify(settings)}`, '--set', 'gateway.maxJobs=16'],
  ])
  const { key } = JSON.parse(added.out) as { key: string }
  client = new OpenAI({ apiKey: key, baseURL: `${daemon.ready.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await daemon.stop()
  place.remove()
})

async function goOn(model: string, prompt: string) {
  const { choices } = await client.completions.create({
    ...{ model, prompt, temperature: 0, max_tokens: SMOL_LORA_TOKENS, logprobs: 2 },
    // Cut and batched the same each time, whatever else is computed.
    ...({ seed: 1 } as object),
  })
  return { text: choices[0]?.text ?? '', chances: choices[0]?.logprobs?.token_logprobs ?? [] }
}

test('the adapter is the one of the vectors', () => {
  expect(createHash('sha256').update(smolLoraBytes()).digest('hex')).toBe(vectors.adapter)
})

test.each(vectors.answers)(
  '$prompt: as llama-server, with the adapter and without',
  async (row) => {
    expect((await goOn(MODEL, row.prompt)).text).toBe(row.base)
    expect((await goOn(`${MODEL}:teller`, row.prompt)).text).toBe(row.adapted)
    expect(row.adapted).not.toBe(row.base)
  },
)

test('an adapter of zeros changes no bit of any chance', async () => {
  for (const { prompt } of vectors.answers) {
    const base = await goOn(MODEL, prompt)
    expect(base.chances).toHaveLength(SMOL_LORA_TOKENS)
    expect(await goOn(`${MODEL}:mute`, prompt)).toEqual(base)
  }
})

test('asked at the same time, the base and its pairs answer as alone', async () => {
  const models = [MODEL, `${MODEL}:teller`, `${MODEL}:mute`]
  for (const { prompt } of vectors.answers) {
    const alone: unknown[] = []
    for (const model of models) alone.push(await goOn(model, prompt))
    expect(await Promise.all(models.map((model) => goOn(model, prompt)))).toEqual(alone)
  }
})

test('several streams of the base beside one of a pair: each as alone', async () => {
  const asked = vectors.answers.map(({ prompt }) => ({ model: MODEL, prompt }))
  const all = [...asked, { model: `${MODEL}:teller`, prompt: asked[0]?.prompt ?? '' }]
  const alone: unknown[] = []
  for (const { model, prompt } of all) alone.push(await goOn(model, prompt))
  expect(await Promise.all(all.map(({ model, prompt }) => goOn(model, prompt)))).toEqual(alone)
})
