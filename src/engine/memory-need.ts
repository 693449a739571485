/**
 * How much memory a model takes, from its header and its limits, before it is taken.
 *
 * Pure. An upper estimate: within a few percent for the models measured, more where a model keeps
 * only a window of its context.
 *
 * @packageDocumentation
 */
import type { ModelHeader } from './gguf.ts'

/** Node, the addon and their heaps, measured without a model. */
const PROCESS_BYTES = 100 * 2 ** 20
/** Activations of one token of a batch, in widths of the model: the widest moment of a layer. */
const WIDTHS_PER_TOKEN = 24
const FLOAT_BYTES = 4

export interface NeedLimits {
  /** Of each slot. */
  readonly contextTokens: number
  readonly slots: number
  readonly batchTokens: number
}

type Header = Pick<
  ModelHeader,
  'kind' | 'cacheBytesPerToken' | 'embeddingWidth' | 'vocabularyTokens' | 'trainedTokens'
>

/** Bytes. @param weightBytes - Of the whole model file. */
export function memoryNeed(weightBytes: number, header: Header, limits: NeedLimits): number {
  const contextTokens = Math.min(limits.contextTokens, header.trainedTokens)
  const isChat = header.kind === 'chat'
  // One slot more holds what every prompt starts with.
  const slots = isChat ? limits.slots + 1 : 1
  const batchTokens = isChat ? limits.batchTokens : contextTokens
  const cache = header.cacheBytesPerToken * contextTokens * slots
  const outputs = isChat ? header.vocabularyTokens : contextTokens
  const perToken = (header.embeddingWidth * WIDTHS_PER_TOKEN + outputs) * FLOAT_BYTES
  return PROCESS_BYTES + weightBytes + cache + batchTokens * perToken
}
