/**
 * Answers in the two forms of OpenAI's chat completions, and what both and other protocols share.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { MAX_PADDING_CHARS } from '../padding.ts'

export const Count = z.int().min(0)
export const Model = z.string().min(1).max(256)
/** Seconds since 1970. */
export const Created = Count
/** Random characters that hide how long a text is. */
export const Obfuscation = z.string().max(MAX_PADDING_CHARS).optional()

/** What the guard found in the prompt and in the answer; absent when that is nothing. */
export const SecureLlm = z
  .strictObject({
    findings: z
      .array(z.strictObject({ code: z.string().regex(/^[a-z0-9.-]{1,64}$/), count: Count.min(1) }))
      .min(1)
      .max(60),
    score: z.number().gt(0).max(1).optional(),
  })
  .meta({ id: 'SecureLlm' })
  .optional()

const Token = { token: z.string(), logprob: z.number(), bytes: z.array(z.int().min(0).max(255)) }

/** A token may end inside a character: `bytes` says what it is. -9999: nothing predicted it. */
export const TokenLogprob = z
  .strictObject({ ...Token, top_logprobs: z.array(z.strictObject(Token)).max(20) })
  .meta({ id: 'TokenLogprob' })

const Logprobs = z.strictObject({ content: z.array(TokenLogprob), refusal: z.null() }).nullable()

const Finish = z.enum(['stop', 'length', 'tool_calls', 'content_filter'])
const CallId = z.string().regex(/^call_[0-9a-f]{32}$/)

export const ChatUsage = z
  .strictObject({
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: z.strictObject({ cached_tokens: Count }),
    completion_tokens_details: z.strictObject({ reasoning_tokens: Count }),
  })
  .meta({ id: 'ChatUsage' })

const Head = {
  id: z.string().regex(/^chatcmpl-[0-9a-f]{32}$/),
  created: Created,
  model: Model,
}

const Message = z.strictObject({
  role: z.literal('assistant'),
  content: z.string().nullable(),
  refusal: z.null(),
  annotations: z.array(z.unknown()).max(0),
  reasoning_content: z.string().optional(),
  tool_calls: z
    .array(
      z.strictObject({
        id: CallId,
        type: z.literal('function'),
        function: z.strictObject({ name: z.string(), arguments: z.string() }),
      }),
    )
    .min(1)
    .optional(),
})

export const ChatCompletion = z
  .strictObject({
    ...Head,
    object: z.literal('chat.completion'),
    choices: z
      .array(
        z.strictObject({
          index: Count,
          message: Message,
          logprobs: Logprobs,
          finish_reason: Finish,
        }),
      )
      .min(1),
    usage: ChatUsage,
    secure_llm: SecureLlm,
  })
  .meta({ id: 'ChatCompletion' })

/** The name comes first, then the arguments piece by piece. */
const CallDelta = z.union([
  z.strictObject({
    index: Count,
    id: CallId,
    type: z.literal('function'),
    function: z.strictObject({ name: z.string(), arguments: z.literal('') }),
  }),
  z.strictObject({ index: Count, function: z.strictObject({ arguments: z.string() }) }),
])

const Delta = z.strictObject({
  role: z.literal('assistant').optional(),
  content: z.string().nullable().optional(),
  refusal: z.null().optional(),
  reasoning_content: z.string().optional(),
  tool_calls: z.array(CallDelta).length(1).optional(),
})

export const ChatCompletionChunk = z
  .strictObject({
    ...Head,
    object: z.literal('chat.completion.chunk'),
    choices: z
      .array(
        z.strictObject({
          index: Count,
          delta: Delta,
          logprobs: Logprobs,
          finish_reason: Finish.nullable(),
        }),
      )
      .max(1),
    usage: ChatUsage.nullable().optional(),
    obfuscation: Obfuscation,
    secure_llm: SecureLlm,
  })
  .meta({ id: 'ChatCompletionChunk' })
