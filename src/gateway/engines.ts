/**
 * The engines of all models, by the name that a request gives.
 *
 * @packageDocumentation
 */
import { ClientMistake } from './api-error.ts'
import type { Engine } from './engine-link.ts'

export interface Engines {
  /** In the order of the configuration: the default model first. */
  readonly all: readonly Engine[]
  find(name: string): Engine | undefined
}

export function createEngines(all: readonly Engine[]): Engines {
  const byName = new Map(all.map((engine) => [engine.model, engine]))
  return { all, find: (name) => byName.get(name) }
}

/** @throws ClientMistake `model_not_found`. */
export function findEngine(engines: Engines, name: string): Engine {
  const engine = engines.find(name)
  if (engine !== undefined) return engine
  throw new ClientMistake('model_not_found', 'there is no such model; GET /v1/models lists them')
}
