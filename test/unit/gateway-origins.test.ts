/** The guard is told from where each text comes: a document must not be believed as a user is. */
import { afterEach, expect, test } from 'vitest'
import type { Guarded } from '../../src/gateway/guard-port.ts'
import { ask } from './gateway-endpoints.ts'
import { GUARD, testApp, type TestApp } from './gateway-fakes.ts'

let current: TestApp
afterEach(async () => {
  await current.app.close()
})

async function originsOf(url: string, body: object): Promise<(readonly [string, string])[]> {
  const seen: Guarded[] = []
  const guard: typeof GUARD = {
    ...GUARD,
    inspect: (texts) => {
      seen.push(...texts)
      return GUARD.inspect(texts)
    },
  }
  current = await testApp({ maxBodyBytes: 65_536, maxMessages: 16 }, { guard })
  // JSON, for the answer that promises to be some.
  current.engine.script = (job) => job.started().text('{}').done()
  const reply = await ask(current.app, url, body)
  expect(reply.statusCode, reply.body).toBe(200)
  return seen.map(({ content, origin }) => [content, origin] as const)
}

const schema = { type: 'object', properties: {} }

test('a chat', async () => {
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }
  const parts = [
    { type: 'text', text: 'read' },
    { type: 'text', text: 'a page', untrusted: true },
  ]
  const origins = await originsOf('/v1/chat/completions', {
    messages: [
      { role: 'system', content: 's' },
      { role: 'developer', content: 'd' },
      { role: 'user', content: parts },
      { role: 'assistant', content: 'a', tool_calls: [call] },
      { role: 'tool', content: 't', tool_call_id: 'c1' },
      { role: 'user', content: 'u' },
    ],
    documents: [{ title: 'T', text: 'D' }],
    tools: [{ type: 'function', function: { name: 'f', description: 'F', parameters: schema } }],
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
  })
  expect(origins).toEqual([
    ['s', 'system'],
    ['d', 'system'],
    ['read', 'user'],
    ['a page', 'document'],
    ['a', 'assistant'],
    ['{"a":1}', 'assistant'],
    ['t', 'tool'],
    ['u', 'user'],
    ['T', 'document'],
    ['D', 'document'],
    ['F', 'system'],
    [JSON.stringify(schema), 'system'],
    [JSON.stringify(schema), 'system'],
  ])
})

test('a response, with the result of a tool', async () => {
  const origins = await originsOf('/v1/responses', {
    instructions: 'i',
    input: [
      { role: 'user', content: 'u' },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 't' },
    ],
  })
  expect(origins).toEqual([
    ['i', 'system'],
    ['u', 'user'],
    ['', 'assistant'],
    ['{}', 'assistant'],
    ['t', 'tool'],
  ])
})

test('a message of Anthropic’s, with the result of a tool', async () => {
  const use = { type: 'tool_use', id: 'c1', name: 'f', input: {} }
  const origins = await originsOf('/v1/messages', {
    system: 's',
    messages: [
      { role: 'user', content: 'u' },
      { role: 'assistant', content: [use] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 't' }] },
    ],
  })
  expect(origins).toEqual([
    ['s', 'system'],
    ['u', 'user'],
    ['', 'assistant'],
    ['{}', 'assistant'],
    ['t', 'tool'],
  ])
})

test.each([
  ['/v1/completions', { prompt: 'p' }],
  ['/v1/completions', { prompt: [112] }],
  ['/v1/embeddings', { input: 'p' }],
  ['/v1/tokenize', { input: 'p' }],
])('a plain text is a user’s: %s %j', async (url, body) => {
  expect(await originsOf(url, body)).toEqual([['p', 'user']])
})
