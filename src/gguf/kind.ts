/**
 * What a model is for, and the rules of those that make embeddings.
 *
 * An encoder has no cache and reads an input at once, so what llama.cpp looks up for it by position
 * or by token type must be there for every position it will be asked for.
 *
 * @packageDocumentation
 */
import { invalid } from './byte-source.ts'
import type { Metadata } from './metadata.ts'
import { countOf, ENCODERS, requiredCount, requiredString, type Shape } from './rules.ts'
import type { TensorInfo } from './tensors.ts'

export type ModelKind = 'chat' | 'embedding'

type Tensors = ReadonlyMap<string, TensorInfo>

/** llama.cpp's `llama_pooling_type`; 0 is none, 4 is a reranker's. */
const POOLING = { mean: 1, last: 3 } as const

/** @throws Fault `ENGINE_MODEL_INVALID` for what neither writes text nor makes one vector of an input. */
export function kindOf(metadata: Metadata, architecture: string): ModelKind {
  const pooling = countOf(metadata, `${architecture}.pooling_type`, { min: 0, max: 4 }) ?? 0
  const isEncoder = ENCODERS.includes(architecture)
  if (pooling === 0 && !isEncoder) return 'chat'
  if (pooling >= POOLING.mean && pooling <= POOLING.last) return 'embedding'
  throw invalid(`${architecture}.pooling_type is ${pooling}: it makes no single vector of an input`)
}

/** @throws Fault `ENGINE_MODEL_INVALID` */
export function checkEncoder(metadata: Metadata, shape: Shape, tensors: Tensors): void {
  const { architecture, embeddingWidth, trainedTokens } = shape
  if (!ENCODERS.includes(architecture)) return
  const types = requiredCount(metadata, 'tokenizer.ggml.token_type_count', { min: 1, max: 1024 })
  expectTensor(tensors, 'token_types.weight', [embeddingWidth, types])
  expectTensor(tensors, 'position_embd.weight', [embeddingWidth, trainedTokens])
  requiredCount(metadata, `${architecture}.attention.head_count`, { min: 1, max: 4096 })
  requiredCount(metadata, `${architecture}.feed_forward_length`, { min: 1, max: 2 ** 24 })
  checkSpecialIds(metadata, shape.vocabularyTokens)
}

function expectTensor(tensors: Tensors, name: string, expected: readonly number[]): void {
  const dimensions = tensors.get(name)?.dimensions ?? []
  if (dimensions.join() === expected.join()) return
  throw invalid(
    `${name} is ${dimensions.join(' × ') || 'missing'}, expected ${expected.join(' × ')}`,
  )
}

/** What llama.cpp takes for a WordPiece vocabulary that does not say (llama-vocab.cpp). */
const DEFAULT_IDS = { bos: 101, unknown: 100, seperator: 102, padding: 0, mask: 103 } as const

/** Each is looked up without a further check. `seperator` is how the format spells it. */
function checkSpecialIds(metadata: Metadata, tokens: number): void {
  const isWordPiece = requiredString(metadata, 'tokenizer.ggml.model') === 'bert'
  for (const [name, id] of Object.entries(DEFAULT_IDS)) {
    const key = `tokenizer.ggml.${name}_token_id`
    const found = countOf(metadata, key, { min: 0, max: tokens - 1 })
    if (found === null && isWordPiece && id >= tokens) {
      throw invalid(`${key} is missing, and its default ${id} is not one of ${tokens} tokens`)
    }
  }
}
