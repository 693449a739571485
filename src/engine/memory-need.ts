/**
 * How much memory a model takes, from its header and its limits, before it is taken.
 *
 * Pure. On the high side: resident memory was 99 % of it for MiniLM, and 60 to 90 % for Gemma 3, which
 * keeps only a window of its context in most layers.
 *
 * @packageDocumentation
 */
import type { ModelHeader } from '../gguf/model-header.ts'

/** Node, the addon and their heaps, all of it locked: what MiniLM's engine has beside its model. */
const PROCESS_BYTES = 200 * 2 ** 20
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

export interface FileBytes {
  /** Of the whole model file. */
  readonly weightBytes: number
  /** Of the adapter's; 0 without one. */
  readonly adapterBytes: number
}

/** Bytes. */
export function memoryNeed(files: FileBytes, header: Header, limits: NeedLimits): number {
  const contextTokens = Math.min(limits.contextTokens, header.trainedTokens)
  const isChat = header.kind === 'chat'
  // One slot more holds what every prompt starts with.
  const slots = isChat ? limits.slots + 1 : 1
  const batchTokens = isChat ? limits.batchTokens : contextTokens
  const cache = header.cacheBytesPerToken * contextTokens * slots
  const outputs = isChat ? header.vocabularyTokens : contextTokens
  const perToken = (header.embeddingWidth * WIDTHS_PER_TOKEN + outputs) * FLOAT_BYTES
  // An adapter is copied by llama.cpp while our own copy still stands.
  const fileBytes = files.weightBytes + 2 * files.adapterBytes
  return PROCESS_BYTES + fileBytes + cache + batchTokens * perToken
}
