/** Every route that needs an engine finds it by the name of its model, and has it loaded. */
import { afterEach, describe, expect, test } from 'vitest'
import type { ErrorBody } from '../../src/gateway/api-error.ts'
import { createEngines } from '../../src/gateway/engines.ts'
import { ask, LEAST_BODIES, type AnthropicError } from './gateway-endpoints.ts'
import {
  FakeEngine,
  FakeKeeper,
  MODEL,
  READY,
  testApp,
  VECTORS_MODEL,
  VECTORS_READY,
  type TestApp,
} from './gateway-fakes.ts'

/** On demand: there after a moment, and only when somebody asks. */
class RestingEngine extends FakeEngine {
  loads = 0
  readonly #later = this.ready
  constructor(ready = READY) {
    super(ready)
    this.ready = undefined
    this.state = 'resting'
  }

  override async load(...asked: Parameters<FakeEngine['load']>) {
    this.loads++
    await new Promise((resolve) => setTimeout(resolve, 5))
    this.ready = this.#later
    return super.load(...asked)
  }
}

let current: TestApp
afterEach(async () => {
  await current.app.close()
})

async function start(keeper = new FakeKeeper()) {
  const chat = new RestingEngine()
  const vectors = new RestingEngine(VECTORS_READY)
  current = await testApp({}, { engines: createEngines([chat, vectors]), keeper })
  return { app: current.app, chat, vectors, keeper }
}

const codeOf = (url: string, body: unknown) =>
  url.startsWith('/v1/messages')
    ? (body as AnthropicError).error.details.error_code
    : (body as ErrorBody).error.code

/** What each route may be asked with a text that the guard refuses. */
const ATTACKS: Readonly<Record<string, object>> = {
  '/v1/chat/completions': { messages: [{ role: 'user', content: 'attack' }] },
  '/v1/responses': { input: 'attack' },
  '/v1/messages': { messages: [{ role: 'user', content: 'attack' }] },
  '/v1/messages/count_tokens': { messages: [{ role: 'user', content: 'attack' }] },
  '/v1/embeddings': { input: 'attack' },
  '/v1/tokenize': { input: 'attack' },
}

describe.each(Object.keys(LEAST_BODIES))('%s', (url) => {
  const own = url === '/v1/embeddings' ? VECTORS_MODEL : MODEL
  const other = url === '/v1/embeddings' ? MODEL : VECTORS_MODEL

  test('loads the model that it names, and no other', async () => {
    const { app, chat, vectors } = await start()
    const reply = await ask(app, url)
    expect([reply.statusCode, reply.body]).toEqual([200, reply.body])
    const [asked, left] = own === MODEL ? [chat, vectors] : [vectors, chat]
    expect(asked.loads).toBeGreaterThan(0)
    expect(left.loads).toBe(0)
  })

  test('a model of the other kind is refused, and gets no work', async () => {
    const { app, chat, vectors } = await start()
    const reply = await ask(app, url, { model: other })
    expect([reply.statusCode, codeOf(url, reply.json())]).toEqual([400, 'model_kind'])
    const work = [chat, vectors].map(({ jobs, vectorJobs, questions }) => [
      ...jobs,
      ...vectorJobs,
      ...questions,
    ])
    expect(work).toEqual([[], []])
  })

  test('a model that is not there', async () => {
    const { app, chat, vectors } = await start()
    const reply = await ask(app, url, { model: 'nobody' })
    expect([reply.statusCode, codeOf(url, reply.json())]).toEqual([404, 'model_not_found'])
    expect([chat.loads, vectors.loads]).toEqual([0, 0])
  })

  test('nothing is loaded while the record is away', async () => {
    const { app, chat, vectors, keeper } = await start()
    keeper.state = 'away'
    const reply = await ask(app, url)
    expect([reply.statusCode, codeOf(url, reply.json())]).toEqual([503, 'keeper_unavailable'])
    expect([chat.loads, vectors.loads]).toEqual([0, 0])
  })
})

test.each(Object.entries(ATTACKS))('%s loads nothing for what is refused', async (url, over) => {
  const { app, chat, vectors } = await start()
  const reply = await ask(app, url, over)
  expect([reply.statusCode, codeOf(url, reply.json())]).toEqual([400, 'guard_refused'])
  expect([chat.loads, vectors.loads]).toEqual([0, 0])
})

test.each(['/v1/messages', '/v1/messages/count_tokens'])(
  '%s asks a model that always thinks, once it is known to',
  async (url) => {
    const abilities = { thinking: 'always' as const, infill: false }
    const engine = new RestingEngine({ ...READY, abilities })
    current = await testApp({}, { engines: createEngines([engine]) })
    expect((await ask(current.app, url)).statusCode).toBe(200)
  },
)
