/**
 * The events of an answer of the Responses API, in the order in which they come.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { Count, Obfuscation, TokenLogprob } from './chat-answers.ts'
import { idOf, OutputItem, OutputText, ReasoningText, Response } from './response-answers.ts'

const Part = z.union([OutputText, ReasoningText])
const place = (...prefixes: readonly string[]) => ({
  item_id: z.string().regex(new RegExp(`^(${prefixes.join('|')})_[0-9a-f]{32}$`)),
  output_index: Count,
})
const IN_PART = { ...place('msg', 'rs'), content_index: z.literal(0) }
const IN_MESSAGE = { ...place('msg'), content_index: z.literal(0) }
const IN_THOUGHT = { ...place('rs'), content_index: z.literal(0) }
const IN_CALL = { item_id: idOf('fc'), output_index: Count }

function event<T extends string>(type: T, fields: z.ZodRawShape) {
  return z.strictObject({ type: z.literal(`response.${type}`), sequence_number: Count, ...fields })
}

export const ResponseEvent = z
  .discriminatedUnion('type', [
    event('created', { response: Response }),
    event('in_progress', { response: Response }),
    event('output_item.added', { output_index: Count, item: OutputItem }),
    event('content_part.added', { ...IN_PART, part: Part }),
    event('reasoning_text.delta', {
      ...IN_THOUGHT,
      delta: z.string(),
      obfuscation: Obfuscation,
    }),
    event('reasoning_text.done', { ...IN_THOUGHT, text: z.string() }),
    event('output_text.delta', {
      ...IN_MESSAGE,
      delta: z.string(),
      logprobs: z.array(TokenLogprob),
      obfuscation: Obfuscation,
    }),
    event('output_text.done', {
      ...IN_MESSAGE,
      text: z.string(),
      logprobs: z.array(TokenLogprob),
    }),
    event('content_part.done', { ...IN_PART, part: Part }),
    event('function_call_arguments.delta', {
      ...IN_CALL,
      delta: z.string(),
      obfuscation: Obfuscation,
    }),
    event('function_call_arguments.done', {
      ...IN_CALL,
      name: z.string(),
      arguments: z.string(),
    }),
    event('output_item.done', { output_index: Count, item: OutputItem }),
    event('completed', { response: Response }),
    event('incomplete', { response: Response }),
    event('failed', { response: Response }),
  ])
  .meta({ id: 'ResponseEvent' })
