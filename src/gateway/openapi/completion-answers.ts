/**
 * Answers in the two forms of OpenAI's completions, and embeddings.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { Count, Created, Model, Obfuscation, SecureLlm } from './chat-answers.ts'

const Logprobs = z
  .strictObject({
    tokens: z.array(z.string()),
    /** null for the first token of an echoed prompt: nothing predicted it. */
    token_logprobs: z.array(z.number().nullable()),
    top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullable(),
    text_offset: z.array(Count),
  })
  .nullable()

const Finish = z.enum(['stop', 'length', 'content_filter'])
const Choice = { index: Count, text: z.string(), logprobs: Logprobs }

const Usage = z
  .strictObject({
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: z.strictObject({ cached_tokens: Count }),
  })
  .meta({ id: 'CompletionUsage' })

const Head = {
  id: z.string().regex(/^cmpl-[0-9a-f]{32}$/),
  object: z.literal('text_completion'),
  created: Created,
  model: Model,
}

export const Completion = z
  .strictObject({
    ...Head,
    choices: z.array(z.strictObject({ ...Choice, finish_reason: Finish })).min(1),
    usage: Usage,
    secure_llm: SecureLlm,
  })
  .meta({ id: 'Completion' })

export const CompletionChunk = z
  .strictObject({
    ...Head,
    choices: z.array(z.strictObject({ ...Choice, finish_reason: Finish.nullable() })).max(1),
    usage: Usage.nullable().optional(),
    obfuscation: Obfuscation,
    secure_llm: SecureLlm,
  })
  .meta({ id: 'CompletionChunk' })

export const EmbeddingList = z
  .strictObject({
    object: z.literal('list'),
    data: z
      .array(
        z.strictObject({
          object: z.literal('embedding'),
          index: Count,
          embedding: z.union([
            z.array(z.number()).min(1),
            z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/),
          ]),
        }),
      )
      .min(1),
    model: Model,
    usage: z.strictObject({ prompt_tokens: Count, total_tokens: Count }),
    secure_llm: SecureLlm,
  })
  .meta({ id: 'EmbeddingList' })
