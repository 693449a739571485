/**
 * `/healthz`: the process lives. `/readyz`: it would answer, and if not, which part is missing.
 * Both are open to callers without a key, so they say states and no details.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import type { LayerState } from '../../wire/frames.ts'
import type { EngineState } from '../engine-link.ts'
import type { AuditState } from '../keeper-link.ts'

export interface Health {
  /** By model. A model on demand that rests is as good as one that is ready. */
  readonly models: Readonly<Record<string, EngineState>>
  readonly audit: AuditState
  readonly clients: 'ok' | 'invalid'
  readonly layers: Readonly<Record<string, readonly LayerState[]>>
}

export function registerHealth(app: FastifyInstance, health: () => Health): void {
  app.get('/healthz', () => ({ status: 'ok' }))

  app.get('/readyz', (_request, reply) => {
    const { models, audit, clients, layers } = health()
    const engine = Object.values(models).includes('away') ? 'away' : 'ready'
    const ready = engine === 'ready' && audit === 'ok' && clients === 'ok'
    reply.code(ready ? 200 : 503)
    return { ready, engine, models, audit, clients, layers: flatten(layers) }
  })
}

/** Without the detail of a layer, which may name a path. */
function flatten(layers: Health['layers']): object[] {
  return Object.entries(layers).flatMap(([process, states]) =>
    states.map(({ layer, state }) => ({ process, layer, state })),
  )
}
