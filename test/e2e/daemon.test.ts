/**
 * The main job with the real model: what a new user does, in an empty HOME.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeHome, ROOT, runCommand, startDaemon, type Daemon } from './daemon-process.ts'

const MODEL = 'smollm2-135m-instruct'
const PARIS = 'Complete the sentence: The capital of France is'

const place = makeHome()
let daemon: Daemon
let key: string
let client: OpenAI

beforeAll(async () => {
  daemon = await startDaemon(place.home, ['--quickstart'])
  key = /sk-local-[A-Za-z0-9_-]{43}/.exec(daemon.said.out + daemon.said.err)![0]
  client = new OpenAI({ baseURL: `${daemon.ready.url}/v1`, apiKey: key, maxRetries: 0 })
})
afterAll(async () => {
  await daemon.stop()
  place.remove()
})

const ask = (content: string) => ({
  model: MODEL,
  temperature: 0,
  max_completion_tokens: 32,
  messages: [{ role: 'user' as const, content }],
})

/** The daemon answers again after something was killed; the SDK must not retry by itself. */
async function untilAnswered(content: string): Promise<string> {
  const deadline = Date.now() + 60_000
  for (;;) {
    try {
      const reply = await client.chat.completions.create(ask(content))
      return reply.choices[0]!.message.content ?? ''
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(250)
    }
  }
}

interface PromptVector {
  readonly name: string
  readonly messages: readonly object[]
  readonly ids: readonly number[]
}

/** Made once with llama-server and the same model: scripts/prompt-vectors/make.ts. */
const { vectors } = JSON.parse(
  readFileSync(join(ROOT, 'test/vectors/prompt/smollm2-135m.json'), 'utf8'),
) as { vectors: PromptVector[] }

describe('the prompt that llama-server would make', () => {
  const isComposed = (text: string) => text === text.normalize('NFC')

  test.each(vectors)('$name', async ({ messages, ids }) => {
    const response = await fetch(`${daemon.ready.url}/v1/tokenize`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, input: messages }),
    })
    const told: unknown = await response.json()
    const theirs = { count: ids.length, tokens: ids }
    // The guard composes marks with their letters first, and llama-server does not.
    if (isComposed(JSON.stringify(messages))) expect(told).toMatchObject(theirs)
    else expect(told).not.toMatchObject(theirs)
  })
})

describe('a new user', () => {
  test('gets a streamed answer by the SDK', async () => {
    const stream = await client.chat.completions.create({
      ...ask(PARIS),
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let finish: string | null = null
    let tokens = 0
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      finish = chunk.choices[0]?.finish_reason ?? finish
      tokens = chunk.usage?.completion_tokens ?? tokens
    }
    expect(text).toBe('The capital of France is Paris.')
    expect(finish).toBe('stop')
    expect(tokens).toBeGreaterThan(5)
  })

  test('gets the same answer whole, and the list of models', async () => {
    const reply = await client.chat.completions.create(ask(PARIS))
    expect(reply.choices[0]!.message.content).toBe('The capital of France is Paris.')
    // The template's own system prompt is in it: 39 tokens, as llama-server counts them.
    expect(reply.usage!.prompt_tokens).toBe(39)
    const models = await client.models.list()
    expect(models.data.map((model) => model.id)).toEqual([MODEL])
  })

  test('eight at once get eight unmixed answers', async () => {
    const asks = [PARIS, 'Name the planet we live on.']
    const alone = [await untilAnswered(asks[0]!), await untilAnswered(asks[1]!)]
    const together = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const reply = await client.chat.completions.create(ask(asks[i % 2]!))
        return reply.choices[0]!.message.content
      }),
    )
    expect(together).toEqual(Array.from({ length: 8 }, (_, i) => alone[i % 2]))
  })

  test('a seed repeats to the last bit, alone and under load', async () => {
    const seeded = async () => {
      const reply = await client.chat.completions.create({
        ...ask(`Write about the river and the sea. ${'And about the moon. '.repeat(20)}`),
        temperature: 1,
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- what is promised here
        seed: 42,
        logprobs: true,
        top_logprobs: 3,
      })
      return reply.choices
    }
    const alone = await seeded()
    const others = ['sun', 'stars', 'wind'].map((word) =>
      client.chat.completions.create({ ...ask(`${word} `.repeat(300)), max_completion_tokens: 60 }),
    )
    expect(await seeded()).toEqual(alone)
    await Promise.all(others)
    // And on what the slot still holds of the prompt.
    expect(await seeded()).toEqual(alone)
  })

  test('a schema is kept, a tool is called with whole arguments', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 30 }, days: { enum: [1, 2, 3] } },
      required: ['city', 'days'],
      additionalProperties: false,
    }
    const asked = { ...ask('Plan a trip to Paris.'), max_completion_tokens: 120 }
    const told = await client.chat.completions.create({
      ...asked,
      response_format: { type: 'json_schema', json_schema: { name: 'trip', strict: true, schema } },
    })
    const trip = JSON.parse(told.choices[0]!.message.content!) as { city: string; days: number }
    expect(Object.keys(trip)).toEqual(['city', 'days'])
    expect([1, 2, 3]).toContain(trip.days)
    const called = await client.chat.completions.create({
      ...asked,
      tools: [{ type: 'function', function: { name: 'plan', parameters: schema } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
    })
    const [call] = called.choices[0]!.message.tool_calls!
    expect(called.choices[0]!.finish_reason).toBe('tool_calls')
    expect(call).toMatchObject({ type: 'function', function: { name: 'plan' } })
    const given: unknown = call!.type === 'function' ? JSON.parse(call!.function.arguments) : null
    expect(Object.keys(given as object)).toEqual(['city', 'days'])
  })

  test('no plaintext weight, prompt, answer or key is in the state folder', () => {
    const weights = Buffer.from('general.architecture')
    const files = readdirSync(place.state, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    expect(files.some((file) => file.endsWith('model.gguf.sealed'))).toBe(true)
    for (const file of files) {
      const bytes = readFileSync(file)
      for (const secret of [weights, 'capital of France', 'Paris', key]) {
        expect(bytes.includes(secret), `${file} holds ${String(secret).slice(0, 8)}`).toBe(false)
      }
    }
  })
})

describe('what goes wrong', () => {
  test('the engine killed in the middle of an answer: the stream ends with an error, the next works', async () => {
    const stream = await client.chat.completions.create({
      ...ask('Write a long story about the sea.'),
      max_completion_tokens: 1000,
      stream: true,
    })
    let chunks = 0
    const reading = (async () => {
      for await (const chunk of stream) {
        chunks += chunk.choices.length
        if (chunks === 5) process.kill(daemon.ready.processes.engine, 'SIGKILL')
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(await untilAnswered(PARIS)).toBe('The capital of France is Paris.')
  })

  test.each(['gateway', 'keeper'] as const)(
    'the %s killed: restarted, and answers',
    async (name) => {
      process.kill(daemon.ready.processes[name], 'SIGKILL')
      expect(await untilAnswered(PARIS)).toBe('The capital of France is Paris.')
    },
  )

  test('a wrong key is told from a right one', async () => {
    const stranger = new OpenAI({
      baseURL: client.baseURL,
      apiKey: 'sk-local-wrong',
      maxRetries: 0,
    })
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  })
})

describe('stop and start again', () => {
  test('stops cleanly, verifies, starts in seconds, and the record goes on', async () => {
    expect(await daemon.stop()).toBe(0)
    const verdict = await runCommand(place.home, ['audit', 'verify'])
    expect(verdict.err + verdict.out).toMatch(/ok/)
    expect(verdict.code).toBe(0)
    daemon = await startDaemon(place.home, ['--quickstart'])
    expect(daemon.said.out + daemon.said.err).not.toContain('sk-local-')
    client = new OpenAI({ baseURL: `${daemon.ready.url}/v1`, apiKey: key, maxRetries: 0 })
    expect(await untilAnswered(PARIS)).toBe('The capital of France is Paris.')
  })
})
