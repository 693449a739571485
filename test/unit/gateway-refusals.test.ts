import { afterEach, describe, expect, test } from 'vitest'
import type { Client } from '../../src/gateway/clients.ts'
import { RefusalRecord } from '../../src/gateway/refusal-record.ts'
import { judgeEvent } from '../../src/keeper/permits.ts'
import { Event } from '../../src/wire/frames.ts'
import { fakeClient, FakeKeeper, HEADERS, testApp, type TestApp } from './gateway-fakes.ts'

const CANARY = `sk-local-${'C'.repeat(43)}`
const models = (authorization: string) => ({
  url: '/v1/models',
  headers: { ...HEADERS, authorization },
})

let current: TestApp
const start = async (parts?: Parameters<typeof testApp>[1]) => (current = await testApp({}, parts))
afterEach(async () => {
  await current.app.close()
})

describe('callers without a valid key', () => {
  const withClient = (over: Partial<Client>) =>
    start({ directory: { state: 'ok', find: () => fakeClient(over) } })

  test.each(['', `Bearer ${CANARY}`, 'Basic Zm9vOmJhcg==', `Bearer ${CANARY} ${CANARY}`])(
    '"%s" is in the record, by its code and our id, without the key',
    async (authorization) => {
      const { app, keeper, logs } = await start()
      const reply = await app.inject(models(authorization))
      expect(reply.statusCode).toBe(401)
      expect(keeper.recorded).toEqual([
        {
          type: 'client.refused',
          request: reply.headers['x-request-id'],
          codes: ['invalid_api_key'],
        },
      ])
      expect(JSON.stringify(keeper.recorded) + logs.join('')).not.toContain('CCCC')
    },
  )

  test.each([
    ['expired', { expiresMs: Date.now() - 1 }, 'api_key_expired'],
    ['without the scope', { scopes: [] }, 'missing_scope'],
  ])('a key that is %s names its client', async (_what, over, code) => {
    const { app, keeper } = await withClient(over)
    await app.inject(models(HEADERS.authorization))
    expect(keeper.recorded).toEqual([
      expect.objectContaining({ type: 'client.refused', codes: [code], client: 'c-00000001' }),
    ])
  })

  test('a right key, a foreign Host and an open route are none of its business', async () => {
    const { app, keeper } = await start()
    await app.inject(models(HEADERS.authorization))
    await app.inject({ ...models(''), headers: { host: 'evil' } })
    await app.inject({ url: '/readyz', headers: { host: HEADERS.host } })
    expect(keeper.recorded).toEqual([])
  })

  test('the wire and the permit table allow every event of it', async () => {
    const { app, keeper } = await withClient({ scopes: [] })
    for (let n = 0; n < 3; n++) await app.inject(models(HEADERS.authorization))
    for (const event of keeper.recorded) {
      expect(Event.safeParse(event).success).toBe(true)
      expect(judgeEvent({ kind: 'gateway', model: null }, 'audit.append', event)).toBeNull()
    }
  })

  test('a flood is ten lines, and every caller still gets its answer', async () => {
    const { app, keeper } = await start()
    const codes: number[] = []
    for (let n = 0; n < 200; n++) {
      codes.push((await app.inject(models(`Bearer ${CANARY}`))).statusCode)
    }
    expect(codes).toEqual([...Array<number>(30).fill(401), ...Array<number>(170).fill(429)])
    expect(keeper.recorded.length).toBeGreaterThanOrEqual(10)
    expect(keeper.recorded.length).toBeLessThanOrEqual(12)
  })

  test('a record that hangs or throws events away does not hold the refusal up', async () => {
    const { app, keeper } = await start()
    keeper.answer = () => new Promise(() => undefined)
    expect((await app.inject(models(''))).statusCode).toBe(401)
    keeper.state = 'away'
    expect((await app.inject(models(''))).statusCode).toBe(401)
    expect(keeper.recorded).toHaveLength(1)
  })
})

describe('the budget', () => {
  const caller = { requestId: `req_${'0'.repeat(32)}`, code: 'invalid_api_key' } as const
  const noteMany = (record: RefusalRecord, count: number) => {
    for (let n = 0; n < count; n++) record.note({ ...caller, clientId: undefined })
  }
  const counts = (keeper: FakeKeeper) => keeper.recorded.map((event) => event.counts?.untold ?? 0)

  test('one a second after the first ten; nobody is forgotten', () => {
    const keeper = new FakeKeeper()
    let nowMs = 0
    const record = new RefusalRecord(keeper, () => nowMs)
    // A minute of 100 a second.
    for (; nowMs < 60_000; nowMs += 10) noteMany(record, 1)
    expect(keeper.recorded.length).toBe(10 + 59)
    record.close()
    expect(keeper.recorded.at(-1)).toMatchObject({ codes: ['untold'] })
    const untold = counts(keeper).reduce((sum, count) => sum + count, 0)
    // The last line stands for those it counts alone.
    expect(keeper.recorded.length - 1 + untold).toBe(6000)
    record.close()
    expect(keeper.recorded.length).toBe(10 + 59 + 1)
  })

  test('while the record is away nothing is queued for it, and the next line counts them', () => {
    const keeper = new FakeKeeper()
    const record = new RefusalRecord(keeper, () => 0)
    for (const state of ['away', 'refusing'] as const) {
      keeper.state = state
      noteMany(record, 5000)
      expect(keeper.recorded).toEqual([])
    }
    keeper.state = 'ok'
    noteMany(record, 1)
    expect(counts(keeper)).toEqual([10_000])
  })
})
