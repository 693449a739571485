/**
 * The rows of the matrix: what every SDK must get done, and how that is seen.
 *
 * @packageDocumentation
 */
import { expect } from 'vitest'
import { MODEL, PARIS_ANSWER, PARIS_QUESTION } from '../e2e/daemon-process.ts'
import { dot, MINILM, numbersOf, references } from '../e2e/minilm-file.ts'
import { Trip, type Act, type Ask, type Sdk, type Told } from './acts.ts'
import type { SdkEntry } from './sdks.ts'
import { ENDLESS, RETRY_AFTER_MS, untilSeatsAreFree, type Stage } from './stage.ts'

/** One SDK on the stage. */
export interface Turn {
  readonly stage: Stage
  readonly entry: SdkEntry
  readonly sdk: Sdk
}

export interface Row {
  readonly name: string
  readonly act: Act
  readonly prove: (turn: Turn) => Promise<void>
}

const WEATHER = {
  name: 'weather',
  description: 'The weather of a town.',
  parameters: {
    type: 'object',
    properties: {
      town: { type: 'string', enum: ['Paris', 'Berlin'] },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    },
    required: ['town', 'unit'],
    additionalProperties: false,
  },
  result: 'The weather in Paris is sunny, 21 degrees.',
} as const
const WEATHER_QUESTION = { question: 'What is the weather in Paris?', tokens: 64 }
const WEATHER_CALL = { name: 'weather', arguments: { town: 'Paris' } }

/** How long a step of the engine and the gateway's word of it may take on a busy machine. */
const FREE_WITHIN_MS = 3000
/** SDKs add up to a quarter to a wait. */
const LATEST_RETRY_MS = RETRY_AFTER_MS * 1.25 + 1500

const asked = ({ stage }: Turn, more: Partial<Ask>): Ask => ({
  ...{ url: stage.proxy.url, key: stage.key, model: MODEL },
  question: PARIS_QUESTION.messages[0]!.content,
  ...{ tokens: 32, texts: [], tool: WEATHER },
  ...more,
})

/** Asks with no tries but the first, and expects that they were all answered. */
async function tellOnce(turn: Turn, act: Act, more: Partial<Ask> = {}): Promise<Told> {
  const told = await turn.sdk.ask(act, asked(turn, { retries: 0, ...more }))
  expect(told.error).toBeUndefined()
  expect(statusesOf(turn).filter((status) => status !== 200)).toEqual([])
  return told
}

const statusesOf = ({ stage }: Turn) => stage.proxy.attempts.map(({ status }) => status)

/** That an error is the SDK's own for it, and has our code. */
function expectError(
  { entry }: Turn,
  told: Told,
  kind: string,
  status: number,
  code: string,
): void {
  expect(told).toMatchObject({ error: { status } })
  expect(told.error!.kinds).toContain(kind)
  if (entry.tellsCodes) expect(told.error!.code).toBe(code)
}

/** That the second request came when it was told to come. */
function expectObedience({ stage }: Turn): void {
  const [first, second] = stage.proxy.attempts
  const waitedMs = second!.cameMs - first!.answeredMs!
  // Timers may be a little early by another clock.
  expect(waitedMs).toBeGreaterThan(RETRY_AFTER_MS - 20)
  expect(waitedMs).toBeLessThan(LATEST_RETRY_MS)
}

/** That what an SDK let go of was let go of by the daemon, too. */
async function expectLetGo(turn: Turn, act: () => Promise<void>): Promise<void> {
  const { metrics } = turn.stage
  const before = await metrics()
  await act()
  await untilSeatsAreFree(metrics, FREE_WITHIN_MS)
  // Counted when the client was gone before the end: an answer that came to its end counts as 200.
  await expect.poll(metrics, { timeout: 5000 }).toMatchObject({ gone: before.gone + 1 })
  expect(await tellOnce(turn, 'chat')).toMatchObject({ text: PARIS_ANSWER })
}

const CHATS = { text: PARIS_ANSWER, promptTokens: 39, answerTokens: 7 }

export const ROWS: readonly Row[] = [
  {
    ...{ name: 'list models', act: 'models' },
    prove: async (turn) => {
      const { ids } = await tellOnce(turn, 'models')
      expect(ids?.toSorted()).toEqual([MINILM, MODEL].toSorted())
    },
  },
  {
    ...{ name: 'chat', act: 'chat' },
    prove: async (turn) => {
      const told = await tellOnce(turn, 'chat')
      expect(told).toEqual({ ...CHATS, finish: turn.entry.finish.stop })
    },
  },
  {
    ...{ name: 'stream', act: 'stream' },
    prove: async (turn) => {
      const { pieces, ...told } = await tellOnce(turn, 'stream')
      expect(told).toEqual({ ...CHATS, finish: turn.entry.finish.stop })
      expect(pieces).toBeGreaterThan(2)
    },
  },
  {
    ...{ name: 'tools round trip', act: 'call' },
    prove: async (turn) => {
      const told = await tellOnce(turn, 'call', WEATHER_QUESTION)
      expect(told).toMatchObject({ call: WEATHER_CALL, finish: turn.entry.finish.calls })
      // Only the tool has said so.
      expect(told.text).toContain('21')
      expect(turn.stage.proxy.attempts).toHaveLength(2)
    },
  },
  {
    ...{ name: 'tool call, streamed', act: 'streamed_call' },
    prove: async (turn) => {
      const told = await tellOnce(turn, 'streamed_call', WEATHER_QUESTION)
      expect(told).toMatchObject({ call: WEATHER_CALL, finish: turn.entry.finish.calls })
    },
  },
  {
    ...{ name: 'structured output', act: 'structured' },
    prove: async (turn) => {
      // Without the schema this model answers in prose.
      const question = 'Plan a trip to Paris.'
      const { value } = await tellOnce(turn, 'structured', { question, tokens: 64 })
      expect(Trip.strict().parse(value)).toEqual(value)
    },
  },
  {
    ...{ name: 'embeddings', act: 'embeddings' },
    prove: async (turn) => {
      const texts = references.map(({ text }) => text)
      const { vectors } = await tellOnce(turn, 'embeddings', { model: MINILM, texts })
      expect(vectors).toHaveLength(texts.length)
      references.forEach(({ text, vector }, at) => {
        expect(dot(vectors![at]!, numbersOf(vector)), text).toBeGreaterThan(0.9999)
      })
    },
  },
  {
    ...{ name: 'bad key', act: 'chat' },
    prove: async (turn) => {
      const told = await turn.sdk.ask('chat', asked(turn, { key: 'sk-local-wrong' }))
      expectError(turn, told, turn.entry.kinds.badKey, 401, 'invalid_api_key')
      expect(statusesOf(turn)).toEqual([401])
    },
  },
  {
    ...{ name: '429, retried', act: 'chat' },
    prove: async (turn) => {
      const giveBack = await turn.stage.takeSeat()
      const answer = turn.sdk.ask('chat', asked(turn, {}))
      await expect.poll(() => statusesOf(turn), { timeout: 5000 }).toEqual([429])
      await giveBack()
      expect(await answer).toMatchObject({ text: PARIS_ANSWER })
      expect(statusesOf(turn)).toEqual([429, 200])
      expectObedience(turn)
    },
  },
  {
    ...{ name: '429, given up', act: 'chat' },
    prove: async (turn) => {
      const giveBack = await turn.stage.takeSeat()
      const told = await turn.sdk.ask('chat', asked(turn, { retries: 1 }))
      await giveBack()
      expectError(turn, told, turn.entry.kinds.busy, 429, 'gateway_busy')
      expect(statusesOf(turn)).toEqual([429, 429])
      expectObedience(turn)
    },
  },
  {
    ...{ name: 'refusal, not retried', act: 'chat' },
    prove: async (turn) => {
      const told = await turn.sdk.ask('chat', asked(turn, { question: 'in\u200Bvisible' }))
      expectError(turn, told, turn.entry.kinds.refused, 400, 'guard_refused')
      expect(statusesOf(turn)).toEqual([400])
    },
  },
  {
    ...{ name: 'abort mid-stream', act: 'abort' },
    prove: (turn) =>
      expectLetGo(turn, async () => {
        const told = await turn.sdk.ask('abort', asked(turn, { url: turn.stage.url, ...ENDLESS }))
        expect(told).toEqual({ pieces: 3 })
      }),
  },
  {
    ...{ name: 'time-out', act: 'chat' },
    prove: (turn) =>
      expectLetGo(turn, async () => {
        const patience = { url: turn.stage.url, retries: 0, timeoutMs: 700 }
        const { error } = await turn.sdk.ask('chat', asked(turn, { ...patience, ...ENDLESS }))
        expect(error?.kinds).toContain(turn.entry.kinds.timeout)
      }),
  },
]
