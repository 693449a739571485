/**
 * OpenAI's two forms of an answer: one object, or a stream of chunks.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import { padding } from '../padding.ts'
import type { ChoicePart, Finish } from './choice-filter.ts'
import { annotated, type Annotation } from './findings.ts'
import type { Usage } from './generation.ts'
import type { TokenEntry } from './token-track.ts'

export interface AnswerHead {
  readonly id: string
  /** Seconds since 1970, the same in every chunk. */
  readonly created: number
  readonly model: string
}

export function answerHead(requestId: string, model: string, nowMs: number): AnswerHead {
  const id = `chatcmpl-${requestId.replace(/^req_/, '')}`
  return { id, created: Math.floor(nowMs / 1000), model }
}

/** Ours, and never the model's: it has no say in what a call is known by. */
export function callId(): string {
  return `call_${randomBytes(16).toString('hex')}`
}

/** What the client asked for in `stream_options`. */
export interface ChunkOptions {
  readonly usage: boolean
  readonly obfuscation: boolean
}

export interface Delta {
  readonly role?: 'assistant'
  readonly content?: string | null
  readonly refusal?: null
  readonly reasoning_content?: string
  readonly tool_calls?: readonly CallDelta[]
}

interface CallDelta {
  readonly index: number
  readonly id?: string
  readonly type?: 'function'
  readonly function: { readonly name?: string; readonly arguments: string }
}

/** The delta of a part, and nothing for the finish: that is not said in the delta. */
export function deltaOf(part: ChoicePart): Delta {
  switch (part.kind) {
    case 'text':
      return part.part === 'thought' ? { reasoning_content: part.text } : { content: part.text }
    case 'call': {
      const called = { name: part.name, arguments: '' }
      return {
        tool_calls: [{ index: part.call, id: callId(), type: 'function', function: called }],
      }
    }
    case 'arguments':
      return { tool_calls: [{ index: part.call, function: { arguments: part.text } }] }
    case 'finish':
      return {}
  }
}

/** The first of a choice; a choice that begins with a call has no content yet. */
export function roleDelta(first: ChoicePart): Delta {
  return { role: 'assistant', content: first.kind === 'call' ? null : '', refusal: null }
}

export interface ChunkChoice {
  readonly index: number
  readonly delta: Delta
  readonly tokens: readonly TokenEntry[] | null
  readonly finish: Finish | null
  /** In the last chunk of the last choice. */
  readonly annotation?: Annotation | undefined
}

export function chunk(head: AnswerHead, options: ChunkOptions, choice: ChunkChoice): object {
  const { index, delta, tokens, finish, annotation } = choice
  return {
    ...objectHead(head, 'chat.completion.chunk'),
    choices: [{ index, delta, logprobs: logprobsOf(tokens), finish_reason: finish }],
    // OpenAI sends null in all but the last when the usage was asked for.
    ...(options.usage ? { usage: null } : {}),
    ...(options.obfuscation ? { obfuscation: padding(saidIn(delta)) } : {}),
    ...annotated(annotation),
  }
}

export function usageChunk(head: AnswerHead, usage: Usage): object {
  return { ...objectHead(head, 'chat.completion.chunk'), choices: [], usage: usageObject(usage) }
}

function saidIn({ content, reasoning_content: thought, tool_calls: calls }: Delta): string {
  const called = calls?.[0]?.function
  return content ?? thought ?? `${called?.name ?? ''}${called?.arguments ?? ''}`
}

/** null when nobody asked. */
export function logprobsOf(tokens: readonly TokenEntry[] | null): object | null {
  if (tokens === null) return null
  const content = tokens.map(({ bytes, logprob, top }) => ({
    ...tokenObject(bytes, logprob),
    top_logprobs: top.map((rival) => tokenObject(rival.bytes, rival.logprob)),
  }))
  return { content, refusal: null }
}

/** A token may end inside a character; the text then has U+FFFD, and the bytes say what it is. */
function tokenObject(bytes: Buffer, logprob: number | null) {
  return { token: bytes.toString('utf8'), logprob, bytes: [...bytes] }
}

export function objectHead(head: AnswerHead, object: string) {
  return { id: head.id, object, created: head.created, model: head.model }
}

export function usageObject(usage: Usage) {
  const { promptTokens, completionTokens, cachedTokens, thoughtTokens } = usage
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: thoughtTokens },
  }
}
