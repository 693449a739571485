/**
 * OpenAI's two forms of an answer: one object, or a stream of chunks.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import type { Usage } from './generation.ts'

export interface AnswerHead {
  readonly id: string
  /** Seconds since 1970, the same in every chunk. */
  readonly created: number
  readonly model: string
}

export type Finish = 'stop' | 'length' | 'content_filter'

export function answerHead(requestId: string, model: string, nowMs: number): AnswerHead {
  const id = `chatcmpl-${requestId.replace(/^req_/, '')}`
  return { id, created: Math.floor(nowMs / 1000), model }
}

export function completion(head: AnswerHead, content: string, finish: Finish, usage: Usage) {
  const message = { role: 'assistant', content, refusal: null, annotations: [] }
  return {
    ...objectHead(head, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage: usageObject(usage),
  }
}

interface Delta {
  readonly role?: 'assistant'
  readonly content?: string
  readonly refusal?: null
}

/** What the client asked for in `stream_options`. */
export interface ChunkOptions {
  readonly usage: boolean
  readonly obfuscation: boolean
}

export function firstChunk(head: AnswerHead, options: ChunkOptions): object {
  return chunk(head, options, { role: 'assistant', content: '', refusal: null }, null)
}

export function textChunk(head: AnswerHead, options: ChunkOptions, text: string): object {
  return chunk(head, options, { content: text }, null)
}

export function finishChunk(head: AnswerHead, options: ChunkOptions, finish: Finish): object {
  return chunk(head, options, {}, finish)
}

export function usageChunk(head: AnswerHead, usage: Usage): object {
  return { ...objectHead(head, 'chat.completion.chunk'), choices: [], usage: usageObject(usage) }
}

function chunk(
  head: AnswerHead,
  options: ChunkOptions,
  delta: Delta,
  finish: Finish | null,
): object {
  return {
    ...objectHead(head, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    // OpenAI sends null in all but the last when the usage was asked for.
    ...(options.usage ? { usage: null } : {}),
    ...(options.obfuscation ? { obfuscation: padding(delta.content ?? '') } : {}),
  }
}

const PADDED_BYTES = 32

/** Fills a chunk up to a multiple of 32 bytes of text, so that its length does not tell the token. */
function padding(text: string): string {
  const bytes = Buffer.byteLength(JSON.stringify(text)) - 2
  const missing = PADDED_BYTES - (bytes % PADDED_BYTES)
  return randomBytes(PADDED_BYTES).toString('base64url').slice(0, missing)
}

function objectHead(head: AnswerHead, object: string) {
  return { id: head.id, object, created: head.created, model: head.model }
}

function usageObject({ promptTokens, completionTokens, cachedTokens }: Usage) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  }
}
