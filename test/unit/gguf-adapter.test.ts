import { describe, expect, test } from 'vitest'
import { checkFits, readAdapter, recogniseAdapter } from '../../src/gguf/adapter.ts'
import { bytesSource, readModelHeader } from '../../src/gguf/model-header.ts'
import type { Entry } from '../fixtures/gguf-bytes.ts'
import { half, lora, loraBytes, TINY_TARGETS, type LoraOptions } from '../fixtures/lora-gguf.ts'
import { EMBEDDING, fileWith, i32s, string, u32 } from '../fixtures/small-gguf.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'

const read = (bytes: Uint8Array) => readAdapter(bytesSource(bytes))
const base = readModelHeader(bytesSource(tinyModelBytes()))
const zeros = (name: string, dimensions: readonly number[]) =>
  half(
    name,
    dimensions,
    new Float32Array(dimensions.reduce((count, dimension) => count * dimension, 1)),
  )
const pairOf = (tensor: string, a: readonly number[], b: readonly number[]) => [
  zeros(`${tensor}.lora_a`, a),
  zeros(`${tensor}.lora_b`, b),
]

describe('a sound adapter', () => {
  test.each(['f32', 'f16'] as const)('in %s: its pairs, and it fits its base', (type) => {
    const adapter = read(loraBytes({ type }))
    expect(adapter.architecture).toBe('llama')
    expect(adapter.pairs.map(({ tensor }) => tensor)).toEqual(
      TINY_TARGETS.map(({ tensor }) => tensor),
    )
    expect(() => {
      checkFits(adapter, base)
    }).not.toThrow()
  })

  test('a pair of the embedding, whose halves stand the other way round', () => {
    const rows = base.vocabularyTokens
    const tensors = pairOf('token_embd.weight', [2, rows], [2, 64])
    expect(() => {
      checkFits(read(loraBytes({ targets: [], tensors })), base)
    }).not.toThrow()
  })

  test('is recognised by its start, and a model is not', () => {
    expect(recogniseAdapter(loraBytes().subarray(0, 1024))).toBe('llama')
    expect(recogniseAdapter(loraBytes({ architecture: 'gemma3' }))).toBe('gemma3')
    for (const other of [tinyModelBytes(), tinyModelBytes().subarray(0, 4096), Buffer.from('x')]) {
      expect(recogniseAdapter(other)).toBeNull()
    }
  })
})

const withEntry = (...entries: Entry[]): Buffer => loraBytes({ entries })
const broken = (
  change: (bytes: Buffer, made: ReturnType<typeof lora>) => void,
  of?: LoraOptions,
) => {
  const made = lora(of)
  change(made.bytes, made)
  return made.bytes
}

const blockHalf = (letter: string) => ({
  ...{ name: `x.weight.lora_${letter}`, dimensions: [32, 4], type: 8 },
  data: Buffer.alloc(4 * 34),
})

describe('a file that is refused', () => {
  test.each<[string, Buffer, RegExp]>([
    ['a model', tinyModelBytes(), /general\.type is not adapter/],
    ['another type of adapter', withEntry(string('adapter.type', 'ia3')), /not lora/],
    ['a type that is no text', withEntry(u32('adapter.type', 1)), /not a string/],
    ['no architecture', withEntry(string('general.architecture', '')), /not a name/],
    ['an alpha of another type', withEntry(u32('adapter.lora.alpha', 4)), /finite f32/],
    ['an alpha that is NaN', loraBytes({ alpha: NaN }), /finite f32/],
    ['an alpha without end', loraBytes({ alpha: Infinity }), /finite f32/],
    ['words that switch it on', withEntry(i32s('adapter.alora.invocation_tokens', [1])), /switch/],
    ['no pair', loraBytes({ targets: [] }), /0 tensors/],
    ['half a pair', loraBytes({ tensors: [zeros('x.weight.lora_a', [4, 4])] }), /no other half/],
    ['a norm', loraBytes({ tensors: [zeros('blk.0.attn_norm.weight', [64])] }), /no half/],
    ['a tensor of a model', loraBytes({ tensors: [EMBEDDING] }), /no half of a pair/],
    ['cut in its header', loraBytes().subarray(0, 200), /./],
    ['cut in its numbers', loraBytes().subarray(0, -64), /the file has/],
    ['a block type', loraBytes({ tensors: [blockHalf('a'), blockHalf('b')] }), /neither f32/],
  ])('%s', (_, bytes, says) => {
    expect(() => read(bytes)).toThrow(
      expect.objectContaining({
        code: 'ADAPTER_INVALID',
        message: expect.stringMatching(says) as string,
        remedy: expect.stringContaining('convert_lora_to_gguf.py') as string,
      }),
    )
  })

  test.each(['f32', 'f16'] as const)('a number in %s that is none, in any place', (type) => {
    const bytesEach = type === 'f32' ? 4 : 2
    const { layout } = lora({ type })
    for (const none of [NaN, Infinity, -Infinity]) {
      for (const { offset, bytes: length } of layout.tensors) {
        for (const at of [0, length / bytesEach / 2, length / bytesEach - 1]) {
          const bytes = broken(
            (all) => {
              const number = half('x', [1], [none], type).data
              all.set(number, offset + Math.floor(at) * bytesEach)
            },
            { type },
          )
          expect(() => read(bytes)).toThrow(/not finite/)
        }
      }
    }
  })

  test('a number that is none beyond the first four megabytes', () => {
    const targets = [{ tensor: 'wide.weight', columns: 8, rows: 1_200_000 }]
    const bytes = broken((all) => all.writeFloatLE(NaN, all.length - 4), { targets, rank: 1 })
    expect(() => read(bytes)).toThrow(/wide\.weight\.lora_b has a number/)
  })
})

describe('an adapter for another base', () => {
  const q = 'blk.0.attn_q.weight'
  test.each<[string, LoraOptions, RegExp]>([
    ['another architecture', { architecture: 'gemma3' }, /for gemma3 models, its base is a llama/],
    [
      'a layer more',
      { tensors: pairOf('blk.2.attn_q.weight', [64, 4], [4, 64]) },
      /no tensor blk\.2/,
    ],
    ['wider', { targets: [{ tensor: q, columns: 96, rows: 64 }] }, /64 × 64, the pair 96 × 4/],
    ['longer', { targets: [{ tensor: q, columns: 64, rows: 96 }] }, /the pair 64 × 4 and 4 × 96/],
    ['two ranks', { targets: [], tensors: pairOf(q, [64, 4], [8, 64]) }, /64 × 4 and 8 × 64/],
    ['turned round', { targets: [], tensors: pairOf(q, [4, 64], [64, 4]) }, /4 × 64 and 64 × 4/],
    [
      'a third dimension',
      { targets: [], tensors: pairOf(q, [64, 4, 2], [4, 64, 2]) },
      /64 × 4 × 2/,
    ],
    ['a vector', { tensors: pairOf('output_norm.weight', [64, 4], [4, 1]) }, /no matrix/],
    [
      'an embedding as llama.cpp would take it and then abort',
      { targets: [], tensors: pairOf('token_embd.weight', [3, base.vocabularyTokens], [2, 64]) },
      /token_embd/,
    ],
  ])('%s', (_, options, says) => {
    expect(() => {
      checkFits(read(loraBytes(options)), base)
    }).toThrow(
      expect.objectContaining({
        code: 'ADAPTER_MISFIT',
        message: expect.stringMatching(says) as string,
      }),
    )
  })

  test('a pair of an embedding that is the output too', () => {
    const tied = readModelHeader(bytesSource(fileWith([])))
    const tensors = pairOf('token_embd.weight', [2, 2], [2, 32])
    expect(() => {
      checkFits(read(loraBytes({ targets: [], tensors })), tied)
    }).toThrow(/its output too/)
  })
})
