/**
 * The inside of node-llama-cpp 3.22.1 that we drive, as types and checks.
 *
 * What it gives: the shape of the native objects behind `Llama`, `LlamaModel` and `LlamaContext`, and
 * guards that say whether an installed version still has it. What it does not give: the package
 * itself; `llama.ts` alone imports that.
 *
 * Source: `llama/addon/*.cpp` and `dist/bindings/AddonTypes.d.ts` of the package.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'

/** What a sampler is told; a key that is left out leaves its link out of the chain. */
export interface SamplerConfig {
  readonly temperature: number
  readonly topP: number
  readonly topK?: number
  readonly minP?: number
  /** Ids and what is added to their logits. */
  readonly tokenBiasKeys?: Uint32Array
  readonly tokenBiasValues?: Float32Array
  readonly seed: number
  /** Its presence adds the link of the three penalties. */
  readonly repeatPenaltyTokens: Uint32Array
  readonly repeatPenalty: number
  /** The window; memory of this many entries is taken at once. */
  readonly repeatPenaltyMaxTokens: number
  readonly repeatPenaltyPresencePenalty: number
  readonly repeatPenaltyFrequencyPenalty: number
}

/** A grammar that was parsed; it holds no state. */
export interface AddonGrammar {
  isTextCompatible(text: string): boolean
}
/** Where an answer stands in its grammar. */
export type AddonGrammarState = object

/** Token ids and logits by turns, the most likely first. */
export type FlatLogits = readonly number[]

/**
 * Which logits `sampleToken` tells: of these ids, of the highest, of the lowest, of the sampled one,
 * and of so many of the top.
 */
export type LogitFilter = readonly [readonly number[], boolean, boolean, boolean, number]

export interface AddonSampler {
  applyConfig(
    config: Partial<SamplerConfig> & { readonly grammarEvaluationState?: AddonGrammarState },
  ): void
  dispose(): void
}

export type AddonSamplerClass = new (model: AddonModel) => AddonSampler

/** The classes behind `createGrammar`. */
export interface AddonGrammars {
  /** Throws what it likes on text that is no GBNF. */
  readonly AddonGrammar: new (
    text: string,
    options: { readonly addonExports: object; readonly rootRuleName: string },
  ) => AddonGrammar
  readonly AddonGrammarEvaluationState: new (
    model: AddonModel,
    grammar: AddonGrammar,
  ) => AddonGrammarState
}

export interface AddonModel {
  tokenize(text: string, specialTokens: boolean): Uint32Array
  /** An id outside the vocabulary aborts the process, here and in every call by id. */
  detokenize(ids: Uint32Array, specialTokens: boolean): string
  getTokenString(id: number): string
  getTokenAttributes(id: number): number
  isEogToken(id: number): boolean
  shouldPrependBosToken(): boolean
  /** -1 when the vocabulary has none; so have the next two. */
  tokenBos(): number
  tokenEos(): number
  eotToken(): number
  /** Of a model that fills gaps. */
  prefixToken(): number
  suffixToken(): number
  middleToken(): number
}

export interface AddonContext {
  initBatch(tokens: number): void
  /** @returns For each index asked for, the number to give to `sampleToken`. */
  addToBatch(slot: number, position: number, ids: Uint32Array, logits: Uint32Array): Uint32Array
  decodeBatch(): Promise<void>
  /** -1: nothing could be chosen. */
  sampleToken(logit: number, sampler: AddonSampler): Promise<number>
  /** With the logits of the filter, and the sum of exp(logit - highest) over all of the chain. */
  sampleToken(
    logit: number,
    sampler: AddonSampler,
    probabilities: false,
    confidence: false,
    logits: LogitFilter,
    totalLogitWeight: boolean,
  ): Promise<readonly [number, undefined, undefined, FlatLogits | undefined, number | undefined]>
  disposeSequence(slot: number): void
  removeTokenCellsFromSequence(slot: number, from: number, to: number): boolean
  getSequenceKvCacheMaxPosition(slot: number): number
  /** The bytes of the whole slice are copied at the start of the next decode. */
  copySequenceStateFromOtherSequence(target: number, source: number): Promise<number>
  getThreads(): number
  setThreads(threads: number): void
}

/** The context inside a `LlamaEmbeddingContext`. */
export interface AddonEmbeddingContext extends AddonContext {
  /** Of what was decoded last, pooled, not normalised. */
  getEmbedding(tokens: number): Float64Array
}

/** Bits of `getTokenAttributes` (llama.h, `enum llama_token_attr`). */
export const TOKEN_ATTRIBUTE = { unknown: 1, control: 8, userDefined: 16 } as const

const MODEL_METHODS = [
  'tokenize',
  'detokenize',
  'getTokenString',
  'getTokenAttributes',
  'isEogToken',
  'shouldPrependBosToken',
  'tokenBos',
  'tokenEos',
  'eotToken',
  'prefixToken',
  'suffixToken',
  'middleToken',
] as const satisfies readonly (keyof AddonModel)[]

const CONTEXT_METHODS = [
  'initBatch',
  'addToBatch',
  'decodeBatch',
  'sampleToken',
  'disposeSequence',
  'removeTokenCellsFromSequence',
  'getSequenceKvCacheMaxPosition',
  'copySequenceStateFromOtherSequence',
  'getThreads',
  'setThreads',
] as const satisfies readonly (keyof AddonContext)[]

function hasMethods(value: unknown, names: readonly string[]): value is object {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}

const isAddonModel = (value: unknown): value is AddonModel => hasMethods(value, MODEL_METHODS)
const isAddonContext = (value: unknown): value is AddonContext => hasMethods(value, CONTEXT_METHODS)
const isSamplerClass = (value: unknown): value is AddonSamplerClass =>
  typeof value === 'function' &&
  hasMethods(Reflect.get(value, 'prototype'), ['applyConfig', 'dispose'])

const isGrammars = (value: object): value is AddonGrammars =>
  ['AddonGrammar', 'AddonGrammarEvaluationState'].every(
    (name) => typeof Reflect.get(value, name) === 'function',
  )

function takeInternal<T>(owner: object, key: string, isIt: (value: unknown) => value is T): T {
  const value: unknown = Reflect.get(owner, key)
  if (isIt(value)) return value
  throw new Fault('ENGINE_SELF_TEST', `node-llama-cpp has changed: ${key} is not what it was`)
}

/** @throws Fault `ENGINE_SELF_TEST`, as the next two, when the installed version has another shape. */
export function addonModelOf(model: object): AddonModel {
  return takeInternal(model, '_model', isAddonModel)
}

/**
 * Loads a LoRA adapter into a model, once for each path; a context that names the path applies it.
 *
 * @throws What llama.cpp says, as an Error.
 */
export async function loadAdapterInto(model: object, path: string): Promise<void> {
  const load: unknown = Reflect.get(model, '_getOrLoadLora')
  if (typeof load !== 'function') {
    throw new Fault('ENGINE_SELF_TEST', 'node-llama-cpp has changed: _getOrLoadLora is missing')
  }
  await Reflect.apply(load, model, [path])
}

export function addonContextOf(context: object): AddonContext {
  return takeInternal(context, '_ctx', isAddonContext)
}

export function embeddingContextOf(context: object): AddonEmbeddingContext {
  const inner = takeInternal(context, '_llamaContext', (value): value is object =>
    hasMethods(value, []),
  )
  return takeInternal(
    inner,
    '_ctx',
    (value): value is AddonEmbeddingContext =>
      isAddonContext(value) && hasMethods(value, ['getEmbedding']),
  )
}

export function samplerClassOf(bindings: object): AddonSamplerClass {
  return takeInternal(bindings, 'AddonSampler', isSamplerClass)
}

export function grammarsOf(bindings: object): AddonGrammars {
  if (isGrammars(bindings)) return bindings
  throw new Fault('ENGINE_SELF_TEST', 'node-llama-cpp has changed: AddonGrammar is missing')
}
