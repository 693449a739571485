/** The way of a request through a real gateway process. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  chat,
  errorCode,
  KEY,
  startGatewayProcess,
  writeClients,
  type GatewayProcess,
} from './gateway-process.ts'
import { doneBody } from './gateway-stand-ins.ts'

const ANSWER = 'The capital of France is Paris.'

let gateway: GatewayProcess
let honest: GatewayProcess['engine']['onStart']

beforeAll(async () => {
  gateway = await startGatewayProcess({
    sets: [
      'gateway.pingIntervalMs=250',
      'gateway.idleTimeoutMs=1000',
      'gateway.maxBodyBytes=65536',
      'gateway.requestsPerMinute=10000',
    ],
  })
  honest = gateway.engine.onStart
})
beforeEach(() => {
  gateway.engine.onStart = honest
  gateway.engine.starts.length = 0
  gateway.engine.cancels.length = 0
})
afterAll(async () => {
  await gateway.close()
})

const started = (peer: Parameters<typeof honest>[0], job: number) =>
  peer.connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })

/** Bytes as they are, and what comes back. */
async function raw(text: string): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1')
  let reply = ''
  socket.setEncoding('utf8').on('data', (more: string) => (reply += more))
  socket.write(text)
  await Promise.race([
    new Promise((resolve) => socket.once('close', resolve)),
    expect.poll(() => reply, { timeout: 5000 }).toMatch(/\r\n\r\n/),
  ])
  socket.destroy()
  return reply
}

describe('answers', () => {
  test('whole', async () => {
    const response = await gateway.post(chat({ max_tokens: 20 }))
    expect(response.status).toBe(200)
    const body = (await response.json()) as { choices: [{ message: { content: string } }] }
    expect(body.choices[0].message.content).toBe(ANSWER)
    expect(gateway.engine.starts[0]).toMatchObject({ client: 'c-00000000', maxTokens: 20 })
    const id = response.headers.get('x-request-id')
    await expect
      .poll(() => gateway.keeper.events.filter((e) => e.request === id).map((e) => e.type))
      .toEqual(['request.accepted', 'request.completed'])
  })

  test('streamed', async () => {
    const response = await gateway.post(chat({ stream: true }))
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const text = await response.text()
    expect(text).toContain('"role":"assistant"')
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('an address in the answer is masked, though it came in pieces', async () => {
    gateway.engine.onStart = (peer, { job }) => {
      peer.answer(job, ['write to ann', '@exa', 'mple.', 'org today'])
    }
    const text = await (await gateway.post(chat({ stream: true }))).text()
    expect(text).toContain('[EMAIL]')
    expect(text).not.toContain('ann')
  })

  test('pings while a prompt is read, only after the record has the request', async () => {
    gateway.keeper.mode = 'silent'
    gateway.engine.onStart = (peer, { job }) => {
      started(peer, job)
      setTimeout(() => {
        peer.connection.send('job.text', {
          job,
          choice: 0,
          part: 'answer',
          chances: [],
          text: 'x',
          chars: [1],
        })
        peer.connection.send('job.done', doneBody(job, 1))
      }, 900)
    }
    let gotHeaders = false
    const response = gateway.post(chat({ stream: true })).then((r) => {
      gotHeaders = true
      return r
    })
    await sleep(350)
    expect(gotHeaders).toBe(false)
    // The stand-in forgot the event; a keeper that dies and returns is a 503.
    gateway.keeper.mode = 'keep'
    gateway.keeper.die()
    expect((await response).status).toBe(503)
    await expect.poll(ready).toMatchObject({ ready: true })
    const text = await (await gateway.post(chat({ stream: true }))).text()
    expect(text.startsWith(': ping\n\n')).toBe(true)
  })
})

async function ready(): Promise<unknown> {
  return (await fetch(`${gateway.url}/readyz`)).json()
}

describe('bad input', () => {
  const head = `POST /v1/chat/completions HTTP/1.1\r\nauthorization: Bearer ${KEY}\r\n`
  const json = JSON.stringify(chat())
  const tail = `content-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`
  const host = () => `host: localhost:${gateway.port}\r\n`

  test.each<[string, () => string, number]>([
    ['no Host', () => head + tail, 400],
    ['two Hosts', () => head + host() + host() + tail, 400],
    ['a second Host that is foreign', () => `${head}${host()}host: evil\r\n${tail}`, 400],
    ['HTTP/1.0 without Host', () => head.replace('1.1', '1.0') + tail, 400],
    ['a foreign Host', () => `${head}host: evil.example\r\n${tail}`, 403],
    ['an absolute target', () => head.replace('/v1', 'http://evil/v1') + host() + tail, 400],
    ['two lengths', () => `${head}${host()}content-length: 5\r\n${tail}`, 400],
    ['length and chunks', () => `${head}${host()}transfer-encoding: chunked\r\n${tail}`, 400],
    ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
    ['headers without an end', () => `${head}x: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
  ])('%s', async (_what, text, status) => {
    expect(await raw(text())).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(gateway.engine.starts).toEqual([])
  })

  test.each<[string, RequestInit, number, string]>([
    ['no key', { headers: { authorization: '' } }, 401, 'invalid_api_key'],
    ['a wrong key', { headers: { authorization: `Bearer ${KEY}x` } }, 401, 'invalid_api_key'],
    ['a foreign Origin', { headers: { origin: 'https://evil' } }, 403, 'origin_not_allowed'],
    ['text/plain', { headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    ['broken JSON', { body: '{' }, 400, 'invalid_json'],
    ['a large body', { body: `"${'x'.repeat(70_000)}"` }, 413, 'body_too_large'],
    ['an unknown field', { body: JSON.stringify(chat({ x: 1 })) }, 400, 'unknown_parameter'],
    ['out of range', { body: JSON.stringify(chat({ top_p: 7 })) }, 400, 'invalid_value'],
    ['another model', { body: JSON.stringify(chat({ model: 'x' })) }, 404, 'model_not_found'],
  ])('%s', async (_what, init, status, code) => {
    const response = await gateway.post(chat(), init)
    expect([response.status, await errorCode(response)]).toEqual([status, code])
    expect(response.headers.get('x-request-id')).toMatch(/^req_/)
    expect(gateway.engine.starts).toEqual([])
  })

  test('a prompt longer than the context', async () => {
    gateway.engine.onStart = ({ connection }, { job }) => {
      const need = { promptTokens: 5000, contextTokens: 4096 }
      const code = 'ENGINE_CONTEXT_LENGTH'
      connection.send('job.failed', { job, code, message: '7000 tokens', ...need })
    }
    const response = await gateway.post(chat({ stream: true }))
    expect(response.status).toBe(400)
    const text = await response.text()
    expect(text).toContain('context_length_exceeded')
    expect(text).toContain('need 5000 tokens, the context of the model holds 4096')
    expect(text).not.toContain('7000')
  })
})

describe('clients that do not behave', () => {
  test.each([true, false])('a hang-up cancels the job (stream: %s)', async (stream) => {
    gateway.engine.onStart = (peer, { job }) => {
      started(peer, job)
      peer.connection.send('job.text', {
        job,
        choice: 0,
        part: 'answer',
        chances: [],
        text: 'a long beginning of it',
        chars: [22],
      })
    }
    const gone = new AbortController()
    const response = gateway.post(chat({ stream }), { signal: gone.signal })
    response.catch(() => undefined)
    await expect.poll(() => gateway.engine.starts.length).toBe(1)
    if (stream) await response
    gone.abort()
    await expect.poll(() => gateway.engine.cancels.length).toBe(1)
    await expect
      .poll(() => gateway.keeper.events.at(-1)?.codes)
      .toEqual(['finish.cancelled', 'cancelled.hung-up'])
  })

  test('the ninth of eight is refused, and there is room again afterwards', async () => {
    const jobs: (() => void)[] = []
    gateway.engine.onStart = (peer, { job }) => {
      jobs.push(() => {
        peer.answer(job, [ANSWER])
      })
    }
    const eight = Array.from({ length: 8 }, () => gateway.post(chat()))
    await expect.poll(() => jobs.length).toBe(8)
    const ninth = await gateway.post(chat())
    expect([ninth.status, ninth.headers.get('retry-after')]).toEqual([429, '2'])
    expect(await errorCode(ninth)).toBe('gateway_busy')
    for (const answer of jobs) answer()
    for (const response of await Promise.all(eight)) expect(response.status).toBe(200)
    gateway.engine.onStart = honest
    await expect.poll(async () => (await gateway.post(chat())).status).toBe(200)
  })

  test('a revoked key stops within a second or so, a new one works at once', async () => {
    const other = `sk-local-${'N'.repeat(43)}`
    writeClients(gateway.statePath, [other])
    const withKey = async (key: string) =>
      (await gateway.post(chat(), { headers: { authorization: `Bearer ${key}` } })).status
    expect(await withKey(other)).toBe(200)
    await expect.poll(() => withKey(KEY), { timeout: 3000 }).toBe(401)
    writeClients(gateway.statePath, [KEY])
    expect(await withKey(KEY)).toBe(200)
  })
})
