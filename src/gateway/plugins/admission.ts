/**
 * Admission: at most `maxJobs` requests in the engine, at most `maxJobsPerClient` of one client. The
 * rest are told when to come back, or wait at the door for a bounded time; the next free seat is for
 * the waiting client that has the fewest.
 *
 * The door is before the body is read, so a line of waiting clients holds no prompts. A seat is
 * given back when the client is gone and the engine has finished with its job, whichever is later.
 *
 * @packageDocumentation
 */
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { Fault } from '../../errors.ts'
import { Seats } from '../seats.ts'

/** How many may wait for each seat there is. */
const WAITING_PER_SEAT = 8

export interface AdmissionOptions {
  readonly maxJobs: number
  /** 0: as many as `maxJobs`. */
  readonly maxJobsPerClient: number
  readonly overflow: 'refuse' | 'wait'
  readonly waitMs: number
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly seatCounts: () => {
      readonly taken: number
      readonly waiting: number
      readonly most: number
    }
    /** `onRequest` hook for every route that reaches the engine. */
    readonly admit: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  }
  interface FastifyRequest {
    /** Set by a route whose work may outlive its client; the seat is held until then. */
    work: Promise<void> | null
  }
}

export const admission = fp<AdmissionOptions>(
  async (app, options) => {
    const { maxJobs, waitMs } = options
    const maxPerClient = options.maxJobsPerClient === 0 ? maxJobs : options.maxJobsPerClient
    const maxWaiting = options.overflow === 'wait' ? maxJobs * WAITING_PER_SEAT : 0
    const seats = new Seats({ max: maxJobs, maxPerClient, maxWaiting })
    app.decorateRequest('work', null)
    app.decorate('seatCounts', () => {
      return { taken: seats.taken, waiting: seats.waiting, most: maxJobs }
    })

    app.decorate('admit', async (request, reply) => {
      const client = request.client?.id
      if (client === undefined) throw new Error('a seat for nobody')
      if (!seats.take(client) && !(await seats.wait(client, patience(reply, waitMs)))) {
        throw busy(seats.takenBy(client), { maxJobs, maxPerClient })
      }
      const leave = () => {
        void (request.work ?? Promise.resolve()).finally(() => {
          seats.free(client)
        })
      }
      // 'close' fires once, for a finished answer and for a client that hung up.
      if (reply.raw.closed) leave()
      else reply.raw.once('close', leave)
    })
  },
  { name: 'admission', fastify: '5.x' },
)

function busy(
  ownSeats: number,
  { maxJobs, maxPerClient }: { readonly maxJobs: number; readonly maxPerClient: number },
): Fault {
  const why =
    ownSeats >= maxPerClient && maxPerClient < maxJobs
      ? `this API key has ${ownSeats} requests in the engine, which is the most for one`
      : `all ${maxJobs} places of the engine are taken`
  return new Fault('GATEWAY_BUSY', why)
}

/** Aborts when the client hangs up or the time is over. */
function patience(reply: FastifyReply, waitMs: number): AbortSignal {
  const hungUp = new AbortController()
  reply.raw.once('close', () => {
    hungUp.abort()
  })
  return AbortSignal.any([hungUp.signal, AbortSignal.timeout(waitMs)])
}
