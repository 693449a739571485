import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { tableAfter } from './api-page.ts'
import { ask, LEAST_BODIES } from './gateway-endpoints.ts'
import { HEADERS, testApp, type TestApp } from './gateway-fakes.ts'

let current: TestApp
const start = async () => (current = await testApp())
afterEach(async () => {
  await current.app.close()
})

const scrape = async () => (await current.app.inject({ url: '/metrics', headers: HEADERS })).body
const valueOf = (text: string, series: string) => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

test('requests by route and status, tokens in and out, waits and gaps', async () => {
  const { app, engine } = await start()
  engine.script = (job) => {
    job.started(5).part({ text: 'a b', chars: [1, 2] })
    job.text('c', 'd').done()
  }
  for (const url of ['/v1/chat/completions', '/v1/messages']) await ask(app, url)
  await ask(app, '/v1/messages', { max_tokens: 0 })
  const text = await scrape()
  const requests = (route: string, status: number) =>
    valueOf(text, `secure_llm_requests_total{route="${route}",status="${status}"}`)
  expect(requests('/v1/chat/completions', 200)).toBe(1)
  expect(requests('/v1/messages', 200)).toBe(1)
  expect(requests('/v1/messages', 400)).toBe(1)
  const tokens = (kind: string) =>
    valueOf(text, `secure_llm_tokens_total{model="tiny",kind="${kind}"}`)
  expect(['prompt', 'cached', 'answer'].map(tokens)).toEqual([10, 4, 8])
  expect(valueOf(text, 'secure_llm_first_token_seconds_count{model="tiny"}')).toBe(2)
  expect(valueOf(text, 'secure_llm_token_gap_seconds_count{model="tiny"}')).toBe(4)
})

test('states are those of the moment', async () => {
  const { app, engine, keeper } = await start()
  engine.script = () => undefined
  const held = ask(app, '/v1/responses')
  await expect.poll(() => engine.jobs.length).toBe(1)
  keeper.state = 'refusing'
  const busy = await scrape()
  expect(valueOf(busy, 'secure_llm_seats{state="taken"}')).toBe(1)
  expect(valueOf(busy, 'secure_llm_seats{state="most"}')).toBe(2)
  expect(valueOf(busy, 'secure_llm_audit_state{state="refusing"}')).toBe(1)
  expect(valueOf(busy, 'secure_llm_audit_state{state="ok"}')).toBe(0)
  expect(valueOf(busy, 'secure_llm_engine_ready{model="tiny"}')).toBe(1)
  engine.jobs[0]!.started().done()
  await held
  engine.ready = undefined
  const idle = await scrape()
  expect(valueOf(idle, 'secure_llm_seats{state="taken"}')).toBe(0)
  expect(valueOf(idle, 'secure_llm_engine_ready{model="tiny"}')).toBe(0)
})

test('a caller can neither name a series nor leave a word in one', async () => {
  const { app } = await start()
  const series = (text: string) =>
    text
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.replace(/ \S+$/, ''))
  for (const url of Object.keys(LEAST_BODIES)) await ask(app, url)
  for (const url of ['/canary-0', '/v1/models/canary-0'])
    await app.inject({ url, headers: HEADERS })
  await scrape()
  const before = series(await scrape())
  for (let at = 1; at < 20; at++) {
    await app.inject({ url: `/canary-${at}`, headers: HEADERS })
    await app.inject({ url: `/v1/models/canary-${at}`, headers: HEADERS })
    await ask(app, '/v1/completions', { model: `canary-${at}` })
    await ask(app, '/v1/messages', { [`canary-${at}`]: 1, prompt: 'canary' })
  }
  const after = series(await scrape())
  expect(
    after.filter((name) => !before.includes(name)).every((name) => name.includes('status="4')),
  ).toBe(true)
  expect(after.length - before.length).toBeLessThan(5)
  expect(after.join('\n')).not.toContain('canary')
})

test('two gateways in one process count for themselves', async () => {
  const { app } = await start()
  await ask(app, '/v1/completions')
  const first = await scrape()
  await app.close()
  await start()
  expect(await scrape()).not.toContain('route="/v1/completions"')
  expect(first).toContain('route="/v1/completions"')
})

describe('docs/api.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  const rows = tableAfter(page, '## GET /metrics').map(([series = '', labels = '']) => ({
    series,
    labels: labels.split(', '),
  }))

  /** Without what a histogram adds to its names and labels. */
  const seriesOf = (text: string) => {
    const lines = text.matchAll(/^(\w+?)(?:_bucket|_sum|_count)?\{(.*)\} (\S+)$/gm)
    return [...lines].map(([, series = '', labels = '', value = '']) => {
      const names = [...labels.matchAll(/(\w+)="/g)].flatMap(([, name]) => name ?? [])
      return { series, labels: names.filter((name) => name !== 'le'), line: labels + value }
    })
  }
  const linesOf = (text: string, series: string) =>
    seriesOf(text).flatMap((found) => (found.series === series ? [found.line] : []))

  /** Something of everything: an answer of several tokens, one that is not over, a full disk. */
  async function work() {
    const { app, engine, keeper } = current
    engine.script = (job) => {
      job.started(5).text('a', 'b').done()
    }
    await ask(app, '/v1/completions')
    engine.script = () => undefined
    const held = ask(app, '/v1/completions')
    await expect.poll(() => engine.jobs.length).toBe(2)
    keeper.state = 'refusing'
    engine.ready = undefined
    const during = await scrape()
    engine.jobs[1]!.started().done()
    await held
    return during
  }

  test.each(rows)('the series $series has its labels, and moves', async ({ series, labels }) => {
    await start()
    const before = await scrape()
    const after = await work()
    const found = seriesOf(after).filter((one) => one.series === series)
    expect(found).not.toEqual([])
    for (const one of found) expect(one.labels.sort()).toEqual([...labels].sort())
    expect(linesOf(after, series)).not.toEqual(linesOf(before, series))
  })

  test('has every series', async () => {
    await start()
    const all = new Set(seriesOf(await work()).map(({ series }) => series))
    expect([...all].sort()).toEqual(rows.map(({ series }) => series).sort())
  })
})
