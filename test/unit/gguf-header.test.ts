import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  bytesSource,
  descriptorSource,
  readModelHeader,
  templateSha256,
} from '../../src/gguf/model-header.ts'
import { ggufBytes, type Tensor } from '../fixtures/gguf-bytes.ts'
import {
  EMBEDDING,
  f32,
  f32s,
  fileWith,
  fileWithout,
  i32,
  i32s,
  SMALLEST,
  string,
  strings,
  u32,
} from '../fixtures/small-gguf.ts'
import { TINY_TEMPLATE, tinyModel, tinyModelBytes, writeTinyModel } from '../fixtures/tiny-gguf.ts'

const read = (bytes: Uint8Array) => readModelHeader(bytesSource(bytes))

describe('a sound file', () => {
  test('gives what the engine needs', () => {
    const header = read(tinyModelBytes())
    expect(header.tensors.size).toBe(21)
    expect(header).toMatchObject({
      version: 3,
      architecture: 'llama',
      name: 'Tiny',
      layers: 2,
      trainedTokens: 8192,
      embeddingWidth: 64,
      chatTemplate: TINY_TEMPLATE,
      fileType: 1,
    })
  })

  test('is read the same from a descriptor', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gguf-'))
    const path = join(folder, 'model')
    writeTinyModel(path, { seed: 7, template: null })
    const bytes = tinyModelBytes({ seed: 7, template: null })
    const descriptor = openSync(path, 'r')
    try {
      const header = readModelHeader(descriptorSource(descriptor, bytes.length))
      expect(header).toEqual(read(bytes))
      expect(header.chatTemplate).toBeNull()
    } finally {
      closeSync(descriptor)
      rmSync(folder, { recursive: true })
    }
  })

  test('says where the weights are', () => {
    const { bytes, layout } = tinyModel()
    const last = layout.tensors.at(-1)!
    expect(read(bytes)).toMatchObject({
      dataOffset: layout.dataOffset,
      dataBytes: last.offset + last.bytes - layout.dataOffset,
    })
  })

  test('may be version 2, and may lack the padding after the last tensor', () => {
    const bytes = fileWith([])
    bytes.writeUInt32LE(2, 4)
    expect(read(bytes).version).toBe(2)
  })

  test('heads may be given for each layer', () => {
    const header = read(
      fileWith([
        u32('llama.block_count', 2),
        i32s('llama.attention.head_count', [4, 8]),
        i32s('llama.attention.head_count_kv', [2, 0]),
        f32s('llama.swiglu_clamp', [1, 2]),
      ]),
    )
    expect(header.layers).toBe(2)
  })

  test.each([1, 2])('an empty token is nothing wrong (%i of them)', (count) => {
    const tokens = ['', ''].slice(0, count).concat(['b', 'c']).slice(0, 2)
    expect(read(fileWith([strings('tokenizer.ggml.tokens', tokens)])).vocabularyTokens).toBe(2)
  })
})

describe('metadata that is refused', () => {
  test.each<[string, Buffer, RegExp]>([
    ['no architecture', fileWithout('general.architecture'), /architecture is missing/],
    ['no layers', fileWithout('llama.block_count'), /block_count is missing/],
    ['no context', fileWithout('llama.context_length'), /context_length is missing/],
    ['no tokens', fileWithout('tokenizer.ggml.tokens'), /tokens is not an array/],
    ['no tokenizer', fileWithout('tokenizer.ggml.model'), /tokenizer.ggml.model is missing/],
    ['0 layers', fileWith([u32('llama.block_count', 0)]), /block_count is 0, 1 to 512/],
    ['a context of 63', fileWith([u32('llama.context_length', 63)]), /is 63, 64 to/],
    ['513 layers', fileWith([u32('llama.block_count', 513)]), /513, 1 to 512/],
    ['layers of a type', fileWith([i32('llama.block_count', 1)]), /type i32, not u32/],
    ['a name of a number', fileWith([u32('general.name', 1)]), /general.name is of type u32/],
    [
      'an architecture with a line',
      fileWith([string('general.architecture', 'a\nb')]),
      /not a name/,
    ],
    ['heads', fileWith([u32('llama.attention.head_count', 5)]), /32 does not divide into 5/],
    ['kv heads', fileWith([u32('llama.attention.head_count_kv', 3)]), /4 heads do not divide by 3/],
    ['0 kv heads', fileWith([u32('llama.attention.head_count_kv', 0)]), /0 kv heads/],
    [
      'heads for other layers',
      fileWith([i32s('llama.attention.head_count', [4, 4])]),
      /2 of type i32 for 1 layers/,
    ],
    ['a negative epsilon', fileWith([f32('llama.attention.layer_norm_rms_epsilon', -1)]), /is -1/],
    ['an epsilon of NaN', fileWith([f32('llama.attention.layer_norm_rms_epsilon', NaN)]), /is NaN/],
    ['an infinite base', fileWith([f32('llama.rope.freq_base', Infinity)]), /is Infinity/],
    ['a base of 0', fileWith([f32('llama.rope.freq_base', 0)]), /freq_base is 0/],
    ['a NaN among numbers', fileWith([f32s('llama.x', [1, NaN])]), /not finite/],
    ['odd rotations', fileWith([u32('llama.rope.dimension_count', 7)]), /7, not even/],
    ['a strange scaling', fileWith([string('llama.rope.scaling.type', 'x')]), /not one of/],
    ['experts without use', fileWith([u32('llama.expert_count', 4)]), /0 of 4 experts/],
    ['use without experts', fileWith([u32('llama.expert_used_count', 4)]), /4 of 0 experts/],
    ['an alignment of 24', fileWith([u32('general.alignment', 24)]), /not a power of two/],
    ['an alignment of 0', fileWith([u32('general.alignment', 0)]), /alignment is 0/],
    ['a part of several', fileWith([u32('split.count', 2)]), /one part of several/],
    [
      'not causal',
      fileWith([{ key: 'llama.attention.causal', type: 'bool', value: false }]),
      /causal/,
    ],
    ['templates in a list', fileWith([strings('tokenizer.chat_template', ['a'])]), /type array/],
    [
      'a long template',
      fileWith([string('tokenizer.chat_template', 'x'.repeat(65_537))]),
      /65537 characters, at most 65536/,
    ],
    [
      'the same token twice',
      fileWith([strings('tokenizer.ggml.tokens', ['a', 'a'])]),
      /token 1 has/,
    ],
    [
      'a token with the name of an empty one',
      fileWith([strings('tokenizer.ggml.tokens', ['[EMPTY_1]', ''])]),
      /token 1 has/,
    ],
    ['no token at all', fileWith([strings('tokenizer.ggml.tokens', [])]), /vocabulary of 0/],
    ['types for fewer', fileWith([i32s('tokenizer.ggml.token_type', [1])]), /does not fit 2/],
    ['a type of 7', fileWith([i32s('tokenizer.ggml.token_type', [1, 7])]), /type of 7/],
    ['a score of NaN', fileWith([f32s('tokenizer.ggml.scores', [1, NaN])]), /not a finite/],
    ['a long key', fileWith([u32('k'.repeat(257), 1)]), /257 bytes, at most 256/],
    ['a key with a space', fileWith([u32('a b', 1)]), /not printable/],
    ['an empty key', fileWith([u32('', 1)]), /empty/],
    ['a key twice', ggufBytes([...SMALLEST, SMALLEST[0]!], [EMBEDDING]).bytes, /comes twice/],
  ])('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message)
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'ENGINE_MODEL_INVALID' }))
  })

  test('text that is not UTF-8', () => {
    const { bytes, layout } = tinyModel()
    const name = layout.values.find((span) => span.name === 'general.name')!
    bytes[name.offset + 8] = 0xff
    expect(() => read(bytes)).toThrow(/general.name is not UTF-8/)
  })
})

describe('tensors that are refused', () => {
  const second = (change: Partial<Tensor>): Tensor => ({
    name: 'x',
    dimensions: [32],
    type: 0,
    data: Buffer.alloc(128),
    ...change,
  })
  const withSecond = (change: Partial<Tensor>) => fileWith([], [EMBEDDING, second(change)])

  test.each<[string, Buffer, RegExp]>([
    ['none', fileWith([], []), /0 tensors/],
    ['an unknown type', withSecond({ type: 4 }), /unknown type 4/],
    ['a type of the future', withSecond({ type: 999 }), /unknown type 999/],
    ['rows that are no blocks', withSecond({ type: 12 }), /not a multiple of 256/],
    ['no dimension', withSecond({ dimensions: [] }), /0 dimensions/],
    ['five dimensions', withSecond({ dimensions: [32, 1, 1, 1, 1] }), /5 dimensions/],
    ['a dimension of 0', withSecond({ dimensions: [32, 0] }), /dimension of 0/],
    ['more than there is', withSecond({ dimensions: [32, 1000] }), /128000 .*bytes|need 128256/],
    ['2^60 elements', withSecond({ dimensions: [2 ** 50, 2 ** 10] }), /2\^53/],
    ['a name twice', withSecond({ name: EMBEDDING.name }), /comes twice/],
    ['an empty name', withSecond({ name: '' }), /empty/],
    ['a long name', withSecond({ name: 'n'.repeat(64) }), /64 bytes, at most 63/],
    [
      'a narrow embedding',
      fileWith([], [{ ...EMBEDDING, dimensions: [16, 4] }]),
      /16 × 4, expected 32 × 2/,
    ],
    ['no embedding', fileWith([], [second({})]), /token_embd.weight/],
  ])('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message)
  })

  test.each([
    ['llama.feed_forward_length', 'blk.0.ffn_up.weight'],
    ['llama.attention.head_count', 'blk.0.attn_q.weight'],
  ])('%s of 0 with a tensor that needs it', (key, name) => {
    const without = fileWith(
      key.endsWith('count')
        ? [u32(key, 0), u32('llama.attention.head_count_kv', 0)]
        : [u32(key, 0)],
    )
    expect(() => read(without)).not.toThrow()
    const bytes = fileWith(
      key.endsWith('count')
        ? [u32(key, 0), u32('llama.attention.head_count_kv', 0)]
        : [u32(key, 0)],
      [EMBEDDING, second({ name })],
    )
    expect(() => read(bytes)).toThrow(/is 0 or missing, and there is blk.0/)
  })

  test('an offset that is another than llama.cpp expects', () => {
    const { bytes, layout } = tinyModel()
    const info = layout.tensorInfos[1]!
    const at = info.offset + info.bytes - 8
    for (const offset of [0n, 32n, bytes.readBigUInt64LE(at) + 32n, 2n ** 63n]) {
      const copy = Buffer.from(bytes)
      copy.writeBigUInt64LE(offset, at)
      expect(() => read(copy)).toThrow(/expected|2\^53/)
    }
  })

  test('one byte of weights missing', () => {
    const bytes = tinyModelBytes()
    const { dataOffset, dataBytes } = read(bytes)
    expect(() => read(bytes.subarray(0, dataOffset + dataBytes))).not.toThrow()
    expect(() => read(bytes.subarray(0, dataOffset + dataBytes - 1))).toThrow(/the file has/)
  })
})

test('the hash of a template is of its UTF-8', () => {
  expect(templateSha256('ä')).toBe(
    '33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc',
  )
})
