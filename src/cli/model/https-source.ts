/**
 * A model over HTTPS, straight into the seal: no byte of it touches the disk.
 *
 * A connection that breaks is taken up again where it stopped (`Range`). No credentials are ever
 * sent, and a redirect may not leave HTTPS.
 *
 * @packageDocumentation
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Fault, reasonOf } from '../../errors.ts'

const ATTEMPTS = 5
const FIRST_PAUSE_MS = 1000
const STALLED_MS = 60_000

export interface HttpsOptions {
  readonly plainBytes: number
  readonly signal: AbortSignal
  readonly firstPauseMs?: number
  readonly stalledMs?: number
}

/** A failure that another try may mend. */
class Broken extends Error {}

/** @throws Fault `DOWNLOAD_FAILED`, or `DOWNLOAD_MISMATCH` when there is more than expected. */
export async function* readFromHttps(
  url: string,
  options: HttpsOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { plainBytes, signal, firstPauseMs = FIRST_PAUSE_MS } = options
  let doneBytes = 0
  for (let attempt = 1; doneBytes < plainBytes; attempt++) {
    const before = doneBytes
    try {
      for await (const chunk of readFrom(url, doneBytes, options)) {
        doneBytes += chunk.length
        yield chunk
      }
      if (doneBytes < plainBytes) throw new Broken(`it ended after ${doneBytes} bytes`)
    } catch (cause) {
      signal.throwIfAborted()
      if (!(cause instanceof Broken)) throw cause
      // Progress earns new patience: only failures in a row count.
      if (doneBytes > before) attempt = 1
      if (attempt >= ATTEMPTS) {
        const host = new URL(url).host
        throw new Fault('DOWNLOAD_FAILED', `${host}: ${cause.message}`, { cause })
      }
      await delay(firstPauseMs * 2 ** (attempt - 1), undefined, { signal })
    }
  }
}

async function* readFrom(
  url: string,
  fromByte: number,
  { plainBytes, signal, stalledMs = STALLED_MS }: HttpsOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stalled = new AbortController()
  const timer = setTimeout(() => {
    stalled.abort(new Error(`silent for ${stalledMs / 1000} s`))
  }, stalledMs)
  try {
    const response = await request(url, fromByte, AbortSignal.any([signal, stalled.signal]))
    let skipBytes = response.status === 206 ? 0 : fromByte
    let at = fromByte
    for await (const chunk of bodyOf(response)) {
      timer.refresh()
      // A server without ranges sends all of it again.
      const fresh = chunk.subarray(Math.min(skipBytes, chunk.length))
      skipBytes -= chunk.length - fresh.length
      at += fresh.length
      if (at > plainBytes) {
        throw new Fault('DOWNLOAD_MISMATCH', `more than the expected ${plainBytes} bytes came`)
      }
      if (fresh.length > 0) yield fresh
    }
  } finally {
    clearTimeout(timer)
    stalled.abort()
  }
}

async function request(url: string, fromByte: number, signal: AbortSignal): Promise<Response> {
  const headers = fromByte === 0 ? {} : { range: `bytes=${fromByte}-` }
  let response: Response
  try {
    response = await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' }, signal })
  } catch (cause) {
    throw new Broken(networkReason(cause), { cause })
  }
  if (new URL(response.url).protocol !== new URL(url).protocol) {
    throw new Fault('DOWNLOAD_FAILED', 'the server redirects to another protocol')
  }
  const { status } = response
  if (status === 429 || status >= 500) throw new Broken(`status ${status}`)
  if (status !== 200 && status !== 206) {
    throw new Fault('DOWNLOAD_FAILED', `${new URL(url).host} answers with status ${status}`)
  }
  if (status === 206 && !startsAt(response.headers.get('content-range'), fromByte)) {
    throw new Fault('DOWNLOAD_FAILED', 'the server sends another range than the one asked for')
  }
  return response
}

function startsAt(contentRange: string | null, fromByte: number): boolean {
  return contentRange?.startsWith(`bytes ${fromByte}-`) === true
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) throw new Broken('the answer is empty')
  try {
    for await (const chunk of response.body) yield chunk
  } catch (cause) {
    throw new Broken(networkReason(cause), { cause })
  }
}

/** `fetch failed` says nothing; what caused it does. */
function networkReason(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown
  return reasonOf(cause).slice(0, 200)
}
