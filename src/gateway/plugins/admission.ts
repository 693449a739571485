/**
 * Admission: at most `maxJobs` requests in the engine. The rest are told when to come back, or wait
 * at the door for a bounded time.
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
  async (app, { maxJobs, overflow, waitMs }) => {
    const seats = new Seats(maxJobs, overflow === 'wait' ? maxJobs * WAITING_PER_SEAT : 0)
    app.decorateRequest('work', null)
    app.decorate('seatCounts', () => {
      return { taken: seats.taken, waiting: seats.waiting, most: maxJobs }
    })

    app.decorate('admit', async (request, reply) => {
      if (!seats.take() && !(await seats.wait(patience(reply, waitMs)))) {
        throw new Fault('GATEWAY_BUSY', `all ${maxJobs} places of the engine are taken`)
      }
      const leave = () => {
        void (request.work ?? Promise.resolve()).finally(() => {
          seats.free()
        })
      }
      // 'close' fires once, for a finished answer and for a client that hung up.
      if (reply.raw.closed) leave()
      else reply.raw.once('close', leave)
    })
  },
  { name: 'admission', fastify: '5.x' },
)

/** Aborts when the client hangs up or the time is over. */
function patience(reply: FastifyReply, waitMs: number): AbortSignal {
  const hungUp = new AbortController()
  reply.raw.once('close', () => {
    hungUp.abort()
  })
  return AbortSignal.any([hungUp.signal, AbortSignal.timeout(waitMs)])
}
