/** OpenAI's own SDK against a real gateway: what its users see, and which error classes they get. */
import OpenAI, {
  APIConnectionError,
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KEY, startGatewayProcess, type GatewayProcess } from './gateway-process.ts'
import { MODEL } from './gateway-stand-ins.ts'

const messages = [{ role: 'user' as const, content: 'The capital of France is' }]
const ANSWER = 'The capital of France is Paris.'

let gateway: GatewayProcess
let client: OpenAI
let honest: GatewayProcess['engine']['onStart']

beforeAll(async () => {
  gateway = await startGatewayProcess({ sets: ['gateway.retryAfterSeconds=1'] })
  honest = gateway.engine.onStart
  client = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
beforeEach(() => {
  gateway.engine.onStart = honest
  gateway.engine.starts.length = 0
})
afterAll(async () => {
  await gateway.close()
})

test('models', async () => {
  const list = await client.models.list()
  expect(list.data.map((model) => [model.id, model.owned_by])).toEqual([[MODEL, 'local']])
  expect((await client.models.retrieve(MODEL)).id).toBe(MODEL)
})

test('a chat', async () => {
  const answer = await client.chat.completions.create({ model: MODEL, messages })
  expect(answer.choices[0]?.message.content).toBe(ANSWER)
  expect(answer.choices[0]?.finish_reason).toBe('stop')
  expect(answer.usage?.total_tokens).toBe(7)
  expect(answer._request_id).toMatch(/^req_[0-9a-f]{32}$/)
})

test('a conversation with what came back', async () => {
  const first = await client.chat.completions.create({ model: MODEL, messages })
  const again = [...messages, first.choices[0]!.message, ...messages]
  const second = await client.chat.completions.create({ model: MODEL, messages: again })
  expect(second.choices[0]?.message.content).toBe(ANSWER)
  expect(gateway.engine.starts[1]?.input).toMatchObject({ messages: { length: 3 } })
})

test('a stream, with its usage', async () => {
  const stream = await client.chat.completions.create({
    model: MODEL,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let total: number | undefined
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    total = chunk.usage?.total_tokens
  }
  expect([text, total]).toEqual([ANSWER, 7])
})

test("the SDK's stream helper", async () => {
  const runner = client.chat.completions.stream({ model: MODEL, messages })
  expect(await runner.finalContent()).toBe(ANSWER)
})

test('breaking off a stream cancels the job', async () => {
  gateway.engine.onStart = ({ connection }, { job }) => {
    connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
    connection.send('job.text', {
      job,
      choice: 0,
      part: 'answer',
      chances: [],
      text: 'a long beginning of it',
      chars: [22],
    })
  }
  const cancels = gateway.engine.cancels.length
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  for await (const chunk of stream) {
    expect(chunk.object).toBe('chat.completion.chunk')
    break
  }
  await expect.poll(() => gateway.engine.cancels.length).toBe(cancels + 1)
})

describe('errors', () => {
  const chat = (over: object = {}, options: object = {}) =>
    client
      .withOptions(options)
      .chat.completions.create({ model: MODEL, messages, ...over })
      .then(
        () => expect.unreachable(),
        (thrown: unknown) => thrown as APIError,
      )

  test.each([
    ['a wrong key', {}, { apiKey: 'sk-local-wrong' }, AuthenticationError, 'invalid_api_key', null],
    ['a wrong model', { model: 'gpt-4o' }, {}, NotFoundError, 'model_not_found', 'model'],
    ['a wrong value', { temperature: 9 }, {}, BadRequestError, 'invalid_value', 'temperature'],
    ['a wrong field', { grammar: 'x' }, {}, BadRequestError, 'unknown_parameter', 'grammar'],
    [
      'tools',
      { tools: [{ type: 'custom' }] },
      {},
      BadRequestError,
      'unsupported_parameter',
      'tools[0].type',
    ],
    [
      'a foreign origin',
      {},
      { defaultHeaders: { origin: 'https://evil.example' } },
      PermissionDeniedError,
      'origin_not_allowed',
      null,
    ],
  ])('%s', async (_what, over, options, kind, code, param) => {
    const error = await chat(over, options)
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ code, param })
    expect(error.requestID).toMatch(/^req_/)
    expect(gateway.engine.starts).toHaveLength(0)
  })

  test('busy is a RateLimitError, and its wait is obeyed', async () => {
    const jobs: (() => void)[] = []
    gateway.engine.onStart = (peer, { job }) => {
      jobs.push(() => {
        peer.answer(job, ['x'])
      })
    }
    const eight = Array.from({ length: 8 }, () =>
      client.chat.completions.create({ model: MODEL, messages }),
    )
    await expect.poll(() => jobs.length).toBe(8)
    const busy = await chat()
    expect(busy).toBeInstanceOf(RateLimitError)
    expect(busy.code).toBe('gateway_busy')
    const patient = client
      .withOptions({ maxRetries: 2 })
      .chat.completions.create({ model: MODEL, messages })
    gateway.engine.onStart = honest
    for (const answer of jobs) answer()
    await Promise.all(eight)
    expect((await patient).choices[0]?.message.content).toBe(ANSWER)
  })

  test('a record that refuses is an InternalServerError of 503', async () => {
    gateway.keeper.mode = 'refuse'
    const error = await chat()
    gateway.keeper.mode = 'keep'
    expect(error).toBeInstanceOf(InternalServerError)
    expect([error.status, error.code]).toEqual([503, 'audit_unavailable'])
    const status = async () => (await fetch(`${gateway.url}/readyz`)).status
    await expect.poll(status, { timeout: 5000 }).toBe(200)
  })

  test('an engine that dies in the middle of a stream is an APIError, not an end', async () => {
    gateway.engine.onStart = ({ connection }, { job }) => {
      connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
      connection.send('job.text', {
        job,
        choice: 0,
        part: 'answer',
        chances: [],
        text: 'half of a long answer',
        chars: [21],
      })
      setTimeout(() => {
        gateway.engine.die()
      }, 50)
    }
    const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
    const read = async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1)
    }
    const error: unknown = await read().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(APIError)
    expect(error).not.toBeInstanceOf(APIConnectionError)
    expect(error).toMatchObject({ code: 'engine_lost' })
    // With its default retries the SDK gets over the time the engine is away.
    gateway.engine.onStart = honest
    const after = await client
      .withOptions({ maxRetries: 3 })
      .chat.completions.create({ model: MODEL, messages })
    expect(after.choices[0]?.message.content).toBe(ANSWER)
  })
})
