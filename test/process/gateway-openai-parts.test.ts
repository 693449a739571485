/** OpenAI's own SDK: tools there and back, structured output, choices, logprobs, thoughts. */
import OpenAI, { BadRequestError } from 'openai'
import { ContentFilterFinishReasonError } from 'openai/error'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BodyOf } from '../../src/wire/frames.ts'
import { KEY, startGatewayProcess, type GatewayProcess } from './gateway-process.ts'
import { doneBody, MODEL, type EnginePeer, type JobStart } from './gateway-stand-ins.ts'

type Text = BodyOf<'job.text'>
type End = BodyOf<'job.done'>['choices'][number]['finish']

const messages = [{ role: 'user' as const, content: 'Look at Paris.' }]
const parameters = { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] }
const tools = [{ type: 'function' as const, function: { name: 'look', parameters } }]
const format = {
  type: 'json_schema' as const,
  json_schema: {
    name: 'x',
    strict: true,
    schema: { ...parameters, properties: { to: { type: 'string', format: 'email' } } },
  },
}

let gateway: GatewayProcess
let client: OpenAI

beforeAll(async () => {
  gateway = await startGatewayProcess({ sets: [] })
  client = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await gateway.close()
})

/** The next jobs are answered with these parts, each a token; a name alone is a call. */
function answers(...script: readonly { parts: (Partial<Text> | string)[]; ends: End[] }[]) {
  const left = [...script]
  gateway.engine.starts.length = 0
  gateway.engine.onStart = (peer, start) => {
    const { parts, ends } = left.shift()!
    play(peer, start, parts, ends)
  }
}

function play(peer: EnginePeer, start: JobStart, parts: (Partial<Text> | string)[], ends: End[]) {
  const { job } = start
  peer.ended.add(job)
  peer.connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
  for (const part of parts) {
    if (typeof part === 'string') peer.connection.send('job.call', { job, choice: 0, name: part })
    else {
      const text = part.text ?? ''
      const body = { job, choice: 0, part: 'answer' as const, chars: [text.length], chances: [] }
      peer.connection.send('job.text', { ...body, ...part, text })
    }
  }
  const choices = ends.map((finish) => ({ finish, stop: null }))
  peer.connection.send('job.done', { ...doneBody(job, parts.length), choices })
}

const call = {
  parts: [
    'look',
    { part: 'arguments' as const, text: '{"to":' },
    { part: 'arguments' as const, text: '"Paris"}' },
  ],
  ends: ['calls' as const],
}
const text = { parts: [{ text: 'It is ' }, { text: 'there.' }], ends: ['stop' as const] }

test('tools, there and back, streamed by the helper', async () => {
  answers(call, text)
  const seen: unknown[] = []
  const runner = client.chat.completions.runTools({
    model: MODEL,
    messages,
    stream: true,
    tools: [
      {
        type: 'function',
        function: {
          name: 'look',
          description: 'Looks.',
          parameters,
          parse: (given: string) => JSON.parse(given) as { to: string },
          function: (given: { to: string }) => {
            seen.push(given)
            return 'seen'
          },
        },
      },
    ],
  })
  expect(await runner.finalContent()).toBe('It is there.')
  expect(seen).toEqual([{ to: 'Paris' }])
  const [, second] = gateway.engine.starts
  expect(second?.input).toMatchObject({
    messages: [
      // The line about the marks.
      { role: 'system' },
      { role: 'user' },
      { role: 'assistant', calls: [{ name: 'look', arguments: '{"to":"Paris"}' }] },
      {
        role: 'tool',
        content: expect.stringMatching(/^<<DATA [0-9a-f]{16}>>\nseen\n<<END /) as string,
      },
    ],
  })
})

test('a call in one piece', async () => {
  answers(call)
  const answer = await client.chat.completions.create({ model: MODEL, messages, tools })
  const [choice] = answer.choices
  expect(choice?.finish_reason).toBe('tool_calls')
  expect(choice?.message.content).toBeNull()
  expect(choice?.message.tool_calls).toMatchObject([
    { type: 'function', function: { name: 'look', arguments: '{"to":"Paris"}' } },
  ])
})

test('structured output parses; a mask in it is a filter, not a broken document', async () => {
  const free = { ...format, json_schema: { ...format.json_schema, schema: parameters } }
  answers({ parts: [{ text: '{"to":"Paris"}' }], ends: ['stop'] })
  const answer = await client.chat.completions.parse({
    model: MODEL,
    messages,
    response_format: free,
  })
  expect(answer.choices[0]?.message.content).toBe('{"to":"Paris"}')
  answers({ parts: [{ text: '{"to":"ada@example.org"}' }], ends: ['stop'] })
  const filtered = client.chat.completions.parse({
    model: MODEL,
    messages,
    tools: [{ type: 'function', function: { name: 'look', parameters, strict: true } }],
    response_format: format,
  })
  await expect(filtered).rejects.toBeInstanceOf(ContentFilterFinishReasonError)
})

test('a schema that is not supported is a BadRequestError', async () => {
  const wrong = { ...format, json_schema: { name: 'x', schema: { not: {} } } }
  const thrown: unknown = await client.chat.completions
    .create({ model: MODEL, messages, response_format: wrong })
    .catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(BadRequestError)
  expect(thrown).toMatchObject({ param: 'response_format.json_schema.schema' })
})

test('two choices and their logprobs, streamed', async () => {
  const chances = [{ bytes: Buffer.from('yes').toString('base64'), logprob: -0.1, top: [] }]
  answers({
    parts: [
      { text: 'yes', chances },
      { text: 'yes', chances, choice: 1 },
    ],
    ends: ['stop', 'length'],
  })
  const stream = client.chat.completions.stream({ model: MODEL, messages, n: 2, logprobs: true })
  const final = await stream.finalChatCompletion()
  expect(
    final.choices.map(({ finish_reason, message }) => [finish_reason, message.content]),
  ).toEqual([
    ['stop', 'yes'],
    ['length', 'yes'],
  ])
  expect(final.choices[1]?.logprobs?.content).toMatchObject([{ token: 'yes', logprob: -0.1 }])
})

test('a thought', async () => {
  answers({ parts: [{ part: 'thought', text: 'hm' }, { text: 'Paris.' }], ends: ['stop'] })
  const { choices, usage } = await client.chat.completions.create({ model: MODEL, messages })
  expect(choices[0]?.message).toMatchObject({ content: 'Paris.', reasoning_content: 'hm' })
  expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(1)
})
