/**
 * One context of several slots: batches in our own order, sampling, copies between slots.
 *
 * What it gives: every token id, slot and position is checked before a native call, because the
 * addon aborts the process on some of them and fails the whole batch on the rest. What it does not
 * give: any decision about what to decode.
 *
 * @packageDocumentation
 */
import type { AddonContext, AddonSampler } from './llama-internals.ts'
import type { Sampler } from './sampler.ts'
import type { ModelVocabulary } from './vocabulary.ts'

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
  /** After which of them the next token will be sampled or judged. */
  readonly logits: 'none' | 'last' | 'all'
}

/** How likely the model found a token, as natural logarithms; -Infinity: it cannot happen. */
export interface Chance {
  readonly logprob: number
  /** The most likely tokens there, the likeliest first. */
  readonly rivals: readonly { readonly id: number; readonly logprob: number }[]
}

interface Parts {
  readonly addon: AddonContext
  readonly vocabulary: ModelVocabulary
  readonly probes: { readonly likeliest: AddonSampler; readonly rivals: AddonSampler }
}

type DecodePublicly = (prompt: Uint32Array, tokens: number) => Promise<number[]>

export class BatchContext {
  readonly contextTokens: number
  readonly slots: number
  readonly batchTokens: number
  /** The slot that holds what every prompt starts with. */
  readonly reservedSlot: number
  readonly #addon: AddonContext
  readonly #vocabulary: ModelVocabulary
  readonly #probes: Parts['probes']
  /** Tokens in each slot: the next position, as we count it. */
  readonly #filled: number[]

  /** The same through the package's public interface, in slot 0, which must be empty. */
  readonly decodePublicly: DecodePublicly

  constructor(parts: Parts, options: ContextOptions, decodePublicly: DecodePublicly) {
    this.contextTokens = options.contextTokens
    this.slots = options.slots
    this.batchTokens = options.batchTokens
    this.reservedSlot = options.slots
    this.#addon = parts.addon
    this.#vocabulary = parts.vocabulary
    this.#probes = parts.probes
    this.decodePublicly = decodePublicly
    this.#filled = new Array<number>(options.slots + 1).fill(0)
  }

  /**
   * One batch.
   *
   * @param parts - Slots ascending, each once, each at the slot's next position.
   * @returns For each part the numbers for `sample` and `chanceOf`; good until the next batch.
   * @throws RangeError before anything native when a part breaks a rule: a bug of ours.
   */
  async decode(parts: readonly BatchPart[]): Promise<number[][]> {
    const total = parts.reduce((sum, part) => sum + part.ids.length, 0)
    if (total > this.batchTokens) throw new RangeError(`a batch of ${total} tokens`)
    parts.forEach((part, at) => {
      this.#check(part, parts[at - 1])
    })
    this.#addon.initBatch(total)
    const numbers = parts.map(({ slot, position, ids, logits }) => [
      ...this.#addon.addToBatch(slot, position, ids, wantedIndexes(logits, ids.length)),
    ])
    for (const { slot, position, ids } of parts) this.#filled[slot] = position + ids.length
    await this.#addon.decodeBatch()
    return numbers
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
  async sample(logit: number, sampler: Sampler): Promise<number> {
    const id = await this.#addon.sampleToken(logit, sampler.addon)
    if (!this.#vocabulary.has(id)) throw new RangeError(`sampled ${id}`)
    return id
  }

  /** How likely the model found `id` after that token, before any sampling; and the `top` likeliest. */
  async chanceOf(logit: number, id: number, top: number): Promise<Chance> {
    const { likeliest, rivals } = this.#probes
    const filter = [[id], false, false, true, 0] as const
    const [best, , , found, weight] = await this.#addon.sampleToken(
      logit,
      likeliest,
      false,
      false,
      filter,
      true,
    )
    const logits = pairsOf(found ?? [])
    const highest = logits.get(best) ?? Number.NaN
    const logWeight = highest + Math.log(weight ?? Number.NaN)
    const logprobOf = (value: number | undefined) =>
      Math.min((value ?? Number.NEGATIVE_INFINITY) - logWeight, 0)
    if (top === 0) return { logprob: logprobOf(logits.get(id)), rivals: [] }
    const wanted = [[], false, false, false, top] as const
    const [, , , likely] = await this.#addon.sampleToken(logit, rivals, false, false, wanted, false)
    return {
      logprob: logprobOf(logits.get(id)),
      rivals: [...pairsOf(likely ?? [])].map(([rival, value]) => ({
        id: rival,
        logprob: logprobOf(value),
      })),
    }
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
}

function wantedIndexes(logits: BatchPart['logits'], tokens: number): Uint32Array {
  if (logits === 'none') return new Uint32Array()
  return logits === 'last'
    ? Uint32Array.of(tokens - 1)
    : Uint32Array.from({ length: tokens }, (_, at) => at)
}

/** Id to logit, in the order given. */
function pairsOf(flat: readonly number[]): Map<number, number> {
  const pairs = new Map<number, number>()
  for (let at = 0; at + 1 < flat.length; at += 2) {
    pairs.set(flat[at] ?? -1, flat[at + 1] ?? Number.NEGATIVE_INFINITY)
  }
  return pairs
}
