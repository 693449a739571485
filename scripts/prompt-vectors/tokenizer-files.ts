/**
 * Tokenizers as their makers publish them, as the metadata that llama.cpp's converter makes of them.
 *
 * What it gives: byte-level BPE of a `tokenizer.json`, and SentencePiece models. What it does not
 * give: other kinds, and checks; the files come from packages whose versions are pinned.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import type { Entry } from '../../test/fixtures/gguf-bytes.ts'

/** As llama.cpp numbers them. */
const KIND = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const

interface TokenizerJson {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>
    readonly merges: readonly (string | readonly [string, string])[]
  }
  readonly added_tokens: readonly { id: number; content: string; special: boolean }[]
}
type Named = string | { readonly content: string } | null
interface TokenizerConfig {
  readonly bos_token?: Named
  readonly eos_token?: Named
  readonly add_bos_token?: boolean
  readonly chat_template: string
}

export interface PublishedTokenizer {
  readonly entries: readonly Entry[]
  /** Jinja. */
  readonly template: string
}

/** @param before - How llama.cpp calls the way a text is cut before it is merged: `qwen2`. */
export function jsonTokenizer(folder: string, before: string): PublishedTokenizer {
  const read = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
  const { model, added_tokens: added } = read('tokenizer.json') as TokenizerJson
  const config = read('tokenizer_config.json') as TokenizerConfig
  const ids = Object.entries(model.vocab)
  const last = [...ids.map(([, id]) => id), ...added.map(({ id }) => id)].reduce((a, b) =>
    Math.max(a, b),
  )
  const length = last + 1
  const tokens = Array.from({ length }, (_, id) => `[PAD${id}]`)
  const kinds = Array.from({ length }, (): number => KIND.unused)
  for (const [token, id] of ids) {
    tokens[id] = token
    kinds[id] = KIND.normal
  }
  for (const { id, content, special } of added) {
    tokens[id] = content
    kinds[id] = special || looksSpecial(content) ? KIND.control : KIND.userDefined
  }
  const merges = model.merges.map((pair) => (typeof pair === 'string' ? pair : pair.join(' ')))
  return {
    entries: [
      { key: 'tokenizer.ggml.model', type: 'string', value: 'gpt2' },
      { key: 'tokenizer.ggml.pre', type: 'string', value: before },
      { key: 'tokenizer.ggml.tokens', type: 'strings', value: tokens },
      { key: 'tokenizer.ggml.token_type', type: 'i32s', value: kinds },
      { key: 'tokenizer.ggml.merges', type: 'strings', value: merges },
      ...endEntries(config, tokens),
    ],
    template: config.chat_template,
  }
}

/** llama.cpp's converter goes by the look, whatever the file says. */
const looksSpecial = (token: string) => /^<[|｜].*[|｜]>$/.test(token)

function endEntries(config: TokenizerConfig, tokens: readonly string[]): Entry[] {
  const named = (name: 'bos' | 'eos', token: Named | undefined): Entry[] => {
    const text = typeof token === 'string' ? token : token?.content
    if (text === undefined) return []
    return [{ key: `tokenizer.ggml.${name}_token_id`, type: 'u32', value: tokens.indexOf(text) }]
  }
  const adds = config.add_bos_token === true
  return [
    ...named('bos', config.bos_token),
    ...named('eos', config.eos_token),
    { key: 'tokenizer.ggml.add_bos_token', type: 'bool', value: adds },
  ]
}

/** A SentencePiece model: pieces with their scores and kinds, which llama.cpp numbers alike. */
export function sentencePieceTokenizer(path: string): readonly Entry[] {
  const pieces = fieldsOf(readFileSync(path))
    .filter(({ number }) => number === 1)
    .map(({ bytes }) => pieceOf(bytes))
  return [
    { key: 'tokenizer.ggml.model', type: 'string', value: 'llama' },
    { key: 'tokenizer.ggml.tokens', type: 'strings', value: pieces.map(({ text }) => text) },
    { key: 'tokenizer.ggml.scores', type: 'f32s', value: pieces.map(({ score }) => score) },
    { key: 'tokenizer.ggml.token_type', type: 'i32s', value: pieces.map(({ kind }) => kind) },
    { key: 'tokenizer.ggml.bos_token_id', type: 'u32', value: 1 },
    { key: 'tokenizer.ggml.eos_token_id', type: 'u32', value: 2 },
    { key: 'tokenizer.ggml.unknown_token_id', type: 'u32', value: 0 },
    { key: 'tokenizer.ggml.add_bos_token', type: 'bool', value: true },
    { key: 'tokenizer.ggml.add_space_prefix', type: 'bool', value: true },
  ]
}

function pieceOf(bytes: Buffer): { text: string; score: number; kind: number } {
  const fields = new Map(fieldsOf(bytes).map((field) => [field.number, field]))
  return {
    text: fields.get(1)?.bytes.toString('utf8') ?? '',
    score: fields.get(2)?.bytes.readFloatLE(0) ?? 0,
    kind: fields.get(3)?.value ?? KIND.normal,
  }
}

interface Field {
  readonly number: number
  readonly value: number
  readonly bytes: Buffer
}

/** Of a protobuf message. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = message.readUInt8(at++)
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const wire = tag % 8
    const value = wire === 0 || wire === 2 ? varint() : 0
    const length = wire === 2 ? value : wire === 5 ? 4 : wire === 1 ? 8 : 0
    fields.push({ number: Math.floor(tag / 8), value, bytes: message.subarray(at, at + length) })
    at += length
  }
  return fields
}
