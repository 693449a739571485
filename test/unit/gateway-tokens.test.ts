import { afterEach, describe, expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { QuestionBook, type Question } from '../../src/gateway/question-book.ts'
import { ask, LEAST_BODIES, type OpenAiError } from './gateway-endpoints.ts'
import { MODEL, testApp, type TestApp } from './gateway-fakes.ts'

let current: TestApp
const start = async () => (current = await testApp())

describe('endpoints', () => {
  afterEach(async () => {
    await current.app.close()
  })

  test('a text', async () => {
    const { app, engine } = await start()
    const reply = await ask(app, '/v1/tokenize', { input: 'hi!' })
    expect(reply.json()).toEqual({ count: 3, max_model_len: 4096, tokens: [104, 105, 33] })
    expect(engine.questions).toEqual([
      {
        name: 'tokens.ask',
        body: { input: { kind: 'text', text: 'hi!', suffix: null }, want: 'ids' },
      },
    ])
  })

  test('messages, in the template; a mistake in them is named by its place in input', async () => {
    const { app, engine } = await start()
    const input = [{ role: 'user', content: 'hi' }]
    expect((await ask(app, '/v1/tokenize', { input })).statusCode).toBe(200)
    expect(engine.questions[0]!.body).toMatchObject({ input: { kind: 'chat', messages: input } })
    const wrong = await ask(app, '/v1/tokenize', { input: [{ role: 'user', content: 7 }] })
    expect(wrong.json<OpenAiError>().error.param).toBe('input[0].content')
  })

  test('there and back', async () => {
    const { app } = await start()
    const { tokens } = (await ask(app, '/v1/tokenize', { input: 'hello' })).json<{
      tokens: number[]
    }>()
    expect((await ask(app, '/v1/detokenize', { tokens })).json()).toEqual({ prompt: 'hello' })
  })

  test('the guard reads what is only counted, too', async () => {
    const { app, engine, keeper } = await start()
    const reply = await ask(app, '/v1/tokenize', { input: 'an attack' })
    expect(reply.json<OpenAiError>().error.code).toBe('guard_refused')
    expect(engine.questions).toEqual([])
    expect(keeper.recorded.map(({ type }) => type)).toEqual(['request.refused'])
  })

  test('text of the engine passes the redactor', async () => {
    const { app, engine } = await start()
    engine.tell = () => ({ name: 'text.told', body: { job: 1, text: 'a secret' } })
    expect((await ask(app, '/v1/detokenize')).json()).toEqual({ prompt: 'a ******' })
  })

  test('an id of no token is refused before the engine hears of it', async () => {
    const { app, engine } = await start()
    const reply = await ask(app, '/v1/detokenize', { tokens: [49_152] })
    expect(reply.json<OpenAiError>().error).toMatchObject({
      code: 'invalid_value',
      param: 'tokens',
    })
    expect(engine.questions).toEqual([])
  })

  test.each(['/v1/tokenize', '/v1/detokenize', '/v1/messages/count_tokens'])(
    '%s is in the record, before it is answered and after; with counts and no content',
    async (url) => {
      const { app, keeper } = await start()
      const durable = Promise.withResolvers<undefined>()
      keeper.answer = () => durable.promise
      let answered = false
      const reply = ask(app, url).then((r) => {
        answered = true
        return r
      })
      await expect.poll(() => keeper.appended.length).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(answered).toBe(false)
      durable.resolve(undefined)
      expect((await reply).statusCode).toBe(200)
      expect([...keeper.appended, ...keeper.recorded].map(({ type }) => type)).toEqual([
        'request.accepted',
        'request.completed',
      ])
      expect(keeper.recorded[0]!.counts!.promptTokens).toBeGreaterThan(0)
      expect(JSON.stringify([keeper.appended, keeper.recorded])).not.toContain('hello')
    },
  )

  test.each(['/v1/tokenize', '/v1/detokenize'])('%s: what a failing engine says', async (url) => {
    const { app, engine, keeper } = await start()
    const message = 'CANARY of the engine'
    engine.tell = () => ({ name: 'job.failed', body: { job: 1, code: 'ENGINE_BUG', message } })
    const reply = await ask(app, url)
    expect([reply.statusCode, reply.json<OpenAiError>().error.code]).toEqual([500, 'engine_bug'])
    expect(reply.body).not.toContain('CANARY')
    expect(keeper.recorded[0]!.codes).toEqual(['finish.failed', 'ENGINE_BUG'])
  })

  test.each(Object.keys(LEAST_BODIES))('%s without a keeper or an engine is a 503', async (url) => {
    const { app, engine, vectors, keeper } = await start()
    keeper.state = 'away'
    expect((await ask(app, url)).statusCode).toBe(503)
    keeper.state = 'ok'
    engine.ready = vectors.ready = undefined
    expect((await ask(app, url)).statusCode).toBe(503)
    const asked = [...engine.jobs, ...engine.questions, ...vectors.vectorJobs]
    expect([asked, keeper.appended]).toEqual([[], []])
  })

  test.each(Object.keys(LEAST_BODIES))('%s of another model is a 404', async (url) => {
    const { app } = await start()
    expect((await ask(app, url, { model: 'other' })).statusCode).toBe(404)
  })
})

describe('answers of an engine that is not what it should be', () => {
  const input = { kind: 'text' as const, text: 'x', suffix: null }
  const ids: Question = { name: 'tokens.ask', body: { input, want: 'ids' } }
  const count: Question = { name: 'tokens.ask', body: { input, want: 'count' } }
  const text: Question = { name: 'text.ask', body: { ids: [1, 2] } }
  const told = (n: number, list: number[]) =>
    ({ name: 'tokens.told', body: { job: 7, count: n, ids: list } }) as const
  const said = (chars: number) =>
    ({ name: 'text.told', body: { job: 7, text: 'x'.repeat(chars) } }) as const

  test.each([
    ['another number of ids', ids, told(2, [1])],
    ['ids that nobody asked for', count, told(1, [1])],
    ['an id out of range', ids, told(1, [100])],
    ['tokens for a text', text, told(0, [])],
    ['a text for tokens', ids, said(1)],
    ['too long a text', text, said(513)],
    [
      'the beginning of a job',
      ids,
      { name: 'job.started', body: { job: 7, promptTokens: 1, cachedTokens: 0 } } as const,
    ],
  ])('%s: WIRE_BROKEN', (_what, question, frame) => {
    const book = new QuestionBook()
    void book.open(7, question).catch(() => undefined)
    expect(() => {
      book.accept(frame, 100)
    }).toThrow(expect.objectContaining({ code: 'WIRE_BROKEN' }))
  })

  test('a right answer comes once, and a lost engine fails the rest', async () => {
    const book = new QuestionBook()
    const first = book.open(7, ids)
    const second = book.open(8, ids)
    book.accept(told(1, [99]), 100)
    expect((await first).body).toMatchObject({ ids: [99] })
    expect(() => {
      book.accept(told(1, [99]), 100)
    }).toThrow('was not asked')
    book.failAll(new Fault('ENGINE_LOST', MODEL))
    await expect(second).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    expect(book.size).toBe(0)
  })
})
