/**
 * The body of `POST /v1/chat/completions`, read strictly: known fields, known ranges, every default
 * made explicit. What leaves here is all that the engine will ever see of a request.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Sampling } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { CHAT_FIELDS, EXTENSIONS, HONOURED, type FieldRow } from './fields.ts'
import { parseMessages, type ChatMessage } from './messages.ts'
import { parseWith } from './parse.ts'
import { parseResponseFormat, type AnswerFormat } from './response-format.ts'
import { parseToolUse, type ToolUse } from './tools.ts'

export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly toolUse: ToolUse
  readonly format: AnswerFormat
  readonly choices: number
  /** null: up to the end of the context. */
  readonly maxTokens: number | null
  readonly sampling: Sampling
  /** Whether the seed is the client's own: then the answer can be had again. */
  readonly cuts: 'fixed' | 'fast'
  readonly stop: readonly string[]
  /** null: no logprobs. */
  readonly topLogprobs: number | null
  readonly prefix: 'reuse' | 'fresh'
  /** `some`: the client counts on a model that thinks. */
  readonly thinking: 'default' | 'none' | 'some'
  /** null: one JSON answer at the end. */
  readonly stream: { readonly usage: boolean; readonly obfuscation: boolean } | null
}

type Schemas<T extends Record<string, { readonly schema: z.ZodType }>> = {
  [K in keyof T]: T[K]['schema']
}

function schemasOf<T extends Record<string, { readonly schema: z.ZodType }>>(rows: T): Schemas<T> {
  const pairs = Object.entries(rows).map(([name, row]) => [name, row.schema])
  // Object.fromEntries forgets the names; the rows have just given them.
  return Object.fromEntries(pairs) as Schemas<T>
}

const Fields = z.object(schemasOf({ ...HONOURED, ...EXTENSIONS }))
type Fields = z.infer<typeof Fields>

/** @throws ClientMistake, naming the field. */
export function parseChatRequest(body: unknown, limits: { maxMessages: number }): ChatRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ClientMistake('invalid_type', 'the body must be a JSON object')
  }
  for (const name of ['model', 'messages']) {
    if (!Object.hasOwn(body, name)) {
      throw new ClientMistake('missing_required_parameter', `${name} is required`, name)
    }
  }
  for (const [name, value] of Object.entries(body)) checkField(name, value)
  const fields = parseWith(Fields, body)
  return {
    model: fields.model,
    messages: parseMessages(fields.messages, limits.maxMessages),
    toolUse: parseToolUse(fields),
    format: parseResponseFormat(fields.response_format),
    choices: fields.n ?? 1,
    maxTokens: maxTokensOf(fields),
    sampling: samplingOf(fields),
    cuts: typeof fields.seed === 'number' ? 'fixed' : 'fast',
    stop: typeof fields.stop === 'string' ? [fields.stop] : (fields.stop ?? []),
    topLogprobs: topLogprobsOf(fields),
    prefix: fields.cache_prompt === false ? 'fresh' : 'reuse',
    thinking: thinkingOf(fields),
    stream: streamOf(fields),
  }
}

const ROWS: Readonly<Record<string, FieldRow>> = { ...CHAT_FIELDS, ...EXTENSIONS }

function checkField(name: string, value: unknown): void {
  const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined
  if (row === undefined) {
    throw new ClientMistake('unknown_parameter', `unknown field: ${name.slice(0, 80)}`, name)
  }
  if (row.use === 'ignored') parseWith(row.schema, value, name)
  if (row.use === 'refused' && !row.passes.safeParse(value).success) {
    throw new ClientMistake('unsupported_parameter', `${name}: ${row.reason}`, name)
  }
}

function maxTokensOf(fields: Fields): number | null {
  const { max_completion_tokens: newer, max_tokens: older } = fields
  if (typeof newer === 'number' && typeof older === 'number' && newer !== older) {
    const message = 'max_tokens and max_completion_tokens do not agree; give one of them'
    throw new ClientMistake('invalid_value', message, 'max_tokens')
  }
  return newer ?? older ?? null
}

function samplingOf(fields: Fields): Sampling {
  return {
    temperature: fields.temperature ?? 1,
    topP: fields.top_p ?? 1,
    topK: fields.top_k ?? 0,
    minP: fields.min_p ?? 0,
    presencePenalty: fields.presence_penalty ?? 0,
    frequencyPenalty: fields.frequency_penalty ?? 0,
    seed: typeof fields.seed === 'number' ? foldSeed(fields.seed) : randomBytes(4).readUInt32BE(),
    biases: biasesOf(fields),
  }
}

/** Any safe integer to 32 bits; the small positive ones stay what they are. */
function foldSeed(seed: number): number {
  const high = Math.floor(seed / 2 ** 32)
  return ((seed >>> 0) ^ (high | 0)) >>> 0
}

function biasesOf({ logit_bias: biases }: Fields): Sampling['biases'] {
  const pairs = Object.entries(biases ?? {})
  const ids = new Set(pairs.map(([id]) => Number(id)))
  if (ids.size < pairs.length) {
    // "7" and "07" are one token.
    throw new ClientMistake('invalid_value', 'logit_bias: a token is named twice', 'logit_bias')
  }
  return pairs.map(([id, bias]) => [Number(id), bias])
}

function topLogprobsOf({ logprobs, top_logprobs: rivals }: Fields): number | null {
  if (logprobs === true) return rivals ?? 0
  if (typeof rivals !== 'number' || rivals === 0) return null
  const message = 'top_logprobs is only allowed together with logprobs'
  throw new ClientMistake('invalid_value', message, 'top_logprobs')
}

function thinkingOf({ reasoning_effort: effort }: Fields): ChatRequest['thinking'] {
  if (effort === undefined || effort === null) return 'default'
  return effort === 'none' ? 'none' : 'some'
}

function streamOf(fields: Fields): ChatRequest['stream'] {
  const options = fields.stream_options
  if (fields.stream !== true) {
    if (options === undefined || options === null) return null
    const message = 'stream_options is only allowed together with stream'
    throw new ClientMistake('invalid_value', message, 'stream_options')
  }
  return {
    usage: options?.include_usage === true,
    obfuscation: options?.include_obfuscation !== false,
  }
}
