/**
 * A model that loads, has somebody's whole vocabulary and knows nothing: a tokenizer's metadata, and
 * zeros for weights.
 *
 * What it gives: the metadata of a GGUF file's header, such as llama.cpp's
 * `models/ggml-vocab-*.gguf`; `tokenizer-files.ts` has other sources. It trusts its input; for files
 * of strangers there is `src/gguf`.
 *
 * @packageDocumentation
 */
import { readFileSync, writeFileSync } from 'node:fs'
import {
  ggufBytes,
  TENSOR_TYPE,
  VALUE_TYPE,
  type Entry,
  type Tensor,
} from '../../test/fixtures/gguf-bytes.ts'

const WIDTH = 64
const HEADS = 2
const SCALAR_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]

class Reader {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  u32(): number {
    this.#at += 4
    return this.#bytes.readUInt32LE(this.#at - 4)
  }
  u64(): number {
    this.#at += 8
    return Number(this.#bytes.readBigUInt64LE(this.#at - 8))
  }
  text(): string {
    const length = this.u64()
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }
  scalar(type: number): number {
    const at = this.#at
    this.#at += SCALAR_BYTES[type] ?? 0
    if (type === VALUE_TYPE.f32) return this.#bytes.readFloatLE(at)
    if (type === VALUE_TYPE.i32) return this.#bytes.readInt32LE(at)
    if (type === VALUE_TYPE.u32) return this.#bytes.readUInt32LE(at)
    return this.#bytes.readUInt8(at)
  }
}

/** Of the types that tokenizers use; null for others. */
function entryOf(reader: Reader): Entry | null {
  const key = reader.text()
  const type = reader.u32()
  if (type === VALUE_TYPE.string) return { key, type: 'string', value: reader.text() }
  if (type === VALUE_TYPE.array) return arrayOf(reader, key)
  const value = reader.scalar(type)
  if (type === VALUE_TYPE.bool) return { key, type: 'bool', value: value !== 0 }
  if (type === VALUE_TYPE.u32) return { key, type: 'u32', value }
  return type === VALUE_TYPE.f32 ? { key, type: 'f32', value } : null
}

function arrayOf(reader: Reader, key: string): Entry | null {
  const type = reader.u32()
  const length = reader.u64()
  if (type === VALUE_TYPE.string) {
    return { key, type: 'strings', value: Array.from({ length }, () => reader.text()) }
  }
  const value = Array.from({ length }, () => reader.scalar(type))
  if (type === VALUE_TYPE.i32) return { key, type: 'i32s', value }
  return type === VALUE_TYPE.f32 ? { key, type: 'f32s', value } : null
}

/** The tokenizer in a GGUF file, or in as much of one as holds its header. */
export function ggufTokenizer(path: string): Entry[] {
  const reader = new Reader(readFileSync(path))
  reader.u64() // magic and version
  reader.u64() // tensors
  const entries = Array.from({ length: reader.u64() }, () => entryOf(reader))
  return entries
    .filter((entry) => entry !== null)
    .filter(({ key }) => key.startsWith('tokenizer.') && key !== 'tokenizer.chat_template')
}

function zeros(name: string, dimensions: readonly number[]): Tensor {
  const isNorm = dimensions.length === 1
  const count = dimensions.reduce((product, size) => product * size, 1)
  const data = new Uint8Array(count * (isNorm ? 4 : 2))
  return { name, dimensions, type: isNorm ? TENSOR_TYPE.f32 : TENSOR_TYPE.f16, data }
}

function zeroTensors(rows: number): Tensor[] {
  const square = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down']
  return [
    zeros('token_embd.weight', [WIDTH, rows]),
    zeros('output_norm.weight', [WIDTH]),
    ...['attn_norm', 'ffn_norm'].map((name) => zeros(`blk.0.${name}.weight`, [WIDTH])),
    ...square.map((name) => zeros(`blk.0.${name}.weight`, [WIDTH, WIDTH])),
  ]
}

/** Writes a model with such a tokenizer to `target`. */
export function writeVocabularyModel(tokenizer: readonly Entry[], target: string): void {
  const tokens = tokenizer.find(({ key }) => key === 'tokenizer.ggml.tokens')
  const rows = tokens?.type === 'strings' ? tokens.value.length : 0
  const u32 = (key: string, value: number): Entry => ({ key, type: 'u32', value })
  const entries: Entry[] = [
    { key: 'general.architecture', type: 'string', value: 'llama' },
    u32('general.file_type', 1),
    u32('llama.block_count', 1),
    u32('llama.context_length', 4096),
    u32('llama.embedding_length', WIDTH),
    u32('llama.feed_forward_length', WIDTH),
    u32('llama.attention.head_count', HEADS),
    u32('llama.rope.dimension_count', WIDTH / HEADS),
    u32('llama.vocab_size', rows),
    { key: 'llama.attention.layer_norm_rms_epsilon', type: 'f32', value: 1e-5 },
    ...tokenizer,
  ]
  writeFileSync(target, ggufBytes(entries, zeroTensors(rows)).bytes)
}
