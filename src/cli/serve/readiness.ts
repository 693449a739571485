/**
 * Asks the daemon over its own API whether it would answer.
 *
 * @packageDocumentation
 */
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'

/** Where the API is, for a client on this machine. */
export type ApiAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** The origin, without `/v1`; a Unix socket has none, so its path is named. */
export function originOf(address: ApiAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return `http://${hostAndPort(address)}`
}

/** `127.0.0.1:11435`, `[::1]:11435`. */
export function hostAndPort({ host, port }: ApiAddress & { readonly kind: 'tcp' }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const Readiness = z.object({
  ready: z.boolean(),
  engine: z.string(),
  audit: z.string(),
  clients: z.string(),
  layers: z.array(z.object({ process: z.string(), layer: z.string(), state: z.string() })),
})
export type Readiness = z.infer<typeof Readiness>

const FIRST_POLL_MS = 25
/** Each question is a line in the gateway's log. */
const LAST_POLL_MS = 200
const ANSWER_MS = 2000
const MAX_ANSWER_BYTES = 256 * 1024

/** Polls until the daemon says it is ready. @throws The signal's reason when it is aborted. */
export async function waitUntilReady(address: ApiAddress, signal: AbortSignal): Promise<Readiness> {
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(LAST_POLL_MS, 2 * pollMs)) {
    const readiness = await askReadiness(address)
    signal.throwIfAborted()
    if (readiness?.ready === true) return readiness
    await delay(pollMs, undefined, { signal })
  }
}

/** One question; undefined when nobody answers, or something else does. */
export async function askReadiness(address: ApiAddress): Promise<Readiness | undefined> {
  const text = await get(address, '/readyz')
  if (text === undefined) return undefined
  try {
    const parsed = Readiness.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

function get(address: ApiAddress, path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const where =
    address.kind === 'tcp'
      ? { host: address.host, port: address.port }
      : { socketPath: address.path, headers: { host: 'localhost' } }
  const asked = request({ ...where, path, timeout: ANSWER_MS, agent: false }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.length > MAX_ANSWER_BYTES) asked.destroy()
    })
    response.once('close', () => {
      resolve(response.complete ? text : undefined)
    })
  })
  asked.once('timeout', () => asked.destroy())
  asked.once('error', () => {
    resolve(undefined)
  })
  asked.end()
  return promise
}

/** process → layer → state, for the ready file and `doctor`. */
export function groupLayers({ layers }: Readiness): Record<string, Record<string, string>> {
  const grouped: Record<string, Record<string, string>> = {}
  for (const { process, layer, state } of layers) (grouped[process] ??= {})[layer] = state
  return grouped
}
