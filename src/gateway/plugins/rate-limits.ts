/**
 * How often a client may ask, and how often an address may be wrong. Both are kept in memory, in
 * windows of a minute, so `retry-after` is never more than 60.
 *
 * @packageDocumentation
 */
import rateLimit from '@fastify/rate-limit'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { ClientMistake } from '../api-error.ts'

const WINDOW_MS = 60_000
/** More wrong keys than a person types in a minute, and far fewer than a search needs. */
const FAILURES_PER_WINDOW = 30

declare module 'fastify' {
  interface FastifyInstance {
    /** @throws ClientMistake `rate_limit_exceeded`. */
    readonly countFailure: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
    /** @throws ClientMistake `rate_limit_exceeded`. */
    readonly countRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  }
}

export interface RateLimitOptions {
  readonly requestsPerMinute: number
}

export const rateLimits = fp<RateLimitOptions>(
  async (app, { requestsPerMinute }) => {
    await app.register(rateLimit, { global: false })
    const perClient = app.createRateLimit({
      max: requestsPerMinute,
      timeWindow: WINDOW_MS,
      keyGenerator: (request) => request.client?.id ?? '',
    })
    const perAddress = app.createRateLimit({ max: FAILURES_PER_WINDOW, timeWindow: WINDOW_MS })

    app.decorate('countRequest', async (request, reply) => {
      const count = await perClient(request)
      if (count.isAllowed) return
      reply.headers({
        'x-ratelimit-limit-requests': count.max,
        'x-ratelimit-remaining-requests': count.remaining,
        'x-ratelimit-reset-requests': `${count.ttlInSeconds}s`,
      })
      if (count.isExceeded) throw tooMany(reply, count.ttlInSeconds, 'requests with this API key')
    })
    app.decorate('countFailure', async (request, reply) => {
      const count = await perAddress(request)
      if (!count.isAllowed && count.isExceeded) {
        throw tooMany(reply, count.ttlInSeconds, 'wrong API keys from this address')
      }
    })
  },
  { name: 'rate-limits', fastify: '5.x' },
)

function tooMany(reply: FastifyReply, seconds: number, what: string): ClientMistake {
  reply.header('retry-after', Math.min(60, Math.max(1, seconds)))
  return new ClientMistake('rate_limit_exceeded', `too many ${what} in the last minute`)
}
