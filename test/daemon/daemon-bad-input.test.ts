/**
 * Bad input to a whole daemon, through its own processes: the answer, and the record that shows
 * that no engine heard of it. Field by field: `gateway-bad-bodies.test.ts`.
 */
import { execFileSync } from 'node:child_process'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import type { Daemon } from '../e2e/daemon-process.ts'
import {
  ask,
  isAlive,
  makeTinyHome,
  MODEL,
  recordsOf,
  type TinyHome,
} from '../process/tiny-daemon.ts'

let place: TinyHome
let daemon: Daemon
let where: { url: string; key: string }

beforeAll(async () => {
  place = await makeTinyHome()
  daemon = await place.serve('--set', 'gateway.maxBodyBytes=65536')
  where = { url: daemon.ready.url, key: place.key }
})
afterAll(async () => {
  await daemon.stop()
  place.remove()
})

interface Refusal {
  error: { message: string; type: string; param: string | null; code: string }
}
interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly error: Refusal['error']
}

/** Not fetch, which lets nobody say another Host. */
async function post(body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent = request(`${where.url}/v1/chat/completions`, { method: 'POST', headers })
  sent.once('error', reject)
  sent.once('response', (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => (text += part))
    response.once('end', () => {
      const { error } = JSON.parse(text) as Refusal
      resolve({ status: response.statusCode ?? 0, headers: response.headers, error })
    })
  })
  sent.end(body)
  return promise
}

const good = { model: MODEL, messages: [{ role: 'user', content: 'hello' }] }
const GOOD = JSON.stringify(good)
const nested = { ...good, messages: [{ role: 'user', content: 'hello', weight: 1 }] }

/** What an engine heard of; refused callers are in the record too. */
const requestsIn = (state: string) =>
  recordsOf(state).filter(({ type }) => type.startsWith('request.'))

interface Row {
  readonly what: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly gets: readonly [status: number, code: string, param: string | null]
}

const ROWS: readonly Row[] = [
  { what: 'no key', headers: { authorization: '' }, gets: [401, 'invalid_api_key', null] },
  {
    what: 'a wrong key',
    headers: { authorization: `Bearer sk-local-${'A'.repeat(43)}` },
    gets: [401, 'invalid_api_key', null],
  },
  {
    what: 'a wrong Host',
    headers: { host: 'evil.example' },
    gets: [403, 'host_not_allowed', null],
  },
  {
    what: 'a foreign Origin',
    headers: { origin: 'https://evil.example' },
    gets: [403, 'origin_not_allowed', null],
  },
  {
    what: 'text/plain',
    headers: { 'content-type': 'text/plain' },
    gets: [415, 'unsupported_media_type', null],
  },
  {
    what: 'a body too large',
    body: JSON.stringify({ ...good, user: 'x'.repeat(70_000) }),
    gets: [413, 'body_too_large', null],
  },
  { what: 'broken JSON', body: GOOD.slice(0, -1), gets: [400, 'invalid_json', null] },
  {
    what: 'an unknown field',
    body: JSON.stringify({ ...good, n_discard: 1 }),
    gets: [400, 'unknown_parameter', 'n_discard'],
  },
  {
    what: 'an unknown field inside',
    body: JSON.stringify(nested),
    gets: [400, 'unknown_parameter', 'messages[0].weight'],
  },
  {
    what: 'out of range',
    body: JSON.stringify({ ...good, temperature: 2.5 }),
    gets: [400, 'invalid_value', 'temperature'],
  },
]

describe('requests', () => {
  test.each(ROWS)('$what: $gets', async ({ headers, body = GOOD, gets }) => {
    const before = requestsIn(place.state).length
    const {
      status,
      error,
      headers: got,
    } = await post(body, {
      authorization: `Bearer ${place.key}`,
      'content-type': 'application/json',
      ...headers,
    })
    expect([status, error.code, error.param]).toEqual(gets)
    expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type'])
    expect(got['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/)
    // What an engine hears of is in the record; the control is the next test.
    expect(requestsIn(place.state)).toHaveLength(before)
  })

  test('the control: a good one is in the record', async () => {
    const before = recordsOf(place.state).length
    expect((await ask(where)).status).toBe(200)
    await expect
      .poll(() =>
        recordsOf(place.state)
          .slice(before)
          .map(({ type }) => type),
      )
      .toEqual(['request.accepted', 'request.completed'])
  })

  test('a prompt longer than the context: both numbers, and the next one is answered', async () => {
    const response = await ask(where, { content: 'many words '.repeat(1000) })
    const { error } = (await response.json()) as Refusal
    expect(response.status).toBe(400)
    expect(error).toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
    const [tokens = 0, fit] = error.message.match(/\d+/g)!.map(Number)
    expect(tokens).toBeGreaterThan(1024)
    expect(fit).toBe(1024)
    expect((await ask(where)).status).toBe(200)
  })
})

const limit = (pid: number, bytes: string) =>
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])

describe('a record that cannot grow', () => {
  test('503, health says why, back without a restart, and nothing acknowledged is lost', async () => {
    const { keeper, gateway, engine } = daemon.ready.processes
    const acknowledged = recordsOf(place.state)
    limit(keeper, '1')
    const refused = await ask(where)
    const { error } = (await refused.json()) as Refusal
    expect([refused.status, error.code]).toEqual([503, 'audit_unavailable'])
    expect(error.message).toContain('Free space')
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    const readyz = await fetch(`${where.url}/readyz`)
    expect(readyz.status).toBe(503)
    expect(await readyz.json()).toMatchObject({ ready: false, engine: 'ready', audit: 'refusing' })
    expect((await fetch(`${where.url}/healthz`)).status).toBe(200)

    limit(keeper, 'unlimited')
    const ready = async () => (await fetch(`${where.url}/readyz`)).status
    await expect.poll(ready, { timeout: 10_000 }).toBe(200)
    expect((await ask(where)).status).toBe(200)
    expect([keeper, gateway, engine].filter((pid) => !isAlive(pid))).toEqual([])
    const records = recordsOf(place.state)
    expect(records.slice(0, acknowledged.length)).toEqual(acknowledged)
    expect(records.map(({ type }) => type)).toContain('audit.resumed')
    expect(await place.command(['audit', 'verify'])).toMatchObject({ code: EXIT.ok })
  })
})
