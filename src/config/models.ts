/**
 * The models that are served: their settings, and what holds for each once defaults are filled in.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

export const MODEL_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
/** Each has two sockets and, while it is loaded, a process; so has each pair with an adapter. */
const MAX_MODELS = 32
/** The keeper lets as many engines at once ask for the key of their base. */
const MAX_ADAPTERS = 8

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
  adapters: z
    .array(z.string().regex(MODEL_NAME))
    .max(MAX_ADAPTERS)
    .refine((names) => new Set(names).size === names.length, { message: 'an adapter twice' })
    .default([])
    .meta(
      about(
        'Sealed LoRA adapters of this model; a client asks for one as "model:adapter". Each pair is an engine of its own, with the base in memory once more, loaded on demand unless load says "start".',
      ),
    ),
})
type ModelSettings = z.infer<typeof ModelSettings>

const countOf = (models: readonly ModelSettings[]) =>
  models.reduce((count, { adapters }) => count + 1 + adapters.length, 0)

export const Models = z
  .record(z.string().regex(MODEL_NAME), ModelSettings)
  .refine((models) => countOf(Object.values(models)) <= MAX_MODELS, {
    message: `more than ${MAX_MODELS} models, pairs with adapters included`,
  })
  .default({})
  .meta(
    about(
      'Models beside the default one, by name, and settings for any of them. Empty: one model is served, as most machines have memory for.',
    ),
  )

export interface ServedModel {
  /** What a client says: `base`, or `base:adapter`. */
  readonly name: string
  /** The sealed model. */
  readonly base: string
  /** The sealed adapter that is applied to it. */
  readonly adapter: string | undefined
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

/** The default model first, then the others in their order; each is followed by its pairs. */
export function servedModels(config: ModelsPart): readonly ServedModel[] {
  const others = Object.keys(config.models).filter((name) => name !== config.model)
  return [config.model, ...others].flatMap((name) => [
    servedModel(config, name),
    ...settingsOf(config, name).adapters.map((adapter) => servedModel(config, name, adapter)),
  ])
}

function settingsOf({ models }: ModelsPart, name: string): ModelSettings {
  const own = Object.hasOwn(models, name) ? models[name] : undefined
  return own ?? ModelSettings.parse({})
}

/** Of any names: a trial load has some that are not served yet. */
export function servedModel(config: ModelsPart, base: string, adapter?: string): ServedModel {
  const { model, engine } = config
  const { kind, load, idleMs, contextTokens, slots, batchTokens } = settingsOf(config, base)
  const isFirst = base === model && adapter === undefined
  return {
    name: adapter === undefined ? base : `${base}:${adapter}`,
    ...{ base, adapter, kind, idleMs },
    load: load === 'auto' ? (isFirst ? 'start' : 'demand') : load,
    contextTokens: contextTokens ?? engine.contextTokens,
    slots: slots ?? engine.slots,
    batchTokens: batchTokens ?? engine.batchTokens,
  }
}

/** What is wrong with the names of adapters, beside their form. */
export function adapterProblems(config: ModelsPart): { model: string; message: string }[] {
  return servedModels(config).flatMap(({ base: model, adapter, kind }) => {
    if (adapter === undefined) return []
    if (adapter === config.model || Object.hasOwn(config.models, adapter)) {
      return [{ model, message: `${adapter} is served as a model; it cannot be an adapter too` }]
    }
    const message = 'an embedding model takes no adapters'
    return kind === 'embedding' ? [{ model, message }] : []
  })
}

/** The sealed folders behind some models, each once. */
export function sealedNames(models: readonly ServedModel[]): readonly string[] {
  const names = models.flatMap(({ base, adapter }) =>
    adapter === undefined ? [base] : [base, adapter],
  )
  return [...new Set(names)]
}
