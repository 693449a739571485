/**
 * `GET /v1/models` and `GET /v1/models/:id`: the models that may be asked for, loaded or not.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { ClientMistake } from '../api-error.ts'
import type { Engine } from '../engine-link.ts'
import type { Engines } from '../engines.ts'

export function registerModels(app: FastifyInstance, engines: Engines): void {
  const created = new Map<string, number>()

  /** An unloaded engine has told it when it was loaded; before that nobody knows. */
  const describe = ({ model, ready }: Engine) => {
    if (ready !== undefined) created.set(model, ready.created)
    return { id: model, object: 'model', created: created.get(model) ?? 0, owned_by: 'local' }
  }

  app.get('/v1/models', () => ({ object: 'list', data: engines.all.map(describe) }))

  app.get<{ Params: { id: string } }>('/v1/models/:id', (request) => {
    const engine = engines.find(request.params.id)
    if (engine === undefined) {
      throw new ClientMistake('model_not_found', 'there is no such model', 'id')
    }
    return describe(engine)
  })
}
