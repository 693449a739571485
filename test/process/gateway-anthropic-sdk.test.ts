/** Anthropic's own SDK against /v1/messages of a real gateway. */
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
} from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answering } from './gateway-answers.ts'
import { KEY, startGatewayProcess, type GatewayProcess } from './gateway-process.ts'
import { MODEL, READY } from './gateway-stand-ins.ts'

let gateway: GatewayProcess
let client: Anthropic

const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Capital of France?' }]
const least = { model: MODEL, max_tokens: 64, messages }
const tools: Anthropic.Tool[] = [
  {
    name: 'weather',
    description: 'The weather of a town.',
    input_schema: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
  },
]

beforeAll(async () => {
  gateway = await startGatewayProcess()
  client = new Anthropic({ apiKey: KEY, baseURL: gateway.url, maxRetries: 0 })
})
beforeEach(() => {
  gateway.engine.onStart = answering([{ answer: 'The capital of France is Paris.' }])
  gateway.engine.starts.length = 0
})
afterAll(async () => {
  await gateway.close()
})

test('a message', async () => {
  // The SDK's types leave it to newer models.
  const sampling: object = { top_k: 5 }
  const message = await client.messages.create({ ...least, system: 'Be brief.', ...sampling })
  expect(message).toMatchObject({
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [{ type: 'text', text: 'The capital of France is Paris.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 6 },
  })
  expect(message._request_id).toMatch(/^req_[0-9a-f]{32}$/)
  expect(gateway.engine.starts[0]).toMatchObject({
    maxTokens: 64,
    sampling: { topK: 5, temperature: 1 },
    input: { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }] },
  })
})

test('the key as a Bearer token', async () => {
  const bearer = new Anthropic({ apiKey: null, authToken: KEY, baseURL: gateway.url })
  expect((await bearer.messages.create(least)).stop_reason).toBe('end_turn')
})

test('a stream: the events of Anthropic in their order', async () => {
  gateway.engine.onStart = answering(
    [
      { thought: 'Paris it is.' },
      { answer: 'I will look.' },
      { call: 'weather', arguments: '{"town": "Paris"}' },
    ],
    { finish: 'calls' },
  )
  const stream = await client.messages.create({ ...least, tools, stream: true })
  const types: string[] = []
  for await (const event of stream) {
    types.push('delta' in event && 'type' in event.delta ? event.delta.type : event.type)
  }
  expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
    'message_start',
    'content_block_start',
    'thinking_delta',
    'content_block_stop',
    'content_block_start',
    'text_delta',
    'content_block_stop',
    'content_block_start',
    'input_json_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
})

test("the SDK's stream helper puts the same message together as it gets whole", async () => {
  gateway.engine.onStart = answering(
    [
      { thought: 'Which town?' },
      { answer: 'I will look.' },
      { call: 'weather', arguments: '{"town": "Paris"}' },
    ],
    { finish: 'calls' },
  )
  const streamed = await client.messages.stream({ ...least, tools }).finalMessage()
  const whole = await client.messages.create({ ...least, tools })
  const withoutIds = ({ content, stop_reason, usage }: Anthropic.Message) =>
    JSON.parse(
      JSON.stringify({ content, stop_reason, usage }).replaceAll(/"(toolu)_[0-9a-f]{32}"/g, '"$1"'),
    ) as object
  expect(withoutIds(streamed)).toEqual(withoutIds(whole))
  expect(whole.stop_reason).toBe('tool_use')
  expect(whole.content[2]).toMatchObject({ type: 'tool_use', input: { town: 'Paris' } })
})

test('a tools round trip, with the blocks sent back as they came', async () => {
  gateway.engine.onStart = answering(
    [{ answer: 'Looking.' }, { call: 'weather', arguments: '{"town": "Paris"}' }],
    { finish: 'calls' },
  )
  const choice = { type: 'any' as const, disable_parallel_tool_use: true }
  const first = await client.messages.create({ ...least, tools, tool_choice: choice })
  expect(gateway.engine.starts[0]?.form.calls).toEqual({ mode: 'must', only: null, atOnce: 'one' })
  const use = first.content.find((block) => block.type === 'tool_use')!
  gateway.engine.onStart = answering([{ answer: 'Sun.' }])
  const result = {
    type: 'tool_result' as const,
    tool_use_id: use.id,
    content: [{ type: 'text' as const, text: 'sunny' }],
  }
  await client.messages.create({
    ...least,
    tools,
    messages: [
      ...messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result, { type: 'text', text: 'And?' }] },
    ],
  })
  expect(gateway.engine.starts[1]?.input).toMatchObject({
    messages: [
      // The line about the marks.
      { role: 'system' },
      { role: 'user' },
      { role: 'assistant', content: 'Looking.', calls: [{ id: use.id, name: 'weather' }] },
      {
        role: 'tool',
        content: expect.stringMatching(/^<<DATA [0-9a-f]{16}>>\nsunny\n<<END /) as string,
        callId: use.id,
      },
      { role: 'user', content: 'And?' },
    ],
  })
})

test('a stop sequence is named', async () => {
  gateway.engine.onStart = answering([{ answer: 'The capital' }], { stop: 1 })
  const message = await client.messages.create({ ...least, stop_sequences: ['x', ' of'] })
  expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: ' of' })
})

test('an answer that is cut says by what', async () => {
  gateway.engine.onStart = answering([{ answer: 'The capital' }], { finish: 'length' })
  const cut = await client.messages.create({ ...least, max_tokens: 2 })
  expect(cut.stop_reason).toBe('max_tokens')
  const full = await client.messages.create(least)
  expect(full.stop_reason).toBe('model_context_window_exceeded')
})

test('tokens are counted, with the tools', async () => {
  const bare = await client.messages.countTokens({ model: MODEL, messages })
  const more = await client.messages.countTokens({ model: MODEL, messages, tools })
  expect(bare.input_tokens).toBeGreaterThan(messages[0]!.content.length)
  expect(more.input_tokens).toBeGreaterThan(bare.input_tokens + 'weather'.length)
})

test('an engine that dies in the middle of a stream is an APIError', async () => {
  gateway.engine.onStart = ({ connection }, { job }) => {
    connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
    const text = 'half of a long answer that goes on'
    const chars = [text.length]
    connection.send('job.text', { job, choice: 0, part: 'answer', text, chars, chances: [] })
    setTimeout(() => {
      gateway.engine.die()
    }, 50)
  }
  const stream = await client.messages.create({ ...least, stream: true })
  const read = async () => {
    for await (const event of stream) expect(event.type).toBeTypeOf('string')
  }
  const error: unknown = await read().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({ type: 'overloaded_error', errorCode: 'engine_lost' })
  await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status).toBe(200)
})

test('breaking off a stream cancels the job', async () => {
  gateway.engine.onStart = ({ connection }, { job }) => {
    connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
    const text = 'a long beginning of it'
    connection.send('job.text', { job, choice: 0, part: 'answer', text, chars: [22], chances: [] })
  }
  const cancels = gateway.engine.cancels.length
  const stream = await client.messages.create({ ...least, stream: true })
  for await (const event of stream) {
    expect(event.type).toBe('message_start')
    break
  }
  await expect.poll(() => gateway.engine.cancels.length).toBe(cancels + 1)
})

describe('errors', () => {
  const fail = (over: object, options: object = {}) =>
    client
      .withOptions(options)
      .messages.create({ ...least, ...over })
      .then(
        () => expect.unreachable(),
        (thrown: unknown) => thrown as APIError,
      )

  test.each([
    ['a wrong key', {}, { apiKey: 'sk-local-wrong' }, AuthenticationError, 'invalid_api_key'],
    ['a wrong model', { model: 'claude' }, {}, NotFoundError, 'model_not_found'],
    ['a wrong value', { temperature: 2 }, {}, BadRequestError, 'invalid_value'],
    [
      'a prefill',
      { messages: [...messages, { role: 'assistant', content: 'The' }] },
      {},
      BadRequestError,
      'unsupported_parameter',
    ],
    [
      'a thought of a model that has none',
      { thinking: { type: 'enabled', budget_tokens: 32 } },
      {},
      BadRequestError,
      'unsupported_parameter',
    ],
    [
      'a foreign origin',
      {},
      { defaultHeaders: { origin: 'https://evil.example' } },
      PermissionDeniedError,
      'origin_not_allowed',
    ],
  ])('%s', async (_what, over, options, kind, code) => {
    const error = await fail(over, options)
    expect(error).toBeInstanceOf(kind)
    expect(error.errorCode).toBe(code)
    expect(error.requestID).toMatch(/^req_/)
    expect(gateway.engine.starts).toHaveLength(0)
  })

  test('nobody thinks who was not asked to, where that can be', async () => {
    expect(READY.abilities.thinking).toBe('never')
    await client.messages.create({ ...least, thinking: { type: 'disabled' } })
    expect(gateway.engine.starts[0]?.input).toMatchObject({ thinking: 'default' })
  })
})
