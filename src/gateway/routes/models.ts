/**
 * `GET /v1/models` and `GET /v1/models/:id`: the models that answer now.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { ClientMistake } from '../api-error.ts'
import type { Engine } from '../engine-link.ts'

export function registerModels(app: FastifyInstance, engine: Engine): void {
  app.get('/v1/models', () => {
    const model = describe(engine)
    return { object: 'list', data: model === undefined ? [] : [model] }
  })

  app.get<{ Params: { id: string } }>('/v1/models/:id', (request) => {
    const model = describe(engine)
    if (model?.id !== request.params.id) {
      throw new ClientMistake('model_not_found', 'there is no such model', 'id')
    }
    return model
  })
}

function describe({ ready }: Engine) {
  if (ready === undefined) return undefined
  return { id: ready.model, object: 'model', created: ready.created, owned_by: 'local' }
}
