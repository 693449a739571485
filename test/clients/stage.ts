/**
 * The daemon that all SDKs are asked against, with the two real models, and what a row can see of it.
 *
 * As `serve --quickstart` starts it, but for a few settings: one seat for each API key, so that a
 * second request is one too many; a wait that no SDK has by itself; a guard that refuses; a context
 * that is enough here.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { EXIT } from '../../src/errors.ts'
import { askOnce, makeHome, MODEL, runCommand, startDaemon } from '../e2e/daemon-process.ts'
import { MINILM } from '../e2e/minilm-file.ts'
import { startCountingProxy, type CountingProxy } from './counting-proxy.ts'

/** Neither the half second of OpenAI's SDKs nor the one or two of the others. */
export const RETRY_AFTER_MS = 3000

export interface Stage {
  /** The daemon itself, without `/v1`, and the way there on which requests are counted. */
  readonly url: string
  readonly proxy: CountingProxy
  readonly key: string
  readonly metrics: () => Promise<Metrics>
  /** Takes the one seat of the key, until it is given back. */
  readonly takeSeat: () => Promise<() => Promise<void>>
  readonly close: () => Promise<void>
}

export interface Metrics {
  readonly seatsTaken: number
  /** Requests whose client was gone before their end. */
  readonly gone: number
}

/** Without marks around results of tools: a model of 135 million parameters often loses what they hold. */
const REFUSING = { input: { invisible: 'refuse' }, documents: 'plain' }

const SETTINGS = [
  `models=${JSON.stringify({ [MINILM]: { kind: 'embedding', load: 'start' } })}`,
  'gateway.maxJobsPerClient=1',
  `gateway.retryAfterSeconds=${RETRY_AFTER_MS / 1000}`,
  `guard.profiles=${JSON.stringify({ refusing: REFUSING })}`,
  'guard.profile=refusing',
  // The test itself asks for /metrics more often than a person would.
  'gateway.requestsPerMinute=6000',
  'engine.contextTokens=2048',
]

/** An answer that goes on to the last token it may have: some ten seconds. */
export const ENDLESS = { question: 'Write a long essay on the history of France.', tokens: 1500 }

/** @param minilm - the embedding model's GGUF file. */
export async function startStage(minilm: string): Promise<Stage> {
  const place = makeHome()
  const run = async (...args: string[]) => {
    const { code, out, err } = await runCommand(place.home, args)
    if (code !== EXIT.ok) throw new Error(`${args.join(' ')}: ${err}`)
    return out
  }
  const keyOf = (json: string) => z.object({ key: z.string() }).parse(JSON.parse(json)).key
  await run('model', 'import', minilm, '--name', MINILM)
  const key = keyOf(await run('client', 'add', 'sdk', '--json'))
  const metricsKey = keyOf(await run('client', 'add', 'metrics', '--scope', 'metrics', '--json'))
  const sets = SETTINGS.flatMap((setting) => ['--set', setting])
  const daemon = await startDaemon(place.home, ['--quickstart', ...sets])
  const { url } = daemon.ready
  const proxy = await startCountingProxy(url)
  const metrics = () => readMetrics(url, metricsKey)
  return {
    ...{ url, proxy, key, metrics },
    takeSeat: () => takeSeat({ url, key }, metrics),
    close: async () => {
      await proxy.close()
      await daemon.stop()
      place.remove()
    },
  }
}

async function readMetrics(url: string, key: string): Promise<Metrics> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })
  const text = await response.text()
  const seats = /^secure_llm_seats\{state="taken"\} (\d+)$/m.exec(text)?.[1]
  // What is no page of metrics must not look like a daemon that is idle.
  if (response.status !== 200 || seats === undefined) throw new Error(`${response.status}: ${text}`)
  const gone = text.matchAll(/^secure_llm_requests_total\{[^}]*status="499"[^}]*\} (\d+)$/gm)
  return {
    seatsTaken: Number(seats),
    gone: [...gone].reduce((sum, [, number]) => sum + Number(number), 0),
  }
}

async function takeSeat(
  { url, key }: { readonly url: string; readonly key: string },
  metrics: () => Promise<Metrics>,
): Promise<() => Promise<void>> {
  const { question, tokens } = ENDLESS
  const response = await askOnce(
    { url, key },
    {
      ...{ model: MODEL, temperature: 0, max_completion_tokens: tokens, stream: true },
      messages: [{ role: 'user', content: question }],
    },
  )
  if (response.status !== 200) throw new Error(`no seat: ${response.status}`)
  return async () => {
    await response.body?.cancel()
    await untilSeatsAreFree(metrics, 10_000)
  }
}

/** @returns how long that took, in milliseconds. @throws when it takes longer than it may. */
export async function untilSeatsAreFree(
  metrics: () => Promise<Metrics>,
  atMostMs: number,
): Promise<number> {
  const beganMs = performance.now()
  for (;;) {
    const { seatsTaken } = await metrics()
    const tookMs = performance.now() - beganMs
    if (seatsTaken === 0) return tookMs
    if (tookMs > atMostMs) throw new Error(`${seatsTaken} seats taken after ${atMostMs} ms`)
    await sleep(50)
  }
}
