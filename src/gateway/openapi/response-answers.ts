/**
 * An answer of the Responses API, whole.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { RESPONSE_FIELDS, TextFormat, ToolChoice } from '../responses/fields.ts'
import { Count, Created, Model, SecureLlm, TokenLogprob } from './chat-answers.ts'

const Status = z.enum(['in_progress', 'completed', 'incomplete'])

export const OutputText = z
  .strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()).max(0),
    logprobs: z.array(TokenLogprob),
  })
  .meta({ id: 'OutputText' })

export const ReasoningText = z
  .strictObject({ type: z.literal('reasoning_text'), text: z.string() })
  .meta({ id: 'ReasoningText' })

export const OutputItem = z
  .discriminatedUnion('type', [
    z.strictObject({
      id: idOf('msg'),
      type: z.literal('message'),
      status: Status,
      role: z.literal('assistant'),
      content: z.array(OutputText).max(1),
    }),
    z.strictObject({
      id: idOf('rs'),
      type: z.literal('reasoning'),
      status: Status,
      summary: z.array(z.unknown()).max(0),
      content: z.array(ReasoningText).max(1),
    }),
    z.strictObject({
      id: idOf('fc'),
      type: z.literal('function_call'),
      status: Status,
      call_id: idOf('call'),
      name: z.string(),
      arguments: z.string(),
    }),
  ])
  .meta({ id: 'OutputItem' })

const Usage = z.strictObject({
  input_tokens: Count,
  input_tokens_details: z.strictObject({ cached_tokens: Count, cache_write_tokens: Count }),
  output_tokens: Count,
  output_tokens_details: z.strictObject({ reasoning_tokens: Count }),
  total_tokens: Count,
})

const Failure = z.strictObject({
  code: z.enum(['server_error', 'rate_limit_exceeded']),
  message: z.string(),
})

const { metadata, parallel_tool_calls, reasoning, temperature, tools, top_logprobs, top_p } =
  RESPONSE_FIELDS
const Effort = reasoning.schema.unwrap().unwrap().shape.effort.unwrap()
const Tool = tools.shape.unwrap().unwrap().element.required()

/** What was asked for, with every default filled in. */
const Asked = {
  model: Model,
  instructions: z.string().nullable(),
  max_output_tokens: Count.nullable(),
  max_tool_calls: z.null(),
  metadata: given(metadata.schema),
  parallel_tool_calls: given(parallel_tool_calls.schema),
  previous_response_id: z.null(),
  reasoning: z.strictObject({ effort: Effort, summary: z.null() }),
  background: z.literal(false),
  service_tier: z.literal('default'),
  store: z.literal(false),
  temperature: given(temperature.schema),
  text: z.strictObject({ format: TextFormat, verbosity: z.literal('medium') }),
  tool_choice: ToolChoice,
  tools: z.array(Tool).max(128),
  top_logprobs: given(top_logprobs.schema),
  top_p: given(top_p.schema),
  truncation: z.literal('disabled'),
}

export const Response = z
  .strictObject({
    id: idOf('resp'),
    object: z.literal('response'),
    created_at: Created,
    status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
    error: Failure.nullable(),
    incomplete_details: z
      .strictObject({ reason: z.enum(['max_output_tokens', 'content_filter']) })
      .nullable(),
    output: z.array(OutputItem),
    ...Asked,
    usage: Usage.nullable(),
    secure_llm: SecureLlm,
  })
  .meta({ id: 'Response' })

export function idOf(prefix: string) {
  return z.string().regex(new RegExp(`^${prefix}_[0-9a-f]{32}$`))
}

/** The same without "absent" and "null": an answer has the default in their place. */
function given<T extends z.ZodType>(schema: z.ZodOptional<z.ZodNullable<T>>): T {
  return schema.unwrap().unwrap()
}
