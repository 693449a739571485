/**
 * node-llama-cpp, brought up and wrapped: the one file that touches it, with `llama-embedding.ts`.
 *
 * What it gives: a model from a path, its vocabulary, its samplers, one context of several slots
 * (`batch-context.ts`). What it does not give: any decision; `scheduler.ts`, `slots.ts` and
 * `threads.ts` decide.
 *
 * The batch calls are internal to node-llama-cpp, so its version is pinned and `self-test.ts`
 * compares them with the public ones at every start.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import {
  InsufficientMemoryError,
  Llama,
  LlamaLogLevel,
  type LlamaContext,
  type LlamaModel,
} from 'node-llama-cpp'
import { Fault, reasonOf } from '../errors.ts'
import { BatchContext, type ContextOptions } from './batch-context.ts'
import {
  addonContextOf,
  addonModelOf,
  grammarsOf,
  loadAdapterInto,
  samplerClassOf,
  type AddonModel,
  type AddonSampler,
  type AddonSamplerClass,
  type SamplerConfig,
} from './llama-internals.ts'
import { SamplerPool, type Sampler } from './sampler.ts'
import { ModelVocabulary } from './vocabulary.ts'

export interface LlamaOptions {
  /** 0: as many as physical cores. They spin, so more than cores is many times slower. */
  readonly maxThreads: number
  /** llama.cpp's own errors and warnings; nothing is ever printed. */
  readonly onLog: (line: string) => void
}

/** OpenAI's most for `top_logprobs`. */
const MOST_RIVALS = 20

/** Where prebuilt code for this machine lies; nothing is ever compiled or downloaded. */
function findBinding(): { path: string; metadata: unknown } {
  const require = createRequire(import.meta.url)
  const platform = `linux-${process.arch}`
  try {
    const entry = require.resolve(`@node-llama-cpp/${platform}`)
    const folder = join(dirname(entry), '..', 'bins', platform)
    const metadata: unknown = JSON.parse(
      readFileSync(join(folder, '_nlcBuildMetadata.json'), 'utf8'),
    )
    return { path: join(folder, 'llama-addon.node'), metadata }
  } catch (cause) {
    throw new Fault('ENGINE_SELF_TEST', `no prebuilt llama.cpp for ${platform}`, { cause })
  }
}

/** The addon, initialised in this process. `getLlama()` would fork a test process first. */
async function bringUp(options: LlamaOptions): Promise<{ llama: Llama; bindings: object }> {
  const { path, metadata } = findBinding()
  const bindings: unknown = createRequire(import.meta.url)(path)
  const create: unknown = Reflect.get(Llama, '_create')
  if (typeof create !== 'function' || typeof bindings !== 'object' || bindings === null) {
    throw new Fault('ENGINE_SELF_TEST', 'node-llama-cpp has changed: Llama._create is missing')
  }
  const llama: unknown = await Reflect.apply(create, Llama, [
    {
      bindings,
      bindingPath: path,
      buildType: 'prebuilt',
      buildMetadata: metadata,
      logLevel: LlamaLogLevel.error,
      logger: (_level: unknown, line: unknown) => {
        options.onLog(String(line).slice(0, 300))
      },
      vramPadding: 0,
      ramPadding: 0,
      maxThreads: 1,
      skipLlamaInit: false,
      debug: false,
      numa: false,
      tempDir: false,
    },
  ])
  if (llama instanceof Llama) {
    const cores = Math.min(llama.cpuMathCores, availableParallelism())
    llama.maxThreads = Math.max(options.maxThreads > 0 ? options.maxThreads : cores, 1)
    return { llama, bindings }
  }
  throw new Fault('ENGINE_SELF_TEST', 'node-llama-cpp has changed: Llama._create gives another')
}

export class LoadedModel {
  readonly vocabulary: ModelVocabulary
  readonly trainedTokens: number
  readonly maxThreads: number
  /** For `llama-embedding.ts` alone. */
  readonly native: LlamaModel
  readonly #addon: AddonModel
  readonly #samplerClass: AddonSamplerClass
  readonly #samplers: SamplerPool
  #adapterPath: string | undefined

  constructor(model: LlamaModel, bindings: object) {
    this.native = model
    this.#addon = addonModelOf(model)
    this.#samplerClass = samplerClassOf(bindings)
    const parts = { model: this.#addon, grammars: grammarsOf(bindings) }
    this.#samplers = new SamplerPool(this.#samplerClass, parts)
    const entries: unknown = model.fileInfo.metadata.tokenizer.ggml.tokens
    if (!Array.isArray(entries)) throw new Fault('ENGINE_MODEL_INVALID', 'there is no vocabulary')
    this.vocabulary = new ModelVocabulary(this.#addon, entries.length)
    this.trainedTokens = model.trainContextSize
    this.maxThreads = model.llama.maxThreads
  }

  /**
   * Every context that is made afterwards applies it.
   *
   * @param path - `/proc/self/fd/N` of sealed memory, of no use afterwards.
   * @throws Fault `ADAPTER_INVALID`
   */
  async loadAdapter(path: string): Promise<void> {
    try {
      await loadAdapterInto(this.native, path)
    } catch (cause) {
      if (cause instanceof Fault) throw cause
      throw new Fault('ADAPTER_INVALID', `llama.cpp: ${reasonOf(cause).slice(0, 200)}`, { cause })
    }
    this.#adapterPath = path
  }

  /** @throws Fault `ENGINE_OUT_OF_MEMORY` when the key/value cache does not fit. */
  async createBatchContext(options: ContextOptions): Promise<BatchContext> {
    const { contextTokens, slots, batchTokens } = options
    try {
      const context = await this.native.createContext({
        contextSize: contextTokens,
        // One more, the last, holds what every prompt starts with.
        sequences: slots + 1,
        batchSize: batchTokens,
        // To begin with: on a busy machine several take seconds for the self-test.
        threads: 1,
        flashAttention: true,
        failedCreationRemedy: false,
        ...(this.#adapterPath === undefined ? {} : { lora: this.#adapterPath }),
      })
      const probes = { likeliest: this.#probe(0), rivals: this.#probe(MOST_RIVALS) }
      const parts = { addon: addonContextOf(context), vocabulary: this.vocabulary, probes }
      return new BatchContext(parts, options, (prompt, tokens) =>
        decodeGreedily(context, prompt, tokens),
      )
    } catch (cause) {
      if (cause instanceof Fault) throw cause
      const message = `${slots + 1} slots of ${contextTokens} tokens: ${reasonOf(cause)}`
      const isMemory = cause instanceof InsufficientMemoryError || message.includes('context')
      throw new Fault(isMemory ? 'ENGINE_OUT_OF_MEMORY' : 'ENGINE_MODEL_INVALID', message, {
        cause,
      })
    }
  }

  /** To be disposed, once, by whoever made it. */
  createSampler(config: SamplerConfig): Sampler {
    return this.#samplers.take(config)
  }

  /** Reads the model's own distribution: nothing biased, cut or sharpened. */
  #probe(topK: number): AddonSampler {
    const sampler = new this.#samplerClass(this.#addon)
    // Greedy takes no part in a chain with a top: that one needs a temperature.
    sampler.applyConfig(topK === 0 ? { temperature: 0 } : { temperature: 1, topK, seed: 0 })
    return sampler
  }
}

/** The same as our batches through the package's public interface, in slot 0, which must be empty. */
async function decodeGreedily(
  context: LlamaContext,
  prompt: Uint32Array,
  tokens: number,
): Promise<number[]> {
  const sequence = context.getSequence()
  const ids: number[] = []
  const input = Array.from(prompt) as Parameters<typeof sequence.evaluate>[0]
  for await (const id of sequence.evaluate(input, { temperature: 0 })) {
    if (ids.push(id) === tokens) break
  }
  await sequence.dispose()
  return ids
}

/**
 * Loads a model. Needs no right to write, connect or fork.
 *
 * @param path - `/proc/self/fd/N` of sealed memory.
 * @throws Fault `ENGINE_MODEL_INVALID`, or `ENGINE_SELF_TEST` when the package is another one.
 */
export async function loadModel(path: string, options: LlamaOptions): Promise<LoadedModel> {
  const { llama, bindings } = await bringUp(options)
  try {
    const model = await llama.loadModel({ modelPath: path, gpuLayers: 0, useMmap: true })
    return new LoadedModel(model, bindings)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('ENGINE_MODEL_INVALID', `llama.cpp: ${reasonOf(cause).slice(0, 200)}`, {
      cause,
    })
  }
}
