/** Encoders: what our reader takes of them, what it refuses, and what a model needs. */
import { describe, expect, test } from 'vitest'
import { bytesSource, readModelHeader } from '../../src/gguf/model-header.ts'
import { memoryNeed } from '../../src/engine/memory-need.ts'
import { unitVector } from '../../src/engine/llama-embedding.ts'
import { Fault } from '../../src/errors.ts'
import { TINY_BERT, tinyBert, tinyBertBytes } from '../fixtures/tiny-bert.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'

const read = (bytes: Uint8Array) => readModelHeader(bytesSource(bytes))

/** The file with one number of its metadata changed. */
function withU32(key: string, value: number): Buffer {
  const { bytes, layout } = tinyBert()
  bytes.writeUInt32LE(value, layout.values.find(({ name }) => name === key)!.offset)
  return bytes
}

describe('an encoder', () => {
  test('is a model for embeddings without a cache', () => {
    expect(read(tinyBertBytes())).toMatchObject({
      ...{ kind: 'embedding', architecture: 'bert', cacheBytesPerToken: 0 },
      ...{ embeddingWidth: TINY_BERT.dimensions, trainedTokens: TINY_BERT.contextTokens },
    })
    expect(read(tinyModelBytes()).kind).toBe('chat')
  })

  test.each([
    ['bert.context_length', 1024, 'position_embd.weight'],
    ['bert.embedding_length', 64, 'token_embd.weight'],
    ['tokenizer.ggml.token_type_count', 3, 'token_types.weight'],
    ['tokenizer.ggml.token_type_count', 0, 'token_type_count'],
    ['bert.attention.head_count', 0, 'head_count'],
    ['bert.attention.head_count', 5, 'heads'],
    ['bert.pooling_type', 0, 'pooling_type'],
    ['bert.pooling_type', 4, 'pooling_type'],
    ['bert.pooling_type', 9, 'pooling_type'],
    ['tokenizer.ggml.seperator_token_id', 100_000, 'seperator_token_id'],
    ['tokenizer.ggml.mask_token_id', 0xffff_ffff, 'mask_token_id'],
  ])('%s of %i is refused', (key, value, says) => {
    expect(() => read(withU32(key, value))).toThrow(says)
  })

  test('a decoder that does not look back only, and an encoder that does, are refused', () => {
    const { bytes, layout } = tinyBert()
    bytes[layout.values.find(({ name }) => name === 'bert.attention.causal')!.offset] = 1
    expect(() => read(bytes)).toThrow('bert.attention.causal is not false')
  })

  test('every byte of its header flipped: read or refused, never thrown at', () => {
    const { bytes, layout } = tinyBert()
    let refused = 0
    for (let at = 0; at < layout.dataOffset; at += 7) {
      const broken = Buffer.from(bytes)
      broken[at]! ^= 1 << (at % 8)
      try {
        read(broken)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Fault)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})

describe('memory', () => {
  const limits = { contextTokens: 4096, slots: 8, batchTokens: 512 }
  const smol = {
    ...({ kind: 'chat', cacheBytesPerToken: 23_040, embeddingWidth: 576 } as const),
    ...{ vocabularyTokens: 49_152, trainedTokens: 8192 },
  }

  test('counts weights, the cache of all slots, and a batch', () => {
    const files = { weightBytes: 98_362_432, adapterBytes: 0 }
    const none = { weightBytes: 0, adapterBytes: 0 }
    const need = memoryNeed(files, smol, limits)
    // 98 MB of weights, 849 MB of cache, 129 MB of a batch, 210 MB of the process.
    expect(need).toBeGreaterThan(1_255_000_000)
    expect(need).toBeLessThan(1_325_000_000)
    const half = memoryNeed(files, smol, { ...limits, contextTokens: 2048 })
    expect(need - half).toBe(23_040 * 2048 * 9)
    expect(memoryNeed(none, { ...smol, trainedTokens: 2048 }, limits)).toBe(
      memoryNeed(none, smol, { ...limits, contextTokens: 2048 }),
    )
  })
})

test.each([
  ['no direction', [0, 0]],
  ['no number', [1, Number.NaN]],
  ['another length', [1]],
])('a vector of %s is a bug', (_what, numbers) => {
  expect(() => unitVector(Float64Array.from(numbers), 2)).toThrow(RangeError)
})
