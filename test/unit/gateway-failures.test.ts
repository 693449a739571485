import { afterEach, describe, expect, test } from 'vitest'
import type { GatewaySettings } from '../../src/gateway/app.ts'
import { Fault } from '../../src/errors.ts'
import { chatBody, post, readEvents, testApp, type TestApp } from './gateway-fakes.ts'

interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null }
}
interface Chunk {
  id: string
  object: string
  created: number
  model: string
  choices: {
    index: number
    delta: { role?: string; content?: string }
    finish_reason: string | null
  }[]
  usage?: object | null
  obfuscation?: string
}

let current: TestApp
const start = async (over?: Partial<GatewaySettings>) => (current = await testApp(over))
afterEach(async () => {
  await current.app.close()
})

const streamed = (over: object = {}) => post(chatBody({ stream: true, ...over }))
const chunksOf = (body: string) =>
  readEvents(body)
    .data.filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as Chunk)
const textOf = (chunks: Chunk[]) =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')

describe('what goes wrong', () => {
  test('the text passes the redactor, however it is cut', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.started().text('my s', 'e', 'cre', 't is secret').done()
    const chunks = chunksOf((await app.inject(streamed())).body)
    expect(textOf(chunks)).toBe('my ****** is ******')
    expect((await app.inject(post(chatBody()))).body).not.toContain('secret')
  })

  test('a prompt longer than the context says both numbers, in our words', async () => {
    const { app, engine } = await start()
    const need = { promptTokens: 5000, contextTokens: 4096 }
    engine.script = (job) => job.failed('ENGINE_CONTEXT_LENGTH', 'CANARY 7000 tokens', need)
    const reply = await app.inject(streamed())
    expect(reply.statusCode).toBe(400)
    const { error } = reply.json<ErrorBody>()
    expect(error).toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
    expect(error.message).toMatch(/need 5000 tokens, .* holds 4096 tokens/)
    expect(reply.body).not.toMatch(/CANARY|7000/)
  })

  test.each([
    [{ promptTokens: 5001, contextTokens: 4096, uncounted: true }, 'need at least 5001 tokens, '],
    [{ promptTokens: 4096, contextTokens: 4096 }, 'the messages need 4096 tokens, the context'],
    [{}, 'too long: the context of the model holds 4096 tokens'],
  ] as const)('%j becomes "%s"', async (need, expected) => {
    const { app, engine } = await start()
    engine.script = (job) => job.failed('ENGINE_CONTEXT_LENGTH', '9999 tokens', need)
    const reply = await app.inject(post(chatBody()))
    const { message } = reply.json<ErrorBody>().error
    expect(message).toContain(expected)
    expect(message).toContain('4096 tokens')
    expect(message).not.toContain('9999')
  })

  test.each([
    ['ENGINE_TEMPLATE', 400, 'engine_template'],
    ['ENGINE_UNAVAILABLE', 503, 'engine_unavailable'],
    ['ENGINE_BUG', 500, 'engine_bug'],
    // Codes that are not an engine's to say.
    ['KEY_STORE_LOCKED', 500, 'engine_bug'],
    ['NO_SUCH_CODE', 500, 'engine_bug'],
  ])('an engine that says %s', async (code, status, said) => {
    const { app, engine } = await start()
    engine.script = (job) => job.failed(code, 'CANARY')
    const reply = await app.inject(streamed())
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([status, said])
    expect(reply.body).not.toContain('CANARY')
  })

  const lost = new Fault('ENGINE_LOST', 'the engine of tiny was lost')

  test('an engine lost before the first byte is a 503', async () => {
    const { app, engine, keeper } = await start()
    engine.script = (job) => {
      job.started().lost(lost)
    }
    const reply = await app.inject(streamed())
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([503, 'engine_lost'])
    expect(reply.headers['retry-after']).toBe('2')
    expect(keeper.recorded[0]!.codes).toEqual(['finish.failed', 'ENGINE_LOST'])
  })

  test('an engine lost in the middle ends the stream with an error and no [DONE]', async () => {
    const { app, engine } = await start()
    engine.script = (job) => {
      job.started().text('half of an answer').lost(lost)
    }
    const reply = await app.inject(streamed())
    const { data } = readEvents(reply.body)
    expect(JSON.parse(data.at(-1)!)).toMatchObject({
      error: { type: 'server_error', code: 'engine_lost', param: null },
    })
    expect(reply.body).not.toContain('[DONE]')
    expect((await app.inject(post(chatBody()))).statusCode).toBe(503)
  })

  test('an engine that gives up by itself is its bug', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.started().done('cancelled')
    expect((await app.inject(post(chatBody()))).json<ErrorBody>().error.code).toBe('engine_bug')
  })

  test('no engine is a 503', async () => {
    const { app, engine, keeper } = await start()
    engine.ready = undefined
    const reply = await app.inject(post(chatBody()))
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([
      503,
      'engine_unavailable',
    ])
    expect(keeper.appended).toHaveLength(0)
  })

  test('a long prompt is waited for with pings', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.started()
    const reply = app.inject(streamed())
    await expect.poll(() => engine.jobs.length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 70))
    engine.jobs[0]!.text('answer').done()
    const { body } = await reply
    expect(readEvents(body).comments.length).toBeGreaterThan(1)
    expect(body.startsWith(': ping')).toBe(true)
    expect(textOf(chunksOf(body))).toBe('answer')
  })

  test('a stop that does not wait ends the stream and says so', async () => {
    const { app, engine, keeper, stopping } = await start()
    engine.script = (job) => job.started().text('half of an answer')
    const reply = app.inject(streamed())
    await expect.poll(() => engine.jobs.length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    stopping.abort()
    const { data } = readEvents((await reply).body)
    expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code: 'gateway_stopping' } })
    expect(engine.jobs[0]!.cancelled).toBe('stopping')
    expect(keeper.recorded[0]!.codes).toEqual(['finish.cancelled', 'cancelled.stopping'])
  })
})
