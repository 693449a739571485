/**
 * The body of `POST /v1/chat/completions`, read strictly: known fields, known ranges, every default
 * made explicit. What leaves here is all that the engine will ever see of a request.
 *
 * @packageDocumentation
 */
import type * as z from 'zod'
import type { Sampling } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { checkFields, honouredSchema } from '../body-fields.ts'
import { cutsOf, samplingOf, stopTextsOf, streamOf } from '../sampling-fields.ts'
import { CHAT_FIELDS, EXTENSIONS, HONOURED } from './fields.ts'
import { documentsOf, type ChatDocument } from './documents.ts'
import { parseMessages, type ChatMessage } from './messages.ts'
import { parseWith } from './parse.ts'
import { parseResponseFormat, type AnswerFormat } from './response-format.ts'
import { parseToolUse, type ToolUse } from './tools.ts'

export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  /** From outside: put in front of what the user said last. */
  readonly documents: readonly ChatDocument[]
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

const ROWS = { ...CHAT_FIELDS, ...EXTENSIONS }
const Fields = honouredSchema({ ...HONOURED, ...EXTENSIONS })
type Fields = z.infer<typeof Fields>

/** @throws ClientMistake, naming the field. */
export function parseChatRequest(body: unknown, limits: { maxMessages: number }): ChatRequest {
  checkFields(body, ROWS, ['model', 'messages'])
  const fields = parseWith(Fields, body)
  const messages = parseMessages(fields.messages, limits.maxMessages)
  return {
    model: fields.model,
    messages,
    documents: documentsOf(fields.documents, messages),
    toolUse: parseToolUse(fields),
    format: parseResponseFormat(fields.response_format),
    choices: fields.n ?? 1,
    maxTokens: maxTokensOf(fields),
    sampling: samplingOf(fields),
    cuts: cutsOf(fields),
    stop: stopTextsOf(fields.stop),
    topLogprobs: topLogprobsOf(fields),
    prefix: fields.cache_prompt === false ? 'fresh' : 'reuse',
    thinking: thinkingOf(fields),
    stream: streamOf(fields),
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
