/**
 * An embedding model's context: token ids in, one vector of unit length out.
 *
 * What it gives: every id and length checked before a native call; vectors that were checked to be
 * numbers. What it does not give: more than one input at a time: the addon hands out the vector of
 * sequence 0 alone, and an encoder reads a whole input in one batch.
 *
 * @packageDocumentation
 */
import { LlamaVocabularyType, type LlamaEmbeddingContext } from 'node-llama-cpp'
import { Fault, reasonOf } from '../errors.ts'
import { embeddingContextOf, type AddonEmbeddingContext } from './llama-internals.ts'
import type { LoadedModel } from './llama.ts'

const SLOT = 0

export class EmbeddingContext {
  /** The longest input, with the tokens that frame it. */
  readonly contextTokens: number
  /** Numbers in a vector. */
  readonly dimensions: number
  readonly #context: LlamaEmbeddingContext
  readonly #addon: AddonEmbeddingContext
  readonly #model: LoadedModel
  readonly #frame: { readonly before: readonly number[]; readonly after: readonly number[] }

  private constructor(model: LoadedModel, context: LlamaEmbeddingContext, contextTokens: number) {
    this.contextTokens = contextTokens
    this.dimensions = model.native.embeddingVectorSize
    this.#model = model
    this.#context = context
    this.#addon = embeddingContextOf(context)
    this.#frame = frameOf(model)
  }

  /** @throws Fault `ENGINE_OUT_OF_MEMORY` */
  static async create(model: LoadedModel, contextTokens: number): Promise<EmbeddingContext> {
    try {
      const context = await model.native.createEmbeddingContext({
        contextSize: contextTokens,
        batchSize: contextTokens,
        // To begin with, as for a chat model.
        threads: 1,
      })
      return new EmbeddingContext(model, context, contextTokens)
    } catch (cause) {
      if (cause instanceof Fault) throw cause
      const message = `a context of ${contextTokens} tokens: ${reasonOf(cause).slice(0, 200)}`
      throw new Fault('ENGINE_OUT_OF_MEMORY', message, { cause })
    }
  }

  /** Puts what the model was trained to see around an input, where it is not there yet. */
  framed(ids: Uint32Array): Uint32Array {
    const { before, after } = this.#frame
    const hasBefore = before.length === 0 || ids[0] === before[0]
    const hasAfter = after.length === 0 || ids.at(-1) === after[0]
    return Uint32Array.of(...(hasBefore ? [] : before), ...ids, ...(hasAfter ? [] : after))
  }

  /**
   * @param ids - 1 to `contextTokens`, framed.
   * @returns A vector of length 1.
   * @throws RangeError before anything native for ids that are out of range: a bug of ours.
   */
  async embed(ids: Uint32Array): Promise<Float32Array> {
    if (ids.length < 1 || ids.length > this.contextTokens) {
      throw new RangeError(`an input of ${ids.length} tokens`)
    }
    if (!ids.every((id) => this.#model.vocabulary.has(id))) {
      throw new RangeError('an id is out of range')
    }
    // Nothing of the input before may be seen by this one.
    this.#addon.disposeSequence(SLOT)
    this.#addon.initBatch(ids.length)
    this.#addon.addToBatch(SLOT, 0, ids, Uint32Array.of(ids.length - 1))
    await this.#addon.decodeBatch()
    return unitVector(this.#addon.getEmbedding(ids.length), this.dimensions)
  }

  /** The same through the package's public interface. */
  async embedPublicly(text: string): Promise<Float32Array> {
    const { vector } = await this.#context.getEmbeddingFor(text)
    this.#addon.disposeSequence(SLOT)
    return unitVector(Float64Array.from(vector), this.dimensions)
  }

  setThreads(threads: number): void {
    if (this.#addon.getThreads() !== threads) this.#addon.setThreads(threads)
  }
}

/** @throws RangeError for a vector that has no direction. */
export function unitVector(vector: Float64Array, dimensions: number): Float32Array {
  const length = Math.hypot(...vector)
  if (vector.length !== dimensions || !Number.isFinite(length) || length === 0) {
    throw new RangeError(`a vector of ${vector.length} numbers without a direction`)
  }
  return Float32Array.from(vector, (number) => number / length)
}

/** As llama.cpp's own tokenizer frames a text (llama-vocab.cpp, `tokenize` with `add_special`). */
function frameOf({ native, vocabulary }: LoadedModel) {
  const { tokens, vocabularyType } = native
  const isWordPiece = vocabularyType === LlamaVocabularyType.wpm
  const before = isWordPiece || tokens.shouldPrependBosToken ? tokens.bos : null
  const last = isWordPiece ? tokens.sep : tokens.eos
  const after = isWordPiece || tokens.shouldAppendEosToken ? last : null
  const known = (id: number | null) => (id !== null && vocabulary.has(id) ? [id] : [])
  return { before: known(before), after: known(after) }
}
