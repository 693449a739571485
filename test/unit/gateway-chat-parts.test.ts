/** Tool calls, thoughts and several choices, whole and streamed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { assembled, bothForms, comparable } from './gateway-answers.ts'
import { chatBody, post, testApp, type FakeJob, type TestApp } from './gateway-fakes.ts'

let current: TestApp
beforeEach(async () => {
  current = await testApp()
})
afterEach(async () => {
  await current.app.close()
})

const parameters = { type: 'object', properties: { to: { type: 'string' } } }
const strictly = { type: 'object', properties: { to: { type: 'string', pattern: '^[a-z ]+$' } } }
const tools = [
  { type: 'function', function: { name: 'look', parameters } },
  { type: 'function', function: { name: 'send', strict: true, parameters: strictly } },
]

describe('tool calls', () => {
  test('one after the other, each with an id of ours', async () => {
    const { whole, chunks } = await bothForms(current, { tools }, (job) =>
      job.started().call('look', '{"to":', '"Paris"}').call('send', '{"to":"x"}').done('calls'),
    )
    const [choice] = whole.choices
    expect(choice).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [
          { type: 'function', function: { name: 'look', arguments: '{"to":"Paris"}' } },
          { type: 'function', function: { name: 'send', arguments: '{"to":"x"}' } },
        ],
      },
    })
    const ids = choice!.message.tool_calls!.map(({ id }) => id)
    for (const id of ids) expect(id).toMatch(/^call_[0-9a-f]{32}$/)
    expect(new Set(ids).size).toBe(2)
    expect(comparable(assembled(chunks, 1))).toEqual(comparable(whole.choices))
    // Name and id first, then nothing but pieces of the arguments.
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])
    expect(deltas.map(({ index, id, function: said }) => [index, id !== undefined, said])).toEqual([
      [0, true, { name: 'look', arguments: '' }],
      [0, false, { arguments: '{"to":' }],
      [0, false, { arguments: '"Paris"}' }],
      [1, true, { name: 'send', arguments: '' }],
      [1, false, { arguments: '{"to":"x"}' }],
    ])
    expect(chunks[0]?.choices[0]?.delta).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
    })
  })

  test('the engine is given them, and the choice', async () => {
    const tool_choice = { type: 'function', function: { name: 'send' } }
    await bothForms(current, { tools, tool_choice, parallel_tool_calls: false }, (job) =>
      job.started().call('send', '{}').done('calls'),
    )
    const [{ order }] = current.engine.jobs as [FakeJob]
    expect(order.form.calls).toEqual({ mode: 'must', only: 'send', atOnce: 'one' })
    expect(order.input).toMatchObject({ tools: [{ name: 'look' }, { name: 'send' }] })
  })

  test('what was said before a call comes before it, whole', async () => {
    const { whole, chunks } = await bothForms(current, { tools }, (job) =>
      job.started().text('Let me look').call('look', '{}').text('Done').done('calls'),
    )
    expect(whole.choices[0]!.message.content).toBe('Let me look\nDone')
    expect(comparable(assembled(chunks, 1))).toEqual(comparable(whole.choices))
    const kinds = chunks.flatMap(({ choices }) => Object.keys(choices[0]?.delta ?? {}))
    expect(kinds.lastIndexOf('tool_calls')).toBeLessThan(kinds.lastIndexOf('content'))
    expect(chunks[3]?.choices[0]?.delta.tool_calls?.[0]?.function.name).toBe('look')
  })

  test('a secret in arguments is masked, and they stay JSON', async () => {
    const { whole, chunks } = await bothForms(current, { tools }, (job) =>
      job.started().call('look', '{"to":"the sec', 'ret \\u0073ecret"}').done('calls'),
    )
    const [call] = whole.choices[0]!.message.tool_calls!
    expect(JSON.parse(call!.function.arguments)).toEqual({ to: 'the ****** ******' })
    expect(comparable(assembled(chunks, 1))).toEqual(comparable(whole.choices))
  })

  test('a mask that would break a strict schema ends the answer, and the engine', async () => {
    const { whole, chunks } = await bothForms(current, { tools }, (job) => {
      job.started().call('send', '{"to":"a sec', 'ret"', '}').text('CANARY')
    })
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { tool_calls: [{ function: { name: 'send', arguments: '{"to":"a ' } }] },
    })
    expect(comparable(assembled(chunks, 1))).toEqual(comparable(whole.choices))
    expect(current.engine.jobs.map(({ cancelled }) => cancelled)).toEqual(['filtered', 'filtered'])
    expect(current.keeper.recorded[0]).toMatchObject({
      codes: ['finish.content_filter', 'output.word'],
      counts: { calls: 1, findings: 1 },
    })
  })

  test.each([
    ['arguments that are not JSON', (job: FakeJob) => job.call('look', 'CANARY')],
    ['arguments that end too early', (job: FakeJob) => job.call('look', '{"to":').done('calls')],
    ['a call inside a call', (job: FakeJob) => job.call('look', '{"to":').call('send', '{}')],
    ['no arguments at all', (job: FakeJob) => job.call('look').done('calls')],
  ])('%s: the bug of the engine', async (_what, script) => {
    current.engine.script = (job) => script(job.started())
    const reply = await current.app.inject(post(chatBody({ tools })))
    expect([reply.statusCode, reply.body.includes('CANARY')]).toEqual([500, false])
    expect(reply.json<{ error: { code: string } }>().error.code).toBe('engine_bug')
  })

  test('arguments that are cut by the length are what there is of them', async () => {
    const { whole } = await bothForms(current, { tools }, (job) =>
      job.started().call('look', '{"to":"Par').done('length'),
    )
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { tool_calls: [{ function: { arguments: '{"to":"Par' } }] },
    })
  })
})

describe('thoughts', () => {
  test('are apart from the answer, redacted, and counted', async () => {
    const { whole, chunks } = await bothForms(current, {}, (job) =>
      job
        .started()
        .part({ part: 'thought', text: 'a secret thought', chars: [1, 7, 8] })
        .text('Paris.')
        .done(),
    )
    expect(whole.choices[0]!.message).toMatchObject({
      content: 'Paris.',
      reasoning_content: 'a ****** thought',
    })
    expect(whole.usage.completion_tokens_details.reasoning_tokens).toBe(3)
    expect(comparable(assembled(chunks, 1))).toEqual(comparable(whole.choices))
    // The thought is whole before the answer begins.
    const kinds = chunks.flatMap(({ choices }) => Object.keys(choices[0]?.delta ?? {}))
    expect(kinds.lastIndexOf('reasoning_content')).toBeLessThan(kinds.lastIndexOf('content'))
  })

  test('a secret is not put together from two of them', async () => {
    const { whole } = await bothForms(current, {}, (job) =>
      job
        .started()
        .part({ part: 'thought', text: 'the sec' })
        .text('No.')
        .part({ part: 'thought', text: 'ret' })
        .text('Never.')
        .done(),
    )
    expect(whole.choices[0]!.message).toMatchObject({
      reasoning_content: 'the sec\nret',
      content: 'No.\nNever.',
    })
  })
})

describe('several choices', () => {
  test('each with its index, its redactor and its finish', async () => {
    const { whole, chunks } = await bothForms(current, { n: 3 }, (job) =>
      job
        .started()
        .part({ choice: 1, text: 'the sec' })
        .part({ choice: 0, text: 'Paris.' })
        .part({ choice: 2, text: 'ret' })
        .part({ choice: 1, text: 'ret' })
        .done('stop', 'length', 'stop'),
    )
    expect(whole.choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'stop'],
      [1, 'length'],
      [2, 'stop'],
    ])
    expect(whole.choices.map(({ message }) => message.content)).toEqual([
      'Paris.',
      'the ******',
      'ret',
    ])
    expect(comparable(assembled(chunks, 3))).toEqual(comparable(whole.choices))
    const roles = chunks.flatMap(({ choices }) => choices.filter(({ delta }) => delta.role))
    expect(roles).toHaveLength(3)
    expect(current.engine.jobs[0]!.order.choices).toBe(3)
    expect(current.keeper.appended[0]?.counts).toMatchObject({ choices: 3, tools: 0 })
    expect(current.keeper.recorded[0]?.codes).toEqual([
      'finish.stop',
      'finish.length',
      'output.word',
    ])
  })

  test('more than the engine has slots: 400 with the number, and nothing is recorded', async () => {
    const reply = await current.app.inject(post(chatBody({ n: 9 })))
    expect(reply.statusCode).toBe(400)
    expect(reply.body).toContain('than the 8 that')
    expect([current.engine.jobs.length, current.keeper.appended.length]).toEqual([0, 0])
  })

  test('usage is null in every chunk but the last', async () => {
    const stream_options = { include_usage: true }
    current.engine.script = (job) => job.started().text('x').done('stop', 'stop')
    const { body } = await current.app.inject(
      post(chatBody({ n: 2, stream: true, stream_options })),
    )
    const chunks = body.split('\n\n').filter((line) => line.startsWith('data: {'))
    expect(chunks.slice(0, -1).every((line) => line.includes('"usage":null'))).toBe(true)
    expect(chunks.at(-1)).toContain('"choices":[]')
  })
})
