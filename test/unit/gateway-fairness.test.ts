import { afterEach, expect, test } from 'vitest'
import type { GatewaySettings } from '../../src/gateway/app.ts'
import { chatBody, fakeClient, HEADERS, KEY, post, testApp, type TestApp } from './gateway-fakes.ts'

interface ErrorBody {
  error: { message: string; type: string; code: string | null }
}

let current: TestApp
const start = async (over?: Partial<GatewaySettings>, parts?: Parameters<typeof testApp>[1]) =>
  (current = await testApp(over, parts))
afterEach(async () => {
  await current.app.close()
})

const OTHER_KEY = `sk-local-${'o'.repeat(43)}`
const twoClients = {
  directory: {
    state: 'ok' as const,
    find: (key: string) =>
      key === KEY ? fakeClient() : key === OTHER_KEY ? fakeClient({ id: 'c-00000002' }) : undefined,
  },
}
const asOther = () => post(chatBody(), { ...HEADERS, authorization: `Bearer ${OTHER_KEY}` })

test('with overflow "wait" the next free seat is for the client with fewer', async () => {
  const { app, engine } = await start({ overflow: 'wait', waitMs: 5000 }, twoClients)
  engine.script = () => undefined
  const own = Array.from({ length: 6 }, () => app.inject(post(chatBody())))
  // Alone, it has both seats; four wait.
  await expect.poll(() => engine.jobs.length).toBe(2)
  const other = app.inject(asOther())
  await new Promise((resolve) => setTimeout(resolve, 30))
  engine.jobs[0]!.started().text('x').done()
  await expect.poll(() => engine.jobs.length).toBe(3)
  expect(engine.jobs.map(({ order }) => order.client)).toEqual([
    'c-00000001',
    'c-00000001',
    'c-00000002',
  ])
  engine.script = (job) => job.started().text('x').done()
  for (const job of engine.jobs.slice(1)) job.started().text('x').done()
  const replies = await Promise.all([...own, other])
  expect(replies.map(({ statusCode }) => statusCode)).toEqual(Array(7).fill(200))
})

test('a full line makes room for a client that has nobody in it', async () => {
  const { app, engine } = await start({ maxJobs: 1, overflow: 'wait', waitMs: 5000 }, twoClients)
  engine.script = () => undefined
  const own = Array.from({ length: 9 }, () => app.inject(post(chatBody())))
  await expect.poll(() => engine.jobs.length).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const other = app.inject(asOther())
  // The last of the crowd.
  const refused = await Promise.race(own)
  expect(refused.json<ErrorBody>().error.code).toBe('gateway_busy')
  engine.jobs[0]!.started().text('x').done()
  await expect.poll(() => engine.jobs.at(-1)!.order.client).toBe('c-00000002')
  engine.script = (job) => job.started().text('x').done()
  engine.jobs.at(-1)!.started().text('x').done()
  const codes = (await Promise.all([...own, other])).map(({ statusCode }) => statusCode)
  expect(codes.filter((code) => code === 200)).toHaveLength(9)
  expect(codes.filter((code) => code === 429)).toHaveLength(1)
})

test('maxJobsPerClient keeps a seat for the others, and says why', async () => {
  const { app, engine } = await start({ maxJobs: 3, maxJobsPerClient: 2 }, twoClients)
  engine.script = () => undefined
  const own = [app.inject(post(chatBody())), app.inject(post(chatBody()))]
  await expect.poll(() => engine.jobs.length).toBe(2)
  const refused = await app.inject(post(chatBody()))
  expect(refused.json<ErrorBody>().error).toMatchObject({
    type: 'requests',
    code: 'gateway_busy',
  })
  expect(refused.json<ErrorBody>().error.message).toContain('this API key has 2 requests')
  const other = app.inject(asOther())
  await expect.poll(() => engine.jobs.length).toBe(3)
  const full = await app.inject(asOther())
  expect(full.json<ErrorBody>().error.message).toContain('all 3 places')
  for (const job of engine.jobs) job.started().text('x').done()
  const replies = await Promise.all([...own, other])
  expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
})

test('a client alone has all places, eight of eight', async () => {
  const { app, engine } = await start({ maxJobs: 8 })
  engine.script = () => undefined
  const own = Array.from({ length: 8 }, () => app.inject(post(chatBody())))
  await expect.poll(() => engine.jobs.length).toBe(8)
  for (const job of engine.jobs) job.started().text('x').done()
  const codes = (await Promise.all(own)).map(({ statusCode }) => statusCode)
  expect(codes).toEqual(Array(8).fill(200))
})
