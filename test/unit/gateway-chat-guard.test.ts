/** Everything a client writes that the model reads has passed the input guard: the real one here. */
import { afterEach, expect, test } from 'vitest'
import { chatBody, post, testApp, type TestApp } from './gateway-fakes.ts'
import { realGuard } from './gateway-guards.ts'

const LIMITS = { maxMessageChars: 400, maxPromptChars: 600 }
const PLAIN = { plain: { documents: 'plain' } }
const guard = realGuard({ ...LIMITS, profiles: PLAIN, profile: 'plain' })

let current: TestApp
const start = async () => (current = await testApp({}, { guard }))
afterEach(async () => {
  await current.app.close()
})

/** A zero-width space, which nobody sees. */
const HIDDEN = '\u200b'
const tool = (description: string, parameters: object = {}) => ({
  tools: [{ type: 'function', function: { name: 'look', description, parameters } }],
})
const called = (text: string) => ({
  messages: [
    { role: 'user', content: 'hello' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: text } }],
    },
    { role: 'tool', content: `se${HIDDEN}en`, tool_call_id: 'c1' },
  ],
})
const schemaOf = (name: string) => ({
  type: 'object',
  properties: { [name]: { type: 'string', description: name } },
})

test('what nobody sees is taken out of tools, schemas, calls and their answers', async () => {
  const { app, engine } = await start()
  const body = {
    ...tool(`Lo${HIDDEN}oks.`, schemaOf(`na${HIDDEN}me`)),
    ...called(`{"na${HIDDEN}me":"x","n":12345678901234567890,"u":"\\u200b"}`),
  }
  const reply = await app.inject(post(chatBody(body)))
  expect([reply.statusCode, reply.headers['x-secure-llm-findings']]).toEqual([
    200,
    'input.invisible.zero-width',
  ])
  const { input } = engine.jobs[0]!.order
  expect(JSON.stringify(input)).not.toMatch(/\u200b|\\u200b/)
  expect(input).toMatchObject({
    messages: [
      {},
      // The number has kept its digits.
      { calls: [{ arguments: '{"name":"x","n":12345678901234567890,"u":""}' }] },
      { content: 'seen' },
    ],
    tools: [{ description: 'Looks.', parameters: JSON.stringify(schemaOf('name')) }],
  })
})

test('the rules are those of the schema that the model sees', async () => {
  const { app, engine } = await start()
  await app.inject(post(chatBody(tool('x', schemaOf(`na${HIDDEN}me`)))))
  const { input } = engine.jobs[0]!.order
  expect(input.kind === 'chat' && input.tools[0]?.rules).toContain('\\"name\\"')
})

test.each([
  ['a description', tool('x'.repeat(401)), 'message-too-long'],
  ['a schema', tool('x', schemaOf('n'.repeat(200))), 'message-too-long'],
  ['arguments', called(JSON.stringify({ a: 'x'.repeat(400) })), 'message-too-long'],
  [
    'the schema of the answer',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { enum: ['x'.repeat(400)] } },
      },
    },
    'message-too-long',
  ],
  [
    'all together',
    { ...tool('x'.repeat(300)), messages: [{ role: 'user', content: 'y'.repeat(390) }] },
    'prompt-too-long',
  ],
])('%s counts', async (_what, body, code) => {
  const { app, engine, keeper } = await start()
  const reply = await app.inject(post(chatBody(body)))
  expect(reply.statusCode).toBe(400)
  expect(reply.body).toContain(`input.${code}`)
  expect(engine.jobs).toHaveLength(0)
  expect(keeper.recorded[0]).toMatchObject({ type: 'request.refused', codes: [`input.${code}`] })
})

test('a line break before a combining mark in a schema stays JSON', async () => {
  const { app, engine } = await start()
  const schema = { type: 'object', properties: { a: { description: 'x\n\u0301 n\u0301' } } }
  expect((await app.inject(post(chatBody(tool('x', schema))))).statusCode).toBe(200)
  const { input } = engine.jobs[0]!.order
  const sent = input.kind === 'chat' ? input.tools[0]!.parameters : ''
  expect(JSON.parse(sent)).toEqual({
    type: 'object',
    properties: { a: { description: 'x\n\u0301 \u0144' } },
  })
})
