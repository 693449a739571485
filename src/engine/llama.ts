/**
 * node-llama-cpp, brought up and wrapped: the one file that touches it, with `llama-embedding.ts`.
 *
 * What it gives: a model from a path, its vocabulary, one context of several slots, batches in our
 * own order, sampling, copies between slots. Every token id, slot and position is checked before a
 * native call, because the addon aborts the process on some of them and fails the whole batch on the
 * rest. What it does not give: any decision; `scheduler.ts`, `slots.ts` and `threads.ts` decide.
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
import {
  addonContextOf,
  addonModelOf,
  samplerClassOf,
  type AddonContext,
  type AddonModel,
  type AddonSampler,
  type AddonSamplerClass,
  type SamplerConfig,
} from './llama-internals.ts'
import { ModelVocabulary } from './vocabulary.ts'

export interface LlamaOptions {
  /** 0: as many as physical cores. They spin, so more than cores is many times slower. */
  readonly maxThreads: number
  /** llama.cpp's own errors and warnings; nothing is ever printed. */
  readonly onLog: (line: string) => void
}

export interface ContextOptions {
  /** Of each slot. */
  readonly contextTokens: number
  readonly slots: number
  readonly batchTokens: number
}

/** A run of tokens of one slot, at its next positions. */
export interface BatchPart {
  readonly slot: number
  readonly position: number
  readonly ids: Uint32Array
  /** Whether the token after the last one will be sampled. */
  readonly ends: boolean
}

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

  constructor(model: LlamaModel, bindings: object) {
    this.native = model
    this.#addon = addonModelOf(model)
    this.#samplerClass = samplerClassOf(bindings)
    const entries: unknown = model.fileInfo.metadata.tokenizer.ggml.tokens
    if (!Array.isArray(entries)) throw new Fault('ENGINE_MODEL_INVALID', 'there is no vocabulary')
    this.vocabulary = new ModelVocabulary(this.#addon, entries.length)
    this.trainedTokens = model.trainContextSize
    this.maxThreads = model.llama.maxThreads
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
      })
      return new BatchContext(context, options, this.vocabulary)
    } catch (cause) {
      if (cause instanceof Fault) throw cause
      const message = `${slots + 1} slots of ${contextTokens} tokens: ${reasonOf(cause)}`
      const isMemory = cause instanceof InsufficientMemoryError || message.includes('context')
      throw new Fault(isMemory ? 'ENGINE_OUT_OF_MEMORY' : 'ENGINE_MODEL_INVALID', message, {
        cause,
      })
    }
  }

  /** To be disposed by whoever made it. */
  createSampler(config: SamplerConfig): AddonSampler {
    const sampler = new this.#samplerClass(this.#addon)
    sampler.applyConfig(config)
    return sampler
  }
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

export class BatchContext {
  readonly contextTokens: number
  readonly slots: number
  readonly batchTokens: number
  /** The slot that holds what every prompt starts with. */
  readonly reservedSlot: number
  readonly #context: LlamaContext
  readonly #addon: AddonContext
  readonly #vocabulary: ModelVocabulary
  /** Tokens in each slot: the next position, as we count it. */
  readonly #filled: number[]

  constructor(context: LlamaContext, options: ContextOptions, vocabulary: ModelVocabulary) {
    this.contextTokens = options.contextTokens
    this.slots = options.slots
    this.batchTokens = options.batchTokens
    this.reservedSlot = options.slots
    this.#context = context
    this.#addon = addonContextOf(context)
    this.#vocabulary = vocabulary
    this.#filled = new Array<number>(options.slots + 1).fill(0)
  }

  /**
   * One batch.
   *
   * @param parts - Slots ascending, each once, each at the slot's next position.
   * @returns For each part that ends, in order, the number for `sample`; good until the next batch.
   * @throws RangeError before anything native when a part breaks a rule: a bug of ours.
   */
  async decode(parts: readonly BatchPart[]): Promise<number[]> {
    const total = parts.reduce((sum, part) => sum + part.ids.length, 0)
    if (total > this.batchTokens) throw new RangeError(`a batch of ${total} tokens`)
    parts.forEach((part, at) => {
      this.#check(part, parts[at - 1])
    })
    this.#addon.initBatch(total)
    const logits = parts.flatMap(({ slot, position, ids, ends }) => {
      const wanted = ends ? Uint32Array.of(ids.length - 1) : new Uint32Array()
      return [...this.#addon.addToBatch(slot, position, ids, wanted)]
    })
    for (const { slot, position, ids } of parts) this.#filled[slot] = position + ids.length
    await this.#addon.decodeBatch()
    return logits
  }

  #check(part: BatchPart, previous: BatchPart | undefined): void {
    const { slot, position, ids } = part
    const filled = this.#filled[slot]
    if (filled === undefined || slot <= (previous?.slot ?? -1)) {
      throw new RangeError(`slot ${slot} after slot ${previous?.slot ?? -1}`)
    }
    if (position !== filled) throw new RangeError(`position ${position}, the slot has ${filled}`)
    if (ids.length === 0 || position + ids.length > this.contextTokens) {
      throw new RangeError(`${ids.length} tokens at ${position} of ${this.contextTokens}`)
    }
    if (!ids.every((id) => this.#vocabulary.has(id))) throw new RangeError('an id is out of range')
  }

  /** @throws RangeError when the model gives nothing that is in its vocabulary. */
  async sample(logit: number, sampler: AddonSampler): Promise<number> {
    const id = await this.#addon.sampleToken(logit, sampler)
    if (!this.#vocabulary.has(id)) throw new RangeError(`sampled ${id}`)
    return id
  }

  filled(slot: number): number {
    return this.#filled[slot] ?? 0
  }

  /**
   * Keeps the first `tokens` of a slot. The bytes of the rest stay where they are until they are
   * overwritten.
   *
   * @returns What is really kept: 0 for models that cannot forget a part.
   */
  truncate(slot: number, tokens: number): number {
    if (tokens === this.filled(slot)) return tokens
    const kept =
      tokens > 0 && this.#addon.removeTokenCellsFromSequence(slot, tokens, -1) ? tokens : 0
    if (kept === 0) this.#addon.disposeSequence(slot)
    this.#filled[slot] = kept
    return kept
  }

  /**
   * Makes `target` a copy of `source`, every byte of its slice; the bytes move at the start of the
   * next batch. An empty source would copy nothing, so it is refused.
   */
  async copySlot(source: number, target: number): Promise<void> {
    const tokens = this.filled(source)
    if (tokens === 0 || this.#filled[target] === undefined || source === target) {
      throw new RangeError(`slot ${source} of ${tokens} tokens over slot ${target}`)
    }
    await this.#addon.copySequenceStateFromOtherSequence(target, source)
    this.#filled[target] = tokens
  }

  setThreads(threads: number): void {
    if (this.#addon.getThreads() !== threads) this.#addon.setThreads(threads)
  }

  /** The same through the package's public interface, in slot 0, which must be empty. */
  async decodeGreedyPublicly(prompt: Uint32Array, tokens: number): Promise<number[]> {
    const sequence = this.#context.getSequence()
    const ids: number[] = []
    const input = Array.from(prompt) as Parameters<typeof sequence.evaluate>[0]
    for await (const id of sequence.evaluate(input, { temperature: 0 })) {
      if (ids.push(id) === tokens) break
    }
    await sequence.dispose()
    return ids
  }
}
