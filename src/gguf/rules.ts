/**
 * Rules on a model's numbers, so that a bad file is a fault here and not an abort in llama.cpp.
 *
 * Each rule stands for an assertion of llama.cpp (llama-model.cpp `load_hparams`, ggml), or for a
 * number nobody could compute with. They do not make a hostile file harmless: the trial load in
 * the sandbox comes after.
 *
 * @packageDocumentation
 */
import { invalid } from './byte-source.ts'
import type { Metadata } from './metadata.ts'
import type { TensorInfo } from './tensors.ts'

/** LLAMA_MAX_LAYERS, LLAMA_MAX_EXPERTS */
const MAX_LAYERS = 512
const MAX_EXPERTS = 1024
const MAX_WIDTH = 2 ** 24
/** Architectures that read and do not write: MiniLM, BGE, E5 and their relatives. */
export const ENCODERS: readonly string[] = ['bert']
/** The self-test and the template need some room. */
const CONTEXT = { min: 64, max: 2 ** 28 }

export function stringOf(metadata: Metadata, key: string): string | null {
  const value = metadata.get(key)
  if (value === undefined) return null
  if (value.type !== 'string') throw invalid(`${key} is of type ${value.type}, not a string`)
  return value.value
}

export function requiredString(metadata: Metadata, key: string): string {
  const value = stringOf(metadata, key)
  if (value === null) throw invalid(`${key} is missing`)
  return value
}

/** A u32 between the bounds, or null when it is not there. */
export function countOf(
  metadata: Metadata,
  key: string,
  bounds: { min: number; max: number },
): number | null {
  const value = metadata.get(key)
  if (value === undefined) return null
  if (value.type !== 'u32') throw invalid(`${key} is of type ${value.type}, not u32`)
  checkBetween(key, value.value, bounds)
  return value.value
}

export function requiredCount(
  metadata: Metadata,
  key: string,
  bounds: { min: number; max: number },
): number {
  const value = countOf(metadata, key, bounds)
  if (value === null) throw invalid(`${key} is missing`)
  return value
}

function checkBetween(key: string, value: number, bounds: { min: number; max: number }): void {
  if (value < bounds.min || value > bounds.max) {
    throw invalid(`${key} is ${value}, ${bounds.min} to ${bounds.max} may be`)
  }
}

/** One number for all layers, or one for each. */
function perLayer(metadata: Metadata, key: string, layers: number): readonly number[] {
  const value = metadata.get(key)
  if (value === undefined) return []
  if (value.type !== 'array') return [countOf(metadata, key, { min: 0, max: MAX_WIDTH }) ?? 0]
  if (!['u32', 'i32', 'bool'].includes(value.of) || value.count !== layers) {
    throw invalid(`${key} has ${value.count} of type ${value.of} for ${layers} layers`)
  }
  const numbers = value.numbers ?? []
  for (const number of numbers) checkBetween(key, number, { min: 0, max: MAX_WIDTH })
  return numbers
}

function checkHeads(metadata: Metadata, arch: string, layers: number, width: number): void {
  const heads = perLayer(metadata, `${arch}.attention.head_count`, layers)
  const kvHeads = perLayer(metadata, `${arch}.attention.head_count_kv`, layers)
  const hasOwnLength = metadata.has(`${arch}.attention.key_length`)
  const at = (values: readonly number[], layer: number) => values[layer] ?? values[0] ?? 0
  for (let layer = 0; layer < Math.max(heads.length, kvHeads.length); layer++) {
    const [head, kv] = [at(heads, layer), at(kvHeads, layer)]
    if (head > 0 && !hasOwnLength && width % head !== 0) {
      throw invalid(`an embedding of ${width} does not divide into ${head} heads`)
    }
    if (kv > 0 && head % kv !== 0) throw invalid(`${head} heads do not divide by ${kv} kv heads`)
    if (kv === 0 && head > 0 && kvHeads.length === 1) throw invalid(`0 kv heads for ${head} heads`)
  }
}

function checkExperts(metadata: Metadata, arch: string, layers: number): void {
  const bounds = { min: 0, max: MAX_EXPERTS }
  const experts = countOf(metadata, `${arch}.expert_count`, bounds) ?? 0
  const used = Math.max(0, ...perLayer(metadata, `${arch}.expert_used_count`, layers))
  const groups = countOf(metadata, `${arch}.expert_group_count`, bounds) ?? 0
  const groupsUsed = countOf(metadata, `${arch}.expert_group_used_count`, bounds) ?? 0
  const isSound =
    experts === 0
      ? used === 0 && groups === 0
      : used > 0 &&
        used <= experts &&
        groups < experts &&
        (groups <= 1 || (experts % groups === 0 && groupsUsed > 0 && groupsUsed < groups))
  if (!isSound) {
    throw invalid(`${used} of ${experts} experts used, ${groupsUsed} of ${groups} groups`)
  }
}

const ROPE_SCALINGS = ['none', 'linear', 'yarn', 'longrope']

function checkRope(metadata: Metadata, arch: string): void {
  const scaling = stringOf(metadata, `${arch}.rope.scaling.type`)
  if (scaling !== null && !ROPE_SCALINGS.includes(scaling)) {
    throw invalid(`${arch}.rope.scaling.type is not one of ${ROPE_SCALINGS.join(', ')}`)
  }
  const rotated = countOf(metadata, `${arch}.rope.dimension_count`, { min: 0, max: MAX_WIDTH }) ?? 0
  if (rotated % 2 !== 0) throw invalid(`${arch}.rope.dimension_count is ${rotated}, not even`)
}

/** Every floating number of the architecture is finite, epsilons are not negative, bases above 0. */
function checkFloats(metadata: Metadata, arch: string): void {
  for (const [key, value] of metadata) {
    if (!key.startsWith(`${arch}.`)) continue
    if (value.type !== 'f32' && value.type !== 'f64') {
      if (value.type === 'array' && value.numbers?.some((n) => !Number.isFinite(n)) === true) {
        throw invalid(`${key} has a number that is not finite`)
      }
      continue
    }
    const isSound =
      Number.isFinite(value.value) &&
      !(key.endsWith('epsilon') && (value.value < 0 || value.value > 1)) &&
      !(key.endsWith('freq_base') && value.value <= 0)
    if (!isSound) throw invalid(`${key} is ${value.value}`)
  }
}

/** Of the two ways to attend, text is written in one and read by encoders in the other. */
function checkAttention(metadata: Metadata, arch: string): void {
  const causal = metadata.get(`${arch}.attention.causal`)
  const expected = !ENCODERS.includes(arch)
  const found = causal === undefined ? true : causal.type === 'bool' ? causal.value : null
  if (found !== expected) {
    throw invalid(`${arch}.attention.causal is not ${expected}; no such model is served`)
  }
  for (const name of ['key_length', 'value_length']) {
    countOf(metadata, `${arch}.attention.${name}`, { min: 1, max: 65_536 })
  }
  countOf(metadata, `${arch}.pooling_type`, { min: 0, max: 4 })
}

/** `general.alignment`, or 32. */
export function alignmentOf(metadata: Metadata): number {
  const alignment = countOf(metadata, 'general.alignment', { min: 8, max: 1_048_576 }) ?? 32
  if (!Number.isInteger(Math.log2(alignment))) {
    throw invalid(`general.alignment is ${alignment}, not a power of two`)
  }
  return alignment
}

function checkSplit(metadata: Metadata): void {
  const split = metadata.get('split.count')
  if (split === undefined) return
  if (split.type !== 'u16' || split.value > 1) {
    throw invalid('split.count says that it is one part of several; join the parts first')
  }
}

/** The vocabulary's arrays have one element for each token. Gives the number of tokens. */
function vocabularyTokens(metadata: Metadata): number {
  const model = requiredString(metadata, 'tokenizer.ggml.model')
  const tokens = metadata.get('tokenizer.ggml.tokens')
  if (tokens?.type !== 'array' || tokens.of !== 'string') {
    throw invalid(`tokenizer.ggml.tokens is not an array of strings (tokenizer ${model})`)
  }
  for (const [name, of] of [
    ['token_type', ['i32']],
    ['scores', ['f32', 'i32']],
  ] as const) {
    const array = metadata.get(`tokenizer.ggml.${name}`)
    if (array === undefined) continue
    const isSound =
      array.type === 'array' && of.some((type) => type === array.of) && array.count === tokens.count
    if (!isSound) throw invalid(`tokenizer.ggml.${name} does not fit ${tokens.count} tokens`)
  }
  const merges = metadata.get('tokenizer.ggml.merges')
  if (merges !== undefined && (merges.type !== 'array' || merges.of !== 'string')) {
    throw invalid('tokenizer.ggml.merges is not an array of strings')
  }
  return tokens.count
}

export interface Shape {
  readonly architecture: string
  readonly layers: number
  readonly trainedTokens: number
  readonly embeddingWidth: number
  readonly vocabularyTokens: number
  /** What the key/value cache takes for each token of a slot; 0 without one. At most: windows take less. */
  readonly cacheBytesPerToken: number
}

/** 16-bit floats, as the context is made. */
const CACHE_NUMBER_BYTES = 2

function cacheBytesPerToken(
  metadata: Metadata,
  arch: string,
  shape: Omit<Shape, 'cacheBytesPerToken'>,
): number {
  if (ENCODERS.includes(arch)) return 0
  const heads = perLayer(metadata, `${arch}.attention.head_count`, shape.layers)
  const kvHeads = perLayer(metadata, `${arch}.attention.head_count_kv`, shape.layers)
  const length = (name: string, perHead: number) =>
    countOf(metadata, `${arch}.attention.${name}`, { min: 1, max: 65_536 }) ?? perHead
  let numbers = 0
  for (let layer = 0; layer < shape.layers; layer++) {
    const head = heads[layer] ?? heads[0] ?? 0
    const kv = kvHeads[layer] ?? kvHeads[0] ?? head
    const perHead = head > 0 ? shape.embeddingWidth / head : 0
    numbers += kv * (length('key_length', perHead) + length('value_length', perHead))
  }
  return numbers * CACHE_NUMBER_BYTES
}

/** A name that may stand in a key, a manifest and a message. */
export function architectureOf(metadata: Metadata): string {
  const architecture = requiredString(metadata, 'general.architecture')
  if (/^[a-z0-9][a-z0-9_.-]{0,63}$/.test(architecture)) return architecture
  throw invalid('general.architecture is not a name')
}

/** @throws Fault `ENGINE_MODEL_INVALID` that names the key and the number. */
export function checkShape(metadata: Metadata): Shape {
  const architecture = architectureOf(metadata)
  checkSplit(metadata)
  const count = (name: string, bounds: { min: number; max: number }) =>
    requiredCount(metadata, `${architecture}.${name}`, bounds)
  const layers = count('block_count', { min: 1, max: MAX_LAYERS })
  const embeddingWidth = count('embedding_length', { min: 1, max: MAX_WIDTH })
  const trainedTokens = count('context_length', CONTEXT)
  countOf(metadata, `${architecture}.nextn_predict_layers`, { min: 0, max: layers })
  perLayer(metadata, `${architecture}.feed_forward_length`, layers)
  checkHeads(metadata, architecture, layers, embeddingWidth)
  checkExperts(metadata, architecture, layers)
  checkRope(metadata, architecture)
  checkFloats(metadata, architecture)
  checkAttention(metadata, architecture)
  const shape = {
    ...{ architecture, layers, trainedTokens, embeddingWidth },
    vocabularyTokens: vocabularyTokens(metadata),
  }
  return { ...shape, cacheBytesPerToken: cacheBytesPerToken(metadata, architecture, shape) }
}

type Tensors = ReadonlyMap<string, TensorInfo>

/** Models without attention or feed-forward have 0 there, and none of these tensors. */
const NEEDED_WIDTHS = [
  { tensor: /^blk\.\d+\.attn_(q|k|v|qkv|output)\.weight$/, key: 'attention.head_count' },
  { tensor: /^blk\.\d+\.ffn_(up|gate|down)\.weight$/, key: 'feed_forward_length' },
] as const

/** llama.cpp makes tensors of these widths, and aborts on a width of 0. */
export function checkWidths(metadata: Metadata, shape: Shape, tensors: Tensors): void {
  for (const { tensor, key } of NEEDED_WIDTHS) {
    const name = `${shape.architecture}.${key}`
    if (Math.max(0, ...perLayer(metadata, name, shape.layers)) > 0) continue
    const needing = [...tensors.keys()].find((found) => tensor.test(found))
    if (needing !== undefined) throw invalid(`${name} is 0 or missing, and there is ${needing}`)
  }
}

/** The token embedding is as wide as the model and as long as its vocabulary. */
export function checkEmbedding(shape: Shape, tensors: Tensors): void {
  const dimensions = tensors.get('token_embd.weight')?.dimensions ?? []
  const [width = 0, rows = 0] = dimensions
  if (dimensions.length > 2 || width !== shape.embeddingWidth || rows !== shape.vocabularyTokens) {
    throw invalid(
      `token_embd.weight is ${dimensions.join(' × ')}, expected ` +
        `${shape.embeddingWidth} × ${shape.vocabularyTokens}`,
    )
  }
}
