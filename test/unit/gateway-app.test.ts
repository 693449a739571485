import { afterEach, describe, expect, test } from 'vitest'
import type { GatewaySettings } from '../../src/gateway/app.ts'
import type { Client } from '../../src/gateway/clients.ts'
import { Fault } from '../../src/errors.ts'
import {
  chatBody,
  fakeClient,
  HEADERS,
  MODEL,
  post,
  testApp,
  type TestApp,
  VECTORS_MODEL,
} from './gateway-fakes.ts'

interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null }
}

let current: TestApp
const start = async (over?: Partial<GatewaySettings>, parts?: Parameters<typeof testApp>[1]) =>
  (current = await testApp(over, parts))

afterEach(async () => {
  await current.app.close()
})

test('an allowed origin is served, without a CORS header', async () => {
  const { app } = await start()
  const reply = await app.inject(post(chatBody(), { ...HEADERS, origin: 'app://desktop' }))
  expect(reply.statusCode).toBe(200)
  expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test("the caller's request id is not ours", async () => {
  const { app } = await start()
  const id = `req_${'0'.repeat(32)}`
  const reply = await app.inject(post(chatBody(), { ...HEADERS, 'x-request-id': id }))
  expect(reply.headers['x-request-id']).not.toBe(id)
})

test('a policy refusal says that another try is of no use, and is in the record', async () => {
  const { app, keeper } = await start()
  const reply = await app.inject(
    post(chatBody({ messages: [{ role: 'user', content: 'an attack' }] })),
  )
  expect(reply.headers['x-should-retry']).toBe('false')
  expect(reply.json<ErrorBody>().error.message).toContain('input.attack (2)')
  expect(keeper.recorded).toEqual([
    expect.objectContaining({ type: 'request.refused', codes: ['input.attack'] }),
  ])
})

describe('keys', () => {
  const withClient = (over: Partial<Client>) =>
    start({}, { directory: { state: 'ok', find: () => fakeClient(over) } })

  test.each([
    ['expired', { expiresMs: Date.now() - 1 }, 401, 'api_key_expired'],
    ['without the scope', { scopes: ['models'] as const }, 403, 'missing_scope'],
    ['without any scope', { scopes: [] }, 403, 'missing_scope'],
  ])('%s', async (_what, over, status, code) => {
    const { app, engine } = await withClient(over)
    const reply = await app.inject(post(chatBody()))
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([status, code])
    expect(engine.jobs).toHaveLength(0)
  })

  test('a scope opens its own routes only', async () => {
    const { app } = await withClient({ scopes: ['chat'] })
    expect((await app.inject(post(chatBody()))).statusCode).toBe(200)
    const models = await app.inject({ url: '/v1/models', headers: HEADERS })
    expect(models.statusCode).toBe(403)
  })

  test('a list of clients that cannot be read is a 503', async () => {
    const { app } = await start(
      {},
      {
        directory: {
          state: 'invalid',
          find: () => {
            throw new Fault('CLIENTS_INVALID', 'clients.json is not JSON')
          },
        },
      },
    )
    const reply = await app.inject(post(chatBody()))
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([503, 'clients_invalid'])
  })
})

describe('limits', () => {
  test('a client that asks too often waits less than a minute', async () => {
    const { app, engine } = await start({ requestsPerMinute: 2 })
    const first = await app.inject(post(chatBody()))
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
    })
    await app.inject({ url: '/v1/models', headers: HEADERS })
    const third = await app.inject(post(chatBody()))
    expect(third.statusCode).toBe(429)
    expect(third.json<ErrorBody>().error).toMatchObject({
      type: 'requests',
      code: 'rate_limit_exceeded',
    })
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(third.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect(engine.jobs).toHaveLength(1)
  })

  test('unknown routes are counted, too', async () => {
    const { app } = await start({ requestsPerMinute: 1 })
    await app.inject({ url: '/nothing', headers: HEADERS })
    expect((await app.inject({ url: '/nothing', headers: HEADERS })).statusCode).toBe(429)
  })

  test('wrong keys are slowed down, and a right one still gets in', async () => {
    const { app } = await start()
    const wrong = { url: '/v1/models', headers: { ...HEADERS, authorization: 'Bearer wrong' } }
    const codes = []
    for (let i = 0; i < 31; i++) codes.push((await app.inject(wrong)).statusCode)
    expect(new Set(codes.slice(0, 30))).toEqual(new Set([401]))
    expect(codes[30]).toBe(429)
    expect((await app.inject({ url: '/v1/models', headers: HEADERS })).statusCode).toBe(200)
  })

  test('the third of two is refused, and a seat comes back', async () => {
    const { app, engine } = await start()
    engine.script = () => undefined
    const held = [app.inject(post(chatBody())), app.inject(post(chatBody()))]
    await expect.poll(() => engine.jobs.length).toBe(2)
    const refused = await app.inject(post(chatBody()))
    expect(refused.statusCode).toBe(429)
    expect(refused.headers['retry-after']).toBe('2')
    expect(refused.json<ErrorBody>().error).toMatchObject({
      type: 'requests',
      code: 'gateway_busy',
    })
    for (const job of engine.jobs) job.started().text('x').done()
    await Promise.all(held)
    engine.script = (job) => job.started().done()
    await expect.poll(async () => (await app.inject(post(chatBody()))).statusCode).toBe(200)
  })

  test('a refused body gives its seat back', async () => {
    const { app } = await start({ maxJobs: 1 })
    for (let i = 0; i < 5; i++) {
      expect((await app.inject(post('{'))).statusCode).toBe(400)
    }
    expect((await app.inject(post(chatBody()))).statusCode).toBe(200)
  })

  test('with overflow "wait" the next one gets the seat, and the time is bounded', async () => {
    const { app, engine } = await start({ maxJobs: 1, overflow: 'wait', waitMs: 100 })
    engine.script = () => undefined
    const first = app.inject(post(chatBody()))
    await expect.poll(() => engine.jobs.length).toBe(1)
    const late = await app.inject(post(chatBody()))
    expect(late.statusCode).toBe(429)
    const second = app.inject(post(chatBody()))
    engine.jobs[0]!.started().text('1').done()
    expect((await first).statusCode).toBe(200)
    await expect.poll(() => engine.jobs.length).toBe(2)
    engine.jobs[1]!.started().text('2').done()
    expect((await second).statusCode).toBe(200)
  })

  test('who has begun to stop takes nothing new', async () => {
    const { app, draining } = await start()
    draining.abort()
    const reply = await app.inject(post(chatBody()))
    expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([
      503,
      'gateway_stopping',
    ])
  })
})

describe('models and health', () => {
  test('models', async () => {
    const { app, engine, vectors } = await start()
    const headers = HEADERS
    vectors.ready = undefined
    const tiny = { id: MODEL, object: 'model', created: 1_700_000_000, owned_by: 'local' }
    expect((await app.inject({ url: '/v1/models', headers })).json()).toEqual({
      object: 'list',
      // Not loaded yet: nobody knows when it was made.
      data: [tiny, { ...tiny, id: VECTORS_MODEL, created: 0 }],
    })
    expect((await app.inject({ url: `/v1/models/${MODEL}`, headers })).json()).toEqual(tiny)
    expect((await app.inject({ url: '/v1/models/other', headers })).statusCode).toBe(404)
    engine.ready = undefined
    expect((await app.inject({ url: `/v1/models/${MODEL}`, headers })).json()).toEqual(tiny)
  })

  test('health is open to the right Host only, and says states without details', async () => {
    const { app, engine, keeper } = await start()
    const headers = { host: 'localhost:11435' }
    const live = await app.inject({ url: '/healthz', headers })
    expect([live.statusCode, live.json()]).toEqual([200, { status: 'ok' }])
    const ready = await app.inject({ url: '/readyz', headers })
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      {
        ready: true,
        engine: 'ready',
        models: { [MODEL]: 'ready', [VECTORS_MODEL]: 'resting' },
        audit: 'ok',
        clients: 'ok',
        layers: [{ process: 'engine', layer: 'seccomp', state: 'enforced' }],
      },
    ])
    keeper.state = 'refusing'
    engine.ready = undefined
    const not = await app.inject({ url: '/readyz', headers })
    expect(not.statusCode).toBe(503)
    expect(not.json()).toMatchObject({ ready: false, engine: 'away', audit: 'refusing' })
    expect((await app.inject({ url: '/readyz', headers: { host: 'evil' } })).statusCode).toBe(403)
  })
})

test('polls of health are no lines of the log; a refused one and any other request is', async () => {
  const { app, engine, logs } = await start()
  const host = HEADERS.host
  engine.ready = undefined
  for (const url of ['/healthz', '/readyz']) await app.inject({ url, headers: { host } })
  expect(logs).toEqual([])
  await app.inject({ url: '/readyz', headers: { host: 'evil' } })
  await app.inject({ url: '/v1/models', headers: HEADERS })
  const said = logs.map((line) => JSON.parse(line) as { msg: string; level: number; code?: string })
  expect(said.map(({ msg, level, code }) => [msg, level, code])).toEqual([
    ['refused', 30, 'host_not_allowed'],
    ['request', 30, undefined],
  ])
})

test('a bug says nothing, to the client and to the log', async () => {
  const { app, engine, logs } = await start()
  engine.start = () => {
    throw new Error('CANARY text of a prompt')
  }
  const reply = await app.inject(post(chatBody()))
  expect(reply.statusCode).toBe(500)
  expect(reply.json<ErrorBody>().error).toMatchObject({ type: 'server_error', code: 'internal' })
  expect(reply.body).toContain(reply.headers['x-request-id'])
  expect(logs.join('')).toContain('a request failed')
  expect(reply.body + logs.join('')).not.toContain('CANARY')
})
