/**
 * The models that are served: their settings, and what holds for each once defaults are filled in.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

export const MODEL_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
/** Each has two sockets and, while it is loaded, a process. */
const MAX_MODELS = 32

const about = (description: string) => ({ description })

/** The bounds of one engine; the same numbers hold for `engine` and for a model of its own. */
export const ENGINE_BOUNDS = {
  contextTokens: z.int().min(256).max(131_072),
  slots: z.int().min(1).max(32),
  batchTokens: z.int().min(32).max(4096),
} as const

const ModelSettings = z.strictObject({
  kind: z
    .enum(['auto', 'chat', 'embedding'])
    .default('auto')
    .meta(
      about(
        '"auto" goes by the model file. Saying it refuses a request of the other kind before the model is loaded, and a file of the other kind.',
      ),
    ),
  load: z
    .enum(['auto', 'start', 'demand'])
    .default('auto')
    .meta(
      about(
        '"start": loaded with the daemon and never unloaded. "demand": loaded by the first request. "auto": the default model at start, others on demand, so that memory goes to what is asked for.',
      ),
    ),
  idleMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(600_000)
    .meta(
      about(
        'A model on demand is unloaded after so long without work; 0: never. Ten minutes outlast the pauses of a conversation.',
      ),
    ),
  contextTokens: ENGINE_BOUNDS.contextTokens
    .optional()
    .meta(about('Instead of engine.contextTokens; of an embedding model the longest input.')),
  slots: ENGINE_BOUNDS.slots.optional().meta(about('Instead of engine.slots.')),
  batchTokens: ENGINE_BOUNDS.batchTokens
    .optional()
    .meta(about('Instead of engine.batchTokens. An embedding model takes an input in one step.')),
})
type ModelSettings = z.infer<typeof ModelSettings>

export const Models = z
  .record(z.string().regex(MODEL_NAME), ModelSettings)
  .refine((models) => Object.keys(models).length <= MAX_MODELS, {
    message: `more than ${MAX_MODELS} models`,
  })
  .default({})
  .meta(
    about(
      'Models beside the default one, by name, and settings for any of them. Empty: one model is served, as most machines have memory for.',
    ),
  )

export interface ServedModel {
  readonly name: string
  readonly kind: ModelSettings['kind']
  readonly load: 'start' | 'demand'
  /** 0: never. */
  readonly idleMs: number
  readonly contextTokens: number
  readonly slots: number
  readonly batchTokens: number
}

interface ModelsPart {
  readonly model: string
  readonly models: Readonly<Record<string, ModelSettings>>
  readonly engine: Pick<ServedModel, 'contextTokens' | 'slots' | 'batchTokens'>
}

/** The default model first, then the others in their order. */
export function servedModels(config: ModelsPart): readonly ServedModel[] {
  const others = Object.keys(config.models).filter((name) => name !== config.model)
  return [config.model, ...others].map((name) => servedModel(config, name))
}

/** Of any name: a trial load has one that is not served yet. */
export function servedModel({ model, models, engine }: ModelsPart, name: string): ServedModel {
  const own = Object.hasOwn(models, name) ? models[name] : undefined
  const { kind, load, idleMs, ...limits } = own ?? ModelSettings.parse({})
  return {
    name,
    kind,
    load: load === 'auto' ? (name === model ? 'start' : 'demand') : load,
    idleMs,
    contextTokens: limits.contextTokens ?? engine.contextTokens,
    slots: limits.slots ?? engine.slots,
    batchTokens: limits.batchTokens ?? engine.batchTokens,
  }
}
