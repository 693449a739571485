/**
 * The whole daemon whose engine dies while it loads, again and again: every request meanwhile is a
 * 503, every death is in the record, each restart waits longer, and then it answers as before.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import type { Daemon } from '../e2e/daemon-process.ts'
import {
  ask,
  isAlive,
  makeTinyHome,
  pidsOf,
  untilAnswered,
  type TinyHome,
} from '../process/tiny-daemon.ts'

let place: TinyHome
let daemon: Daemon

beforeAll(async () => {
  place = await makeTinyHome()
  daemon = await place.serve()
})
afterAll(async () => {
  await daemon.stop()
  place.remove()
})

/** As soon as the next engine is past its launcher, long before its model is loaded. */
async function killNextEngine(signal: 'SIGKILL' | 'SIGABRT'): Promise<number> {
  const untilMs = performance.now() + 20_000
  for (;;) {
    const [pid] = pidsOf('engine', daemon.child.pid!)
    if (pid !== undefined) {
      process.kill(pid, signal)
      while (isAlive(pid)) await sleep(2)
      return performance.now()
    }
    if (performance.now() > untilMs) throw new Error('no engine was started again')
    await sleep(5)
  }
}

interface Refusal {
  error: { type: string; code: string; param: string | null }
}

/** GGML_ASSERT ends in abort(); the kernel's memory killer in SIGKILL. */
const DEATHS = ['SIGKILL', 'SIGABRT', 'SIGKILL', 'SIGABRT'] as const

test('dies four times while loading: 503, recorded, restarted later each time, answers', async () => {
  const { url, processes } = daemon.ready
  const where = { url, key: place.key }
  await untilAnswered(where)
  const diedMs: number[] = []
  for (const signal of DEATHS) {
    diedMs.push(await killNextEngine(signal))
    const response = await ask(where)
    const { error } = (await response.json()) as Refusal
    expect([response.status, error.code]).toEqual([503, 'engine_unavailable'])
    expect(error).toMatchObject({ type: 'server_error', param: null })
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    const readyz = await fetch(`${url}/readyz`)
    expect(readyz.status).toBe(503)
    expect(await readyz.json()).toMatchObject({ ready: false, engine: 'away', audit: 'ok' })
  }
  await untilAnswered(where)
  // 0.2, 0.4, 0.8 s between one death and the next start; loading starts at once then.
  const gapsMs = diedMs.slice(1).map((atMs, i) => atMs - diedMs[i]!)
  for (const [i, gapMs] of gapsMs.entries()) expect(gapMs, String(i)).toBeGreaterThan(200 * 2 ** i)
  // Nobody else was drawn in.
  expect([isAlive(processes.gateway), isAlive(processes.keeper)]).toEqual([true, true])
})

test('the record has each death with its signal, no request that was refused, and verifies', async () => {
  const died = place.records().filter(({ type }) => type === 'process.died')
  expect(died.map(({ actor, codes }) => [actor, codes])).toEqual(
    DEATHS.map((signal) => ['cli', ['engine', signal]]),
  )
  const accepted = place.records().filter(({ type }) => type === 'request.accepted')
  expect(accepted).toHaveLength(2)
  expect(await place.command(['audit', 'verify'])).toMatchObject({ code: EXIT.ok })
})
