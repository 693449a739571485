/** OpenAI's own SDK against /v1/responses and /v1/completions of a real gateway. */
import OpenAI, { APIError, AuthenticationError, BadRequestError } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answering } from './gateway-answers.ts'
import { KEY, startGatewayProcess, type GatewayProcess } from './gateway-process.ts'
import { MODEL } from './gateway-stand-ins.ts'

let gateway: GatewayProcess
let client: OpenAI

const tools: OpenAI.Responses.FunctionTool[] = [
  {
    type: 'function',
    name: 'weather',
    description: 'The weather of a town.',
    strict: true,
    parameters: {
      type: 'object',
      properties: { town: { type: 'string' } },
      required: ['town'],
      additionalProperties: false,
    },
  },
]
const format = {
  type: 'json_schema' as const,
  name: 'town',
  strict: true,
  schema: {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  },
}

beforeAll(async () => {
  gateway = await startGatewayProcess()
  client = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
beforeEach(() => {
  gateway.engine.onStart = answering([{ answer: 'The capital of France is Paris.' }])
  gateway.engine.starts.length = 0
})
afterAll(async () => {
  await gateway.close()
})

test('a response', async () => {
  const response = await client.responses.create({
    model: MODEL,
    instructions: 'Be brief.',
    input: 'Capital of France?',
    store: false,
    metadata: { who: 'me' },
  })
  expect(response.output_text).toBe('The capital of France is Paris.')
  expect(response).toMatchObject({
    object: 'response',
    status: 'completed',
    store: false,
    metadata: { who: 'me' },
    usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 6 },
  })
  expect(gateway.engine.starts[0]?.input).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Capital of France?' },
    ],
  })
})

test('a stream: the events of OpenAI in the order of OpenAI, numbered', async () => {
  gateway.engine.onStart = answering([{ thought: 'Paris it is.' }, { answer: 'Paris.' }])
  const stream = await client.responses.create({ model: MODEL, input: 'x', stream: true })
  const events: OpenAI.Responses.ResponseStreamEvent[] = []
  for await (const event of stream) events.push(event)
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at))
  const types = events.map(({ type }) => type)
  expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.reasoning_text.delta',
    'response.reasoning_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
})

test("the SDK's stream helper puts the same response together as it gets whole", async () => {
  gateway.engine.onStart = answering(
    [
      { thought: 'Which town?' },
      { answer: 'I will look.' },
      { call: 'weather', arguments: '{"town": "Paris"}' },
    ],
    { finish: 'calls' },
  )
  const body = { model: MODEL, input: 'x', tools }
  const streamed = await client.responses.stream(body).finalResponse()
  const whole = await client.responses.create(body)
  const withoutIds = (response: object) =>
    JSON.parse(
      JSON.stringify(response).replaceAll(/"(rs|msg|fc|call|resp)_[0-9a-f]{32}"/g, '"$1"'),
    ) as OpenAI.Responses.Response
  expect(withoutIds(streamed).output).toMatchObject(withoutIds(whole).output)
  expect(whole.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call'])
  expect(streamed.output[2]).toMatchObject({ parsed_arguments: { town: 'Paris' } })
})

test('a tools round trip, with the items sent back as they came', async () => {
  gateway.engine.onStart = answering(
    [
      { thought: 'A tool.' },
      { call: 'weather', arguments: '{"town": "Paris"}' },
      { call: 'weather', arguments: '{"town": "Lyon"}' },
    ],
    { finish: 'calls' },
  )
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather?' }]
  const first = await client.responses.create({
    model: MODEL,
    input,
    tools,
    tool_choice: 'required',
  })
  const calls = first.output.filter((item) => item.type === 'function_call')
  expect(calls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual([
    { town: 'Paris' },
    { town: 'Lyon' },
  ])
  expect(gateway.engine.starts[0]?.form.calls).toEqual({
    mode: 'must',
    only: null,
    atOnce: 'several',
  })
  gateway.engine.onStart = answering([{ answer: 'Sun.' }])
  const outputs = calls.map(({ call_id }) => {
    return { type: 'function_call_output' as const, call_id, output: 'sunny' }
  })
  const second = await client.responses.create({
    model: MODEL,
    input: [...input, ...(first.output as OpenAI.Responses.ResponseInput), ...outputs],
    tools,
  })
  expect(second.output_text).toBe('Sun.')
  const lit = expect.stringMatching(/^<<DATA [0-9a-f]{16}>>\nsunny\n<<END /) as string
  expect(gateway.engine.starts[1]?.input).toMatchObject({
    messages: [
      // The line about the marks.
      { role: 'system' },
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', calls: [{ name: 'weather' }, { name: 'weather' }] },
      { role: 'tool', content: lit, callId: calls[0]!.call_id },
      { role: 'tool', content: lit, callId: calls[1]!.call_id },
    ],
  })
})

test('text.format: parsed by the SDK, held by a grammar', async () => {
  gateway.engine.onStart = answering([{ answer: '{"name": "Paris"}' }])
  const response = await client.responses.parse({ model: MODEL, input: 'x', text: { format } })
  expect(response.output_parsed).toEqual({ name: 'Paris' })
  expect(gateway.engine.starts[0]?.form.rules).toContain('a-root ::=')
})

test('log probabilities', async () => {
  const response = await client.responses.create({
    model: MODEL,
    input: 'x',
    include: ['message.output_text.logprobs'],
    top_logprobs: 2,
  })
  const [message] = response.output
  expect(message).toMatchObject({ content: [{ logprobs: { length: 6 } }] })
  expect(gateway.engine.starts[0]?.topLogprobs).toBe(2)
})

test('an answer that is cut is incomplete, whole and streamed', async () => {
  gateway.engine.onStart = answering([{ answer: 'The capital' }], { finish: 'length' })
  const body = { model: MODEL, input: 'x', max_output_tokens: 16 }
  const whole = await client.responses.create(body)
  const streamed = await client.responses.stream(body).finalResponse()
  for (const response of [whole, streamed]) {
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    })
  }
})

test('an engine that dies in the middle is response.failed', async () => {
  gateway.engine.onStart = ({ connection }, { job }) => {
    connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
    const text = 'half of a long answer that goes on'
    const chars = [text.length]
    connection.send('job.text', { job, choice: 0, part: 'answer', text, chars, chances: [] })
    setTimeout(() => {
      gateway.engine.die()
    }, 50)
  }
  const stream = await client.responses.create({ model: MODEL, input: 'x', stream: true })
  let last: OpenAI.Responses.ResponseStreamEvent | undefined
  for await (const event of stream) last = event
  expect(last).toMatchObject({
    type: 'response.failed',
    response: { status: 'failed', error: { code: 'server_error' } },
  })
  await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status).toBe(200)
})

test('breaking off a stream cancels the job', async () => {
  gateway.engine.onStart = ({ connection }, { job }) => {
    connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
    const text = 'a long beginning of it'
    connection.send('job.text', { job, choice: 0, part: 'answer', text, chars: [22], chances: [] })
  }
  const cancels = gateway.engine.cancels.length
  const stream = await client.responses.create({ model: MODEL, input: 'x', stream: true })
  for await (const event of stream) {
    expect(event.type).toBe('response.created')
    break
  }
  await expect.poll(() => gateway.engine.cancels.length).toBe(cancels + 1)
})

describe('errors', () => {
  test.each([
    [{ store: true }, 'unsupported_parameter', 'store'],
    [{ previous_response_id: 'resp_1' }, 'unsupported_parameter', 'previous_response_id'],
    [{ background: true }, 'unsupported_parameter', 'background'],
    [{ tools: [{ type: 'web_search' }] }, 'invalid_value', 'tools[0].type'],
    [{ input: [{ type: 'item_reference', id: 'x' }] }, 'unsupported_parameter', 'input[0].type'],
  ])('%j', async (over, code, param) => {
    const error = await client.responses
      .create({ model: MODEL, input: 'x', ...(over as object) })
      .then(
        () => expect.unreachable(),
        (thrown: unknown) => thrown as APIError,
      )
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ code, param })
  })

  test('a wrong key', async () => {
    const wrong = client.withOptions({ apiKey: 'sk-local-wrong' })
    await expect(wrong.responses.create({ model: MODEL, input: 'x' })).rejects.toBeInstanceOf(
      AuthenticationError,
    )
  })
})

describe('completions', () => {
  test('whole', async () => {
    const body = { model: MODEL, prompt: ['a', 'b'], max_tokens: 9 }
    const { choices, usage } = await client.completions.create(body)
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, 'The capital of France is Paris.'],
      [1, 'The capital of France is Paris.'],
    ])
    expect(usage?.prompt_tokens).toBe(20)
  })

  test('streamed', async () => {
    const stream = await client.completions.create({ model: MODEL, prompt: 'a', stream: true })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? ''
    expect(text).toBe('The capital of France is Paris.')
  })
})
