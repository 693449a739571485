import { afterEach, describe, expect, test } from 'vitest'
import type { GatewaySettings } from '../../src/gateway/app.ts'
import { Fault } from '../../src/errors.ts'
import { chatBody, MODEL, post, readEvents, testApp, type TestApp } from './gateway-fakes.ts'

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

describe('the two forms of an answer', () => {
  test('one object', async () => {
    const { app, engine } = await start()
    const reply = await app.inject(post(chatBody({ max_tokens: 9, stop: 'x', temperature: 0 })))
    expect(reply.json()).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/) as string,
      object: 'chat.completion',
      created: expect.any(Number) as number,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Paris.', refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 5,
        completion_tokens: 3,
        total_tokens: 8,
        prompt_tokens_details: { cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    })
    expect(engine.jobs[0]!.order).toMatchObject({
      client: 'c-00000001',
      input: { kind: 'chat', messages: [{ role: 'user', content: 'hello' }] },
      maxTokens: 9,
      stop: ['x'],
      sampling: { temperature: 0, topP: 1 },
    })
  })

  test('chunks', async () => {
    const { app } = await start()
    const reply = await app.inject(streamed({ stream_options: { include_usage: true } }))
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(reply.headers['x-request-id']).toMatch(/^req_/)
    expect(readEvents(reply.body).data.at(-1)).toBe('[DONE]')
    const chunks = chunksOf(reply.body)
    const [first] = chunks
    expect(first!.choices[0]!.delta).toEqual({ role: 'assistant', content: '', refusal: null })
    expect(
      new Set(chunks.map(({ id, created, model, object }) => [id, created, model, object].join())),
    ).toHaveLength(1)
    expect(textOf(chunks)).toBe('Paris.')
    expect(chunks.at(-2)!.choices).toEqual([
      { index: 0, delta: {}, logprobs: null, finish_reason: 'stop' },
    ])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } })
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
  })

  test('no usage unless it is asked for, and a finish for what was cut', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.started().text('x').done('length')
    const chunks = chunksOf((await app.inject(streamed())).body)
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false)
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('length')
  })

  test('padding hides the length of a token, unless it is turned off', async () => {
    const { app, engine } = await start()
    const texts = ['a', 'bb"', 'ccc €', 'x'.repeat(31), 'y'.repeat(32), 'z'.repeat(33)]
    engine.script = (job) => {
      for (const text of texts) job.text(`${text}     `)
      job.done()
    }
    const sizes = readEvents((await app.inject(streamed())).body)
      .data.slice(1, 4)
      .map((data) => Buffer.byteLength(data))
    expect(new Set(sizes)).toHaveLength(1)
    const off = await app.inject(streamed({ stream_options: { include_obfuscation: false } }))
    expect(off.body).not.toContain('obfuscation')
  })

  test('an answer without a word still has its form', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.started().done()
    const chunks = chunksOf((await app.inject(streamed())).body)
    expect(chunks).toHaveLength(2)
    expect((await app.inject(post(chatBody()))).json()).toMatchObject({
      choices: [{ message: { content: '' } }],
    })
  })
})

describe('the record comes first', () => {
  test.each([false, true])('no byte before the event is durable (stream: %s)', async (stream) => {
    const { app, engine, keeper } = await start()
    const durable = Promise.withResolvers<undefined>()
    keeper.answer = () => durable.promise
    let answered = false
    const reply = app.inject(post(chatBody({ stream }))).then((r) => {
      answered = true
      return r
    })
    await expect.poll(() => engine.jobs.length).toBe(1)
    // Longer than two pings: the engine has answered, and not even a comment may be sent.
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(answered).toBe(false)
    durable.resolve(undefined)
    const { body } = await reply
    expect(readEvents(body).comments).toEqual([])
    expect(stream ? textOf(chunksOf(body)) : body).toContain('Paris.')
  })

  test.each([false, true])('a refused event is a 503 (stream: %s)', async (stream) => {
    const { app, engine, keeper } = await start()
    engine.script = (job) => job.started().text('CANARY')
    keeper.answer = () => Promise.reject(new Fault('AUDIT_UNAVAILABLE', 'disk full'))
    const reply = await app.inject(post(chatBody({ stream })))
    expect(reply.statusCode).toBe(503)
    expect(reply.headers['retry-after']).toBe('2')
    expect(reply.json<ErrorBody>().error).toMatchObject({
      type: 'server_error',
      code: 'audit_unavailable',
    })
    expect(reply.body).not.toContain('CANARY')
    expect(engine.jobs[0]!.cancelled).toBe('not-recorded')
    keeper.answer = () => Promise.resolve()
    engine.script = (job) => job.started().done()
    expect((await app.inject(post(chatBody({ stream })))).statusCode).toBe(200)
  })

  test('while the record refuses, the engine is left alone', async () => {
    const { app, engine, keeper } = await start()
    keeper.state = 'refusing'
    keeper.answer = () => Promise.reject(new Fault('AUDIT_UNAVAILABLE', 'disk full'))
    expect((await app.inject(post(chatBody()))).statusCode).toBe(503)
    expect(engine.jobs).toHaveLength(0)
  })

  test('without a keeper nothing is even tried', async () => {
    const { app, engine, keeper } = await start()
    keeper.state = 'away'
    const reply = await app.inject(post(chatBody()))
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([
      503,
      'keeper_unavailable',
    ])
    expect([engine.jobs.length, keeper.appended.length]).toEqual([0, 0])
  })

  test('both events say counts and codes, and no content', async () => {
    const { app, engine, keeper } = await start()
    engine.script = (job) => job.started().text('a sec', 'ret CANARY2').done()
    const messages = [{ role: 'user', content: 'odd CANARY1' }]
    const reply = await app.inject(post(chatBody({ messages })))
    expect(reply.headers['x-secure-llm-findings']).toBe('input.odd, output.word')
    const request = reply.headers['x-request-id']
    const subject = { request, client: 'c-00000001', model: MODEL }
    expect(keeper.appended).toEqual([
      {
        type: 'request.accepted',
        ...subject,
        codes: ['input.odd'],
        counts: { messages: 1, promptChars: 11, tools: 0, choices: 1, findings: 1 },
      },
    ])
    expect(keeper.recorded).toEqual([
      {
        type: 'request.completed',
        ...subject,
        codes: ['finish.stop', 'output.word'],
        counts: {
          promptTokens: 5,
          cachedTokens: 2,
          completionTokens: 3,
          thoughtTokens: 0,
          calls: 0,
          prefillMs: 1,
          decodeMs: 2,
          totalMs: expect.any(Number) as number,
          answerChars: 16,
          findings: 1,
        },
      },
    ])
    expect(JSON.stringify([keeper.appended, keeper.recorded])).not.toContain('CANARY')
  })
})
