/** What a real gateway process does when the keeper or the engine fails it, and what it never logs. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  chat,
  errorCode,
  KEY,
  startGatewayProcess,
  type GatewayProcess,
} from './gateway-process.ts'
import { hostileFrame, HOSTILE_CANARY, seededRandom } from './gateway-stand-ins.ts'

const ANSWER = 'The capital of France is Paris.'
const PROMPT_CANARY = 'CANARY-prompt-5a1f'
const ANSWER_CANARY = 'CANARY-answer-77d0'
const KEY_CANARY = `sk-local-${'C'.repeat(43)}`

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

async function ready(): Promise<unknown> {
  return (await fetch(`${gateway.url}/readyz`)).json()
}

describe('peers that are lost', () => {
  test('keeper refuses, and takes events again', async () => {
    gateway.keeper.mode = 'refuse'
    const refused = await gateway.post(chat({ stream: true }))
    expect([refused.status, await errorCode(refused)]).toEqual([503, 'audit_unavailable'])
    expect(await ready()).toMatchObject({ ready: false, audit: 'refusing' })
    gateway.keeper.mode = 'keep'
    expect((await gateway.post(chat())).status).toBe(200)
    await expect.poll(ready).toMatchObject({ ready: true, audit: 'ok' })
  })

  test('keeper away, and back', async () => {
    const starts = gateway.engine.starts.length
    gateway.keeper.die()
    const seen: unknown[] = []
    await expect
      .poll(async () => {
        seen.push(await ready())
        return seen.at(-1)
      })
      .toMatchObject({ ready: true })
    expect((await gateway.post(chat())).status).toBe(200)
    expect(gateway.engine.starts.length).toBe(starts + 1)
  })

  test('engine dies in the middle: an error, an event, and the next request works', async () => {
    gateway.engine.onStart = (peer, { job }) => {
      started(peer, job)
      peer.connection.send('job.text', {
        job,
        choice: 0,
        part: 'answer',
        chances: [],
        text: 'half of a long answer. ',
        chars: [22],
      })
      setTimeout(() => {
        gateway.engine.die()
      }, 100)
    }
    const text = await (await gateway.post(chat({ stream: true }))).text()
    expect(text).toContain('half of')
    expect(text.trimEnd().split('\n\n').at(-1)).toMatch(/^data: {"error":.*"code":"engine_lost"}}$/)
    expect(text).not.toContain('[DONE]')
    await expect.poll(() => gateway.keeper.types()).toContain('engine.lost')
    gateway.engine.onStart = honest
    await expect.poll(async () => (await gateway.post(chat())).status).toBe(200)
  })

  test('a hostile engine is cut off, and recorded', async () => {
    const random = seededRandom(7)
    gateway.engine.onStart = (peer, { job }) => {
      for (let i = 0; i < 50; i++) peer.socket.write(hostileFrame(random, job))
    }
    for (let i = 0; i < 2; i++) {
      const text = await (await gateway.post(chat({ stream: i % 2 === 0 }))).text()
      expect(text).not.toContain(HOSTILE_CANARY)
      await expect.poll(ready, { timeout: 5000 }).toMatchObject({ ready: true })
    }
    await expect.poll(() => gateway.keeper.types()).toContain('wire.refused')
    gateway.engine.onStart = honest
    expect((await gateway.post(chat())).status).toBe(200)
  })
})

test('no prompt, no answer, no key and no header is in the logs or in the record', async () => {
  gateway.engine.onStart = (peer, { job }) => {
    peer.answer(job, [ANSWER_CANARY])
  }
  const messages = [{ role: 'user', content: PROMPT_CANARY }]
  await gateway.post(chat({ messages }))
  await gateway.post(chat({ messages, [PROMPT_CANARY]: PROMPT_CANARY, temperature: PROMPT_CANARY }))
  await gateway.post(chat({ messages }), { headers: { authorization: `Bearer ${KEY_CANARY}` } })
  await gateway.post(chat({ messages }), { headers: { 'x-request-id': PROMPT_CANARY } })
  await gateway.post(chat({ messages }), { body: `{"${PROMPT_CANARY}` })
  await fetch(`${gateway.url}/v1/${PROMPT_CANARY}?q=${PROMPT_CANARY}`)
  await fetch(`${gateway.url}/v1/models/${PROMPT_CANARY}`, {
    headers: { authorization: `Bearer ${KEY}` },
  })
  await expect.poll(() => gateway.logs()).toContain('/v1/models/:id')
  const said = gateway.logs() + JSON.stringify(gateway.keeper.events)
  // The control: what may be in a log is there.
  expect(said).toContain('/v1/chat/completions')
  expect(said).toContain('invalid_api_key')
  for (const canary of [PROMPT_CANARY, ANSWER_CANARY, KEY_CANARY, KEY, ANSWER, 'Bearer']) {
    expect(said).not.toContain(canary)
  }
})
