/** `POST /v1/embeddings` between a stand-in engine and a stand-in keeper. */
import { afterEach, describe, expect, test } from 'vitest'
import type { ErrorBody } from '../../src/gateway/api-error.ts'
import { HEADERS, MODEL, testApp, VECTORS_MODEL, type TestApp } from './gateway-fakes.ts'

let running: TestApp
afterEach(async () => {
  await running.app.close()
})

async function start(): Promise<TestApp> {
  running = await testApp()
  return running
}

const ask = (body: object) =>
  running.app.inject({
    method: 'POST',
    url: '/v1/embeddings',
    headers: HEADERS,
    payload: JSON.stringify({ model: VECTORS_MODEL, input: 'hello', ...body }),
  })

interface Answer {
  readonly object: string
  readonly model: string
  readonly data: { object: string; index: number; embedding: number[] | string }[]
  readonly usage: object
}

describe('answers', () => {
  test('a text', async () => {
    const { keeper, vectors } = await start()
    const reply = await ask({})
    expect(reply.statusCode).toBe(200)
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
    const near: unknown = expect.closeTo(0.6, 5)
    expect(reply.json<Answer>()).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [near, expect.closeTo(0.8, 5), 0] }],
      model: VECTORS_MODEL,
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
    expect(vectors.vectorJobs[0]?.order).toEqual({
      client: 'c-00000001',
      inputs: [{ kind: 'text', text: 'hello', suffix: null }],
    })
    expect(keeper.appended).toMatchObject([
      { type: 'request.accepted', model: VECTORS_MODEL, counts: { promptChars: 5, messages: 1 } },
    ])
    expect(keeper.recorded).toMatchObject([
      { type: 'request.completed', codes: ['finish.stop'], counts: { promptTokens: 3 } },
    ])
    expect(JSON.stringify([keeper.appended, keeper.recorded])).not.toContain('hello')
  })

  test.each([
    [
      ['a', 'b'],
      ['text', 'text'],
    ],
    [[1, 2], ['ids']],
    [
      [[1, 2], [3]],
      ['ids', 'ids'],
    ],
  ])('input %j', async (input, kinds) => {
    const { vectors } = await start()
    const reply = await ask({ input })
    expect(reply.json<Answer>().data.map(({ index }) => index)).toEqual(kinds.map((_, at) => at))
    expect(vectors.vectorJobs[0]?.order.inputs.map(({ kind }) => kind)).toEqual(kinds)
  })

  test('base64 is little-endian floats', async () => {
    await start()
    const { embedding } = (await ask({ encoding_format: 'base64' })).json<Answer>().data[0]!
    const bytes = Buffer.from(String(embedding), 'base64')
    expect([0, 4, 8].map((at) => bytes.readFloatLE(at))).toEqual([0.6, 0.8, 0].map(Math.fround))
  })

  test('fewer dimensions are scaled to length 1 again', async () => {
    await start()
    const { embedding } = (await ask({ dimensions: 1 })).json<Answer>().data[0]!
    expect(embedding).toEqual([1])
    const reply = await ask({ dimensions: 4 })
    expect(reply.json<ErrorBody>().error).toMatchObject({
      ...{ code: 'invalid_value', param: 'dimensions' },
      message: 'dimensions: the vectors of the model have 3',
    })
  })

  test('the guard strips what nobody sees, and refuses by policy', async () => {
    const { vectors, keeper } = await start()
    const odd = await ask({ input: ['odd', 'even'] })
    expect(odd.headers['x-secure-llm-findings']).toBe('input.odd')
    const refused = await ask({ input: ['fine', 'attack'] })
    expect(refused.statusCode).toBe(400)
    expect(refused.json<ErrorBody>().error).toMatchObject({ code: 'guard_refused', param: 'input' })
    expect(vectors.vectorJobs).toHaveLength(1)
    expect(keeper.recorded.at(-1)).toMatchObject({ type: 'request.refused' })
  })

  test('nothing leaves before the record has it', async () => {
    const { keeper, vectors } = await start()
    keeper.answer = () => Promise.reject(new Error('disk'))
    const reply = await ask({})
    expect(reply.statusCode).toBe(500)
    expect(reply.body).not.toContain('embedding')
    expect(vectors.vectorJobs).toHaveLength(1)
  })
})

describe('mistakes', () => {
  test.each([
    ['no input', { input: undefined }, 'missing_required_parameter', 'input'],
    ['no model', { model: undefined }, 'missing_required_parameter', 'model'],
    ['another model', { model: 'other' }, 'model_not_found', 'model'],
    ['a chat model', { model: MODEL }, 'model_kind', 'model'],
    ['an empty text', { input: '' }, 'invalid_value', 'input'],
    ['an empty text in a list', { input: ['a', ''] }, 'invalid_value', 'input[1]'],
    ['no texts', { input: [] }, 'invalid_value', 'input'],
    ['texts and ids', { input: ['a', 1] }, 'invalid_value', 'input'],
    ['too many', { input: Array.from({ length: 2049 }, () => 1).map(() => [1]) }, null, null],
    ['an id below 0', { input: [-1] }, 'invalid_value', 'input[0]'],
    ['an id out of the vocabulary', { input: [1000] }, 'invalid_value', 'input'],
    ['such an id in a list', { input: [[1], [1000]] }, 'invalid_value', 'input[1]'],
    ['another encoding', { encoding_format: 'int8' }, 'invalid_value', 'encoding_format'],
    ['no dimensions', { dimensions: 0 }, 'invalid_value', 'dimensions'],
    ['an unknown field', { inputs: 'x' }, 'unknown_parameter', 'inputs'],
  ])('%s', async (_what, body, code, param) => {
    const { vectors } = await start()
    const reply = await ask(body)
    expect(reply.statusCode).toBeGreaterThanOrEqual(400)
    expect(reply.statusCode).toBeLessThan(500)
    if (code !== null) expect(reply.json<ErrorBody>().error).toMatchObject({ code, param })
    expect(vectors.vectorJobs).toHaveLength(0)
  })

  test.each([
    ['input 3 has x', { promptTokens: 600 }, 'input[3] has 600 tokens, the model takes 512'],
    [
      'input 0 has x',
      { promptTokens: 9000, uncounted: true as const },
      'input[0] has at least 9000 tokens, the model takes 512',
    ],
    ['CANARY', { promptTokens: 600 }, 'input has 600 tokens, the model takes 512'],
    ['input 1 has 7 tokens', {}, 'input[1] has too many tokens, the model takes 512'],
  ])('of what an engine says (%j, %j) only numbers are told', async (said, need, told) => {
    const { vectors } = await start()
    vectors.vectorScript = (job) => job.failed('ENGINE_CONTEXT_LENGTH', said, need)
    const { error } = (await ask({})).json<ErrorBody>()
    expect(error).toMatchObject({ code: 'context_length_exceeded', param: 'input' })
    expect(error.message.startsWith(told)).toBe(true)
  })
})
