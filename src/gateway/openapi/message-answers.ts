/**
 * Answers in the two forms of Anthropic's Messages API.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { Count, Model, Obfuscation, SecureLlm } from './chat-answers.ts'
import { idOf } from './response-answers.ts'

const Usage = z
  .strictObject({
    input_tokens: Count,
    cache_creation_input_tokens: z.literal(0),
    cache_read_input_tokens: Count,
    output_tokens: Count,
    output_tokens_details: z.strictObject({ thinking_tokens: Count }),
    server_tool_use: z.null(),
    service_tier: z.literal('standard'),
  })
  .meta({ id: 'MessageUsage' })

const Block = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: z.string(), citations: z.null() }),
    z.strictObject({
      type: z.literal('thinking'),
      thinking: z.string(),
      signature: z.literal(''),
    }),
    z.strictObject({
      type: z.literal('tool_use'),
      id: idOf('toolu'),
      name: z.string(),
      input: z.record(z.string(), z.unknown()),
      caller: z.strictObject({ type: z.literal('direct') }),
    }),
  ])
  .meta({ id: 'AnswerBlock' })

const StopReason = z.enum([
  'end_turn',
  'max_tokens',
  'model_context_window_exceeded',
  'refusal',
  'stop_sequence',
  'tool_use',
])

const Head = {
  id: idOf('msg'),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: Model,
  usage: Usage,
}

export const Message = z
  .strictObject({
    ...Head,
    content: z.array(Block),
    stop_reason: StopReason,
    stop_sequence: z.string().nullable(),
    secure_llm: SecureLlm,
  })
  .meta({ id: 'Message' })

const Begun = z.strictObject({
  ...Head,
  content: z.array(Block).max(0),
  stop_reason: z.null(),
  stop_sequence: z.null(),
})

const Delta = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text_delta'), text: z.string() }),
  z.strictObject({ type: z.literal('thinking_delta'), thinking: z.string() }),
  z.strictObject({ type: z.literal('input_json_delta'), partial_json: z.string() }),
])

export const MessageEvent = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('message_start'), message: Begun }),
    z.strictObject({
      type: z.literal('content_block_start'),
      index: Count,
      content_block: Block,
    }),
    z.strictObject({
      type: z.literal('content_block_delta'),
      index: Count,
      delta: Delta,
      obfuscation: Obfuscation,
    }),
    z.strictObject({ type: z.literal('content_block_stop'), index: Count }),
    z.strictObject({
      type: z.literal('message_delta'),
      delta: z.strictObject({ stop_reason: StopReason, stop_sequence: z.string().nullable() }),
      usage: Usage,
      secure_llm: SecureLlm,
    }),
    z.strictObject({ type: z.literal('message_stop') }),
    z.strictObject({ type: z.literal('ping') }),
  ])
  .meta({ id: 'MessageEvent' })

export const CountedTokens = z.strictObject({ input_tokens: Count }).meta({ id: 'CountedTokens' })
