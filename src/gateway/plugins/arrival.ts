/**
 * The first thing that happens to a request: our own id, and whether it may speak to us at all.
 *
 * No CORS header is ever sent: a page that may not call us needs no permission slip, and the
 * programs that may do not ask for one.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { ClientMistake } from '../api-error.ts'
import { refuseAddress, type OwnAddress } from '../host-check.ts'
import { isOpen } from './authentication.ts'

/** `req_` and 32 hex digits of ours. The caller's own id is neither used nor sent back. */
export function makeRequestId(): string {
  return `req_${randomBytes(16).toString('hex')}`
}

export function checkAddress(raw: IncomingMessage, own: OwnAddress): ClientMistake | undefined {
  const fetchSite = raw.headers['sec-fetch-site']
  return refuseAddress(
    {
      url: raw.url ?? '',
      hosts: valuesOf(raw, 'host'),
      origin: raw.headers.origin,
      fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined,
    },
    own,
  )
}

/** Every value of a header: Node keeps the first `Host` only. */
function valuesOf(raw: IncomingMessage, name: string): string[] {
  const values: string[] = []
  const { rawHeaders } = raw
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '')
  }
  return values
}

export function setOwnHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    'x-request-id': request.id,
    // Where Anthropic's SDKs look for it.
    'request-id': request.id,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
}

export interface ArrivalOptions {
  /** Asked for each request: a port 0 is known only after listening. */
  readonly own: () => OwnAddress
}

export const arrival = fp<ArrivalOptions>(
  async (app, { own }) => {
    app.addHook('onRequest', async (request, reply) => {
      setOwnHeaders(request, reply)
      logWhenOver(request, reply)
      const refusal = checkAddress(request.raw, own())
      if (refusal !== undefined) throw refusal
    })
  },
  { name: 'arrival', fastify: '5.x' },
)

/**
 * One line for each request, also for those whose client hung up. Polls of an open route are only
 * for those who look closely: a line every few seconds hides the others.
 */
function logWhenOver(request: FastifyRequest, reply: FastifyReply): void {
  reply.raw.once('close', () => {
    request.log[isOpen(request) ? 'debug' : 'info'](
      {
        req: request,
        res: reply,
        client: request.client?.id,
        ms: Math.round(reply.elapsedTime),
        hungUp: !reply.raw.writableFinished,
      },
      'request',
    )
  })
}
