/** An embedding engine as a process: confined like every engine, asked by a stand-in gateway. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { TINY_BERT, tinyBertBytes } from '../fixtures/tiny-bert.ts'
import {
  startEngine,
  untilLogged,
  type EngineProcess,
  type StartOptions,
} from './engine-process.ts'
import { numbersOf, type StandInGateway } from './engine-stand-ins.ts'

const BERT: StartOptions = { model: tinyBertBytes(), template: null }
const text = (...texts: string[]) =>
  texts.map((one) => ({ kind: 'text' as const, text: one, suffix: null }))
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, number, at) => sum + number * (b[at] ?? Number.NaN), 0)

describe('an embedding engine', () => {
  let engine: EngineProcess
  let gateway: StandInGateway

  beforeAll(async () => {
    engine = await startEngine(BERT)
    await untilLogged(engine, '"ready"')
    gateway = engine.connect()
    await gateway.ready
  })
  afterAll(async () => {
    await engine.close()
  })

  async function vectors(...texts: string[]): Promise<number[][]> {
    const { told } = await gateway.askVectors(text(...texts)).outcome
    return told.map(numbersOf)
  }

  test('says what it is, sealed and locked as every engine is', async () => {
    const ready = await gateway.ready
    expect(ready).toMatchObject({
      kind: 'embedding',
      dimensions: TINY_BERT.dimensions,
      contextTokens: TINY_BERT.contextTokens,
      slots: 1,
    })
    expect(ready.lockedBytes).toBe(ready.weightBytes)
    const states = new Map(ready.layers.map(({ layer, state }) => [layer, state]))
    for (const layer of ['non-dumpable', 'memory-lock', 'seccomp-final']) {
      expect(states.get(layer), layer).toBe('enforced')
    }
    expect(engine.keeper.events).toMatchObject([{ type: 'engine.loaded', codes: ['embedding'] }])
    expect(engine.keeper.events[0]?.counts).toMatchObject({ unlockedBytes: 0 })
    expect(readFileSync(`/proc/${engine.pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m)
  })

  test('vectors of unit length, in order, each with its tokens', async () => {
    const inputs = text('the cat', 'river stone house', 'a')
    const { told, done } = await gateway.askVectors(inputs).outcome
    expect(told.map(({ index }) => index)).toEqual([0, 1, 2])
    // Framed by [CLS] and [SEP].
    expect(told.map(({ tokens }) => tokens)).toEqual([4, 5, 3])
    expect(done?.promptTokens).toBe(12)
    for (const one of told) {
      expect(numbersOf(one)).toHaveLength(TINY_BERT.dimensions)
      expect(Math.hypot(...numbersOf(one))).toBeCloseTo(1, 5)
    }
  })

  test('the same text is the same vector, whatever was read before; ids are as good as text', async () => {
    const [alone] = await vectors('the cat')
    const [, after] = await vectors('river stone house bird tree', 'the cat')
    expect(after).toEqual(alone)
    const [near, far] = await vectors('the dog', 'wind light 77')
    expect(dot(alone!, near!)).toBeGreaterThan(dot(alone!, far!))
    const { told } = await gateway.askVectors([{ kind: 'ids', ids: [1] }]).outcome
    expect(told[0]?.tokens).toBe(3)
  })

  test('control tokens in a text are text', async () => {
    const { told } = await gateway.askVectors(text('[SEP]')).outcome
    expect(told[0]?.tokens).toBeGreaterThan(3)
  })

  test('an input as long as the model takes works, one more is refused with both numbers', async () => {
    const most = TINY_BERT.contextTokens - 2
    const fits = await gateway.askVectors(text('a '.repeat(most))).outcome
    expect(fits.told[0]?.tokens).toBe(TINY_BERT.contextTokens)
    const { told, failed } = await gateway.askVectors(text('cat', 'a '.repeat(most + 1))).outcome
    expect(told).toEqual([])
    expect(failed).toMatchObject({
      code: 'ENGINE_CONTEXT_LENGTH',
      message: 'input 1 has 513 tokens, the model takes 512',
      promptTokens: 513,
      contextTokens: 512,
    })
    const far = await gateway.askVectors(text('x'.repeat(1_000_000))).outcome
    expect(far.failed).toMatchObject({
      message: 'input 0 has at least 62500 tokens, the model takes 512',
      promptTokens: 62_500,
      contextTokens: 512,
      uncounted: true,
    })
  })

  test.each([
    ['an id out of range', [{ kind: 'ids' as const, ids: [4_000_000_000] }], 'ENGINE_BUG'],
    [
      'messages',
      [
        {
          kind: 'chat' as const,
          messages: [{ role: 'user' as const, content: 'x' }],
          tools: [],
          thinking: 'default' as const,
        },
      ],
      'MODEL_KIND',
    ],
  ])('%s fails its own job alone', async (_what, inputs, code) => {
    const wrong = gateway.askVectors(inputs).outcome
    const right = gateway.askVectors(text('cat')).outcome
    expect((await wrong).failed?.code).toBe(code)
    expect((await right).told).toHaveLength(1)
  })

  test('a chat is refused', async () => {
    expect((await gateway.ask()).failed?.code).toBe('MODEL_KIND')
  })

  test('a short job is not held up by a long one, and a cancelled one ends', async () => {
    const long = gateway.askVectors(text(...Array.from({ length: 2000 }, () => 'a '.repeat(400))))
    const short = await gateway.askVectors(text('cat')).outcome
    expect(short.told).toHaveLength(1)
    gateway.cancel(long.job)
    const { told, done } = await long.outcome
    expect(told.length).toBeLessThan(2000)
    expect(done).toBeDefined()
  })

  test('a connection that ends takes its jobs with it', async () => {
    const doomed = engine.connect()
    await doomed.ready
    void doomed.askVectors(text(...Array.from({ length: 500 }, () => 'a '.repeat(400)))).outcome
    doomed.socket.destroy()
    expect((await gateway.askVectors(text('cat')).outcome).told).toHaveLength(1)
  })

  test.each(['job used twice', 'cancel of nothing'])('%s closes the connection', async (what) => {
    const rude = engine.connect()
    await rude.ready
    await rude.askVectors(text('cat')).outcome
    if (what === 'cancel of nothing') rude.cancel(99)
    else rude.connection.send('vectors.ask', { job: 1, client: 'c-1', inputs: text('cat') })
    await rude.closed
    expect((await gateway.askVectors(text('cat')).outcome).told).toHaveLength(1)
  })
})

describe('how it does not start, and how it ends', () => {
  let engine: EngineProcess | undefined
  afterEach(async () => {
    await engine?.close()
  })

  test.each([
    ['none', 0],
    ['of a reranker', 4],
  ])('pooling %s is no embedding model', async (_what, pooling) => {
    engine = await startEngine({ model: tinyBertBytes({ pooling }), template: null })
    expect(await engine.exited).toBe(78)
    expect(engine.logs()).toContain('ENGINE_MODEL_INVALID')
    expect(engine.logs()).toContain('pooling_type')
  })

  test('a model of another kind than its settings say', async () => {
    const models = { tiny: { kind: 'chat' } }
    engine = await startEngine({ ...BERT, sets: [`models=${JSON.stringify(models)}`] })
    expect(await engine.exited).toBe(78)
    expect(engine.logs()).toContain('MODEL_KIND')
  })

  test('a trial makes a vector under the last filter and ends with 0', async () => {
    engine = await startEngine({ ...BERT, mainArguments: ['--trial'] })
    expect(await engine.exited).toBe(0)
    expect(engine.logs()).toBe('')
  })

  test('on demand it ends with 0 when it idles, and not while a job runs', async () => {
    const models = { tiny: { load: 'demand', idleMs: 400 } }
    engine = await startEngine({ ...BERT, sets: [`models=${JSON.stringify(models)}`] })
    await untilLogged(engine, '"ready"')
    const gateway = engine.connect()
    await gateway.ready
    const startMs = performance.now()
    const inputs = text(...Array.from({ length: 400 }, () => 'a '.repeat(510)))
    const { told } = await gateway.askVectors(inputs).outcome
    expect(told).toHaveLength(400)
    expect(performance.now() - startMs, 'longer than idleMs').toBeGreaterThan(400)
    const endMs = performance.now()
    expect(await engine.exited).toBe(0)
    expect(performance.now() - endMs).toBeGreaterThan(300)
    expect(engine.logs()).toContain('"why":"idle"')
  })
})
