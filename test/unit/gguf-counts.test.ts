import { describe, expect, test } from 'vitest'
import { bytesSource, readModelHeader } from '../../src/gguf/model-header.ts'
import { fileWith } from '../fixtures/small-gguf.ts'
import { tinyModel } from '../fixtures/tiny-gguf.ts'

const read = (bytes: Uint8Array) => readModelHeader(bytesSource(bytes))

describe('counts that would keep a reader busy', () => {
  test.each<[string, (bytes: Buffer) => void, RegExp]>([
    ['tensors', (bytes) => bytes.writeBigUInt64LE(2n ** 40n, 8), /1099511627776 tensors/],
    ['tensors above 2^53', (bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 8), /2\^53/],
    ['keys', (bytes) => bytes.writeBigUInt64LE(2n ** 40n, 16), /1099511627776 metadata keys/],
    ['a string', (bytes) => bytes.writeBigUInt64LE(2n ** 31n, 24), /at most 256/],
    ['another file', (bytes) => bytes.write('GGML'), /begin with GGUF/],
    ['version 1', (bytes) => bytes.writeUInt32LE(1, 4), /version 1/],
    ['the other byte order', (bytes) => bytes.writeUInt32BE(3, 4), /version 50331648/],
  ])('%s', (_, spoil, message) => {
    const bytes = fileWith([])
    spoil(bytes)
    expect(() => read(bytes)).toThrow(message)
  })

  test('an array longer than the file, and one longer than the bound', () => {
    const { bytes, layout } = tinyModel()
    const types = layout.values.find(({ name }) => name === 'tokenizer.ggml.token_type')!
    for (const [count, message] of [
      [100_000n, /needs 400000 bytes/],
      [2n ** 50n, /1125899906842624 elements/],
    ] as const) {
      const copy = Buffer.from(bytes)
      copy.writeBigUInt64LE(count, types.offset + 4)
      expect(() => read(copy)).toThrow(message)
    }
  })

  test('an array of arrays', () => {
    const { bytes, layout } = tinyModel()
    const types = layout.values.find(({ name }) => name === 'tokenizer.ggml.merges')!
    bytes.writeUInt32LE(9, types.offset)
    expect(() => read(bytes)).toThrow(/array of arrays/)
  })

  test('every length of file up to the weights is a fault and nothing else', () => {
    const bytes = fileWith([])
    for (let length = 0; length < bytes.length - 1; length++) {
      expect(() => read(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'ENGINE_MODEL_INVALID' }),
      )
    }
  })
})
