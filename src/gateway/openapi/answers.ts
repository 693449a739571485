/**
 * What each route answers when all is well.
 *
 * The answers are made by the writers of each protocol; tests hold every one of them against these
 * schemas, in which nothing may be missing and nothing is left open.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { RouteName } from '../routes/table.ts'
import { ChatCompletion, ChatCompletionChunk, Count, Created, Model } from './chat-answers.ts'
import { Completion, CompletionChunk, EmbeddingList } from './completion-answers.ts'
import { CountedTokens, Message, MessageEvent } from './message-answers.ts'
import { Response } from './response-answers.ts'
import { ResponseEvent } from './response-events.ts'

export interface AnswerRow {
  /** `text`: not JSON. */
  readonly whole: z.ZodType | 'text'
  /** The data of each event, where an answer may be streamed. */
  readonly event?: z.ZodType
  /** What stands in its last event in place of JSON. */
  readonly ends?: '[DONE]'
  /** The status of an answer that is not well and has the same shape. */
  readonly alsoWith?: 503
}

const State = z.enum(['enforced', 'partly', 'absent'])
const Readiness = z
  .strictObject({
    ready: z.boolean(),
    engine: z.enum(['ready', 'away']),
    models: z.record(z.string(), z.enum(['ready', 'loading', 'away', 'resting'])),
    audit: z.enum(['ok', 'away', 'refusing']),
    clients: z.enum(['ok', 'invalid']),
    layers: z.array(z.strictObject({ process: z.string(), layer: z.string(), state: State })),
  })
  .meta({ id: 'Readiness' })

/** `created`: when it was loaded last, in seconds since 1970; 0 when it never was. */
const ListedModel = z
  .strictObject({
    id: Model,
    object: z.literal('model'),
    created: Created,
    owned_by: z.literal('local'),
  })
  .meta({ id: 'Model' })

const TokenIds = z.array(z.int().min(0).max(0xffff_ffff)).max(131_072)

export const ANSWERS = {
  'POST /v1/chat/completions': {
    whole: ChatCompletion,
    event: ChatCompletionChunk,
    ends: '[DONE]',
  },
  'POST /v1/completions': { whole: Completion, event: CompletionChunk, ends: '[DONE]' },
  'POST /v1/responses': { whole: Response, event: ResponseEvent },
  'POST /v1/messages': { whole: Message, event: MessageEvent },
  'POST /v1/messages/count_tokens': { whole: CountedTokens },
  'POST /v1/embeddings': { whole: EmbeddingList },
  'POST /v1/tokenize': {
    whole: z.strictObject({ count: Count, max_model_len: Count, tokens: TokenIds }),
  },
  'POST /v1/detokenize': { whole: z.strictObject({ prompt: z.string() }) },
  'GET /v1/models': {
    whole: z.strictObject({ object: z.literal('list'), data: z.array(ListedModel) }),
  },
  'GET /v1/models/:id': { whole: ListedModel },
  'GET /openapi.json': { whole: z.looseObject({ openapi: z.literal('3.1.0') }) },
  'GET /metrics': { whole: 'text' },
  'GET /healthz': { whole: z.strictObject({ status: z.literal('ok') }) },
  'GET /readyz': { whole: Readiness, alsoWith: 503 },
} as const satisfies Record<RouteName, AnswerRow>
