/**
 * 10,000 random bodies for every POST route of a running daemon: no 5xx, no hang, no process that
 * ends, and every answer is what `/openapi.json` says of it.
 *
 *     FUZZ_SEED=random npm run test:fuzz      # other bodies; without it the same ones each time
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventData } from '../fixtures/openapi.ts'
import { startFuzzedDaemon, type FuzzedDaemon } from './fuzzed-daemon.ts'
import { bodiesOf } from './random-bodies.ts'
import { SEED } from './seed.ts'

const RUNS: Readonly<Record<string, number>> = {
  '/v1/chat/completions': 2500,
  '/v1/completions': 1500,
  '/v1/responses': 1750,
  '/v1/messages': 1750,
  '/v1/messages/count_tokens': 500,
  '/v1/embeddings': 750,
  '/v1/tokenize': 750,
  '/v1/detokenize': 500,
}
const PATHS = Object.keys(RUNS)
/** Of one answer; a hang is longer. */
const ANSWER_MS = 30_000
/** Of all bodies of a route, and of the shrinking of one that fails. */
const ROUTE_MS = 270_000
/** Faults of a body that a valid one never has. */
const STRUCTURAL = ['invalid_type', 'unknown_parameter', 'missing_required_parameter']

let daemon: FuzzedDaemon
const counts = new Map<string, number>()

beforeAll(async () => {
  daemon = await startFuzzedDaemon()
  console.log(`seed ${SEED}`)
})
afterAll(async () => {
  await daemon.end()
})

async function post(path: string, body: string) {
  const { url, headers } = daemon
  const signal = AbortSignal.timeout(ANSWER_MS)
  const response = await fetch(url + path, { method: 'POST', headers, body, signal })
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type') ?? '', text }
}

/** Of a stream, which has its status before it breaks off: the error, when it is ours. */
function brokenOff(type: string, text: string): string | undefined {
  if (!type.startsWith('text/event-stream')) return undefined
  const last = eventData(text).at(-1) ?? ''
  return /"type":"(server_error|api_error|overloaded_error|response\.failed)"/.exec(last)?.[0]
}

async function check(path: string, body: string): Promise<void> {
  const { api } = daemon
  const { status, type, text } = await post(path, body)
  counts.set(`${path} ${status}`, (counts.get(`${path} ${status}`) ?? 0) + 1)
  expect(status, text).toBeLessThan(500)
  expect(status, text).not.toBe(429)
  expect(brokenOff(type, text), text).toBeUndefined()
  expect(api.answerFault({ method: 'POST', path, status, type, text }), text).toBeUndefined()
  const fault = api.bodyFault(path, JSON.parse(body))
  if (fault !== undefined) expect(status, `answered, though ${fault}`).toBeGreaterThanOrEqual(400)
  else
    expect(
      STRUCTURAL.filter((code) => text.includes(`"${code}"`)),
      text,
    ).toEqual([])
}

describe('random bodies', () => {
  test('there are 10,000, and every POST route has its share', () => {
    expect(daemon.api.posts.sort()).toEqual([...PATHS].sort())
    expect(Object.values(RUNS).reduce((sum, runs) => sum + runs)).toBe(10_000)
  })

  test.concurrent.each(PATHS)('%s', async (path) => {
    await fc.assert(
      fc.asyncProperty(bodiesOf(daemon.api, path), (body) => check(path, body)),
      {
        ...{ numRuns: RUNS[path] ?? 0, seed: SEED },
        ...{ interruptAfterTimeLimit: ROUTE_MS, markInterruptAsFailure: true },
      },
    )
  })

  test('the same processes serve, nothing died, and enough was answered', async () => {
    for (const path of PATHS) {
      const statuses = [...counts].filter(([name]) => name.startsWith(`${path} `))
      console.log(statuses.map(([name, count]) => `${name}: ${count}`).join(', '))
      const answered = counts.get(`${path} 200`) ?? 0
      expect(answered, path).toBeGreaterThan((RUNS[path] ?? 0) / 10)
    }
    await daemon.assertWhole()
  })
})
