/**
 * `GET /metrics`, and the count of every request that is over.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'

const MS_PER_SECOND = 1000
/** nginx's: nobody was there to read the rest. */
const CLIENT_GONE = 499

/** Before the routes, so that every one of them is counted. */
export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.raw.once('close', () => {
      metrics.requestEnded({
        path: request.routeOptions.url,
        status: reply.raw.writableEnded ? reply.raw.statusCode : CLIENT_GONE,
        seconds: reply.elapsedTime / MS_PER_SECOND,
      })
    })
  })
}

export function registerMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.contentType)
    return metrics.text()
  })
}
