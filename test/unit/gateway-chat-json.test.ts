/** response_format: the answer is JSON, whatever the engine and the guard do. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { assembled, bothForms, comparable } from './gateway-answers.ts'
import { chatBody, post, testApp, type FakeJob, type TestApp } from './gateway-fakes.ts'

let current: TestApp
beforeEach(async () => {
  current = await testApp()
})
afterEach(async () => {
  await current.app.close()
})

const schema = {
  type: 'object',
  properties: { note: { type: 'string' }, kind: { enum: ['secret', 'open'] } },
}
const format = (strict: boolean) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'x', strict, schema } },
})
const ANY = { response_format: { type: 'json_object' } }

test('the engine gets the rules', async () => {
  await bothForms(current, ANY, (job) => job.started().text('{}').done())
  expect(current.engine.jobs[0]!.order.form.rules).toContain('a-root ::=')
})

test.each([
  ['json_object', ANY, '{"kind":"******"}'],
  ['a schema that is not strict', format(false), '{"kind":"******"}'],
])('%s: a mask keeps it JSON', async (_what, body, content) => {
  const { whole, chunks } = await bothForms(current, body, (job) =>
    job.started().text('{"kind":"sec', 'ret"}').done(),
  )
  expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content } })
  expect(comparable(assembled(chunks, 1))).toEqual(comparable(whole.choices))
})

test('a strict schema: masked where the string is free', async () => {
  const { whole } = await bothForms(current, format(true), (job) =>
    job.started().text('{"note":"a secret"}').done(),
  )
  expect(whole.choices[0]).toMatchObject({
    finish_reason: 'stop',
    message: { content: '{"note":"a ******"}' },
  })
})

test('a strict schema: ended where the mask would break it', async () => {
  const { whole, chunks } = await bothForms(current, format(true), (job) => {
    job.started().text('{"note":"x","kind":"', 'secret","note":"CANARY"}')
  })
  expect(whole.choices[0]).toMatchObject({
    finish_reason: 'content_filter',
    message: { content: '{"note":"x","kind":"' },
  })
  expect(comparable(assembled(chunks, 1))).toEqual(comparable(whole.choices))
  expect(JSON.stringify(whole)).not.toContain('CANARY')
})

test('of two choices only the one is ended', async () => {
  const { whole, chunks } = await bothForms(current, { ...format(true), n: 2 }, (job) =>
    job
      .started()
      .part({ choice: 1, text: '{"kind":"secret"' })
      .part({ choice: 1, text: ',"note":"CANARY"}' })
      .part({ choice: 0, text: '{"kind":"open"}' })
      .done('stop', 'stop'),
  )
  expect(
    whole.choices.map(({ finish_reason, message }) => [finish_reason, message.content]),
  ).toEqual([
    ['stop', '{"kind":"open"}'],
    ['content_filter', '{"kind":"'],
  ])
  expect(comparable(assembled(chunks, 2))).toEqual(comparable(whole.choices))
  expect(current.engine.jobs[0]!.cancelled).toBeUndefined()
})

test('cut by the length it is the beginning of a document', async () => {
  const { whole } = await bothForms(current, format(true), (job) =>
    job.started().text('{"note":"half \\u00').done('length'),
  )
  expect(whole.choices[0]).toMatchObject({
    finish_reason: 'length',
    message: { content: '{"note":"half ' },
  })
})

test.each([
  ['no JSON', (job: FakeJob) => job.text('CANARY').done()],
  ['half a document', (job: FakeJob) => job.text('{"note":"CANARY"').done()],
  ['two documents', (job: FakeJob) => job.text('{}{}').done()],
  ['nothing', (job: FakeJob) => job.done()],
])('%s from the engine is its bug', async (_what, script) => {
  current.engine.script = (job) => script(job.started())
  const reply = await current.app.inject(post(chatBody(ANY)))
  expect([reply.statusCode, reply.body.includes('CANARY')]).toEqual([500, false])
})

test.each([
  [{ properties: { a: { not: {} } } }, 'not', '#/properties/a'],
  [{ properties: { a: { maxItems: 'x' } } }, 'maxItems', '#/properties/a'],
  [{ $ref: '#/nowhere' }, '$ref', '#'],
])(
  'a schema that is not supported is a 400 by its keyword: %j',
  async (wrong, keyword, pointer) => {
    const response_format = { type: 'json_schema', json_schema: { name: 'x', schema: wrong } }
    const reply = await current.app.inject(post(chatBody({ response_format })))
    const { error } = reply.json<{ error: { message: string; param: string; code: string } }>()
    expect(reply.statusCode).toBe(400)
    expect(error).toMatchObject({
      code: 'invalid_value',
      param: 'response_format.json_schema.schema',
    })
    expect(error.message).toContain(`${keyword}: `)
    expect(error.message).toContain(`at ${pointer}`)
    expect([current.engine.jobs.length, current.keeper.appended.length]).toEqual([0, 0])
  },
)
