/**
 * Every field of OpenAI's request for a response (31, OpenAPI 2.3.0, and the two that their SDK
 * 7.57 adds), and what this server does with it.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { FieldTable } from '../body-fields.ts'
import {
  JsonSchema,
  Labels,
  Nothing,
  ReasoningEffort,
  Rivals,
  Switch,
  Tokens,
} from '../chat/field-shapes.ts'
import { ArgumentSchema, ToolName } from '../chat/tools.ts'
import { HINTS, MODERATION } from '../openai-fields.ts'
import { WARMTH } from '../sampling-fields.ts'
import { InputItems } from './item-shapes.ts'

const Off = z.literal(false).nullable()

export const FunctionTool = z.strictObject({
  type: z.literal('function'),
  name: ToolName,
  description: z.string().max(65_536).nullish(),
  parameters: JsonSchema.nullish(),
  strict: Switch,
})

export const ToolChoice = z.union(
  [
    z.enum(['none', 'auto', 'required']),
    z.strictObject({ type: z.literal('function'), name: ToolName }),
  ],
  { error: 'expected none, auto, required or one function' },
)

export const TextFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: ToolName,
    description: z.string().max(65_536).nullish(),
    schema: JsonSchema,
    strict: Switch,
  }),
])

const HONOURED = {
  ...WARMTH,
  input: {
    use: 'honoured',
    // Each item is read by input.ts, which names the place that is wrong.
    schema: z.union([z.string().min(1), z.array(z.looseObject({})).min(1)], {
      error: 'expected a text or a list of items',
    }),
    shape: z.union([z.string().min(1), InputItems]),
    reason: 'A text, or items of the types below.',
  },
  instructions: {
    use: 'honoured',
    schema: z.string().nullish(),
    reason: 'The first system message.',
  },
  model: {
    use: 'honoured',
    schema: z.string().min(1).max(256),
    reason: 'The name of a model that is served, or base:adapter.',
  },
  include: {
    use: 'honoured',
    schema: z
      .array(z.enum(['message.output_text.logprobs', 'reasoning.encrypted_content']))
      .max(16)
      .nullish(),
    reason:
      '`message.output_text.logprobs`; `reasoning.encrypted_content` is accepted and never there: nothing is encrypted.',
  },
  max_output_tokens: {
    use: 'honoured',
    schema: Tokens,
    reason: 'Up to the end of the context when absent. Thoughts count.',
  },
  metadata: {
    use: 'honoured',
    schema: Labels,
    reason: 'Sent back in the answer, kept nowhere.',
  },
  parallel_tool_calls: {
    use: 'honoured',
    schema: Switch,
    reason: 'false: at most one call in an answer. true when absent.',
  },
  reasoning: {
    use: 'honoured',
    schema: z
      .strictObject({
        effort: ReasoningEffort,
        summary: z.literal('auto').nullish(),
      })
      .nullish(),
    reason:
      'effort `none` turns thinking off where the model can; the others leave it as the model has it. There are no summaries.',
  },
  stream: { use: 'honoured', schema: Switch, reason: 'Server-sent events.' },
  stream_options: {
    use: 'honoured',
    schema: z.strictObject({ include_obfuscation: Switch }).nullish(),
    reason: 'Only together with stream. Obfuscation is on unless it is turned off.',
  },
  text: {
    use: 'honoured',
    schema: z
      .strictObject({
        format: TextFormat.nullish(),
        verbosity: z.literal('medium').nullish(),
      })
      .nullish(),
    reason: 'format `text`, `json_object` or `json_schema`; verbosity only `medium`.',
  },
  tool_choice: {
    use: 'honoured',
    schema: ToolChoice.nullish(),
    reason: 'none, auto, required, or one function by name.',
  },
  tools: {
    use: 'honoured',
    schema: z.array(FunctionTool).max(128).nullish(),
    // Of which type the parameters are is said by the reader of a chat's tools.
    shape: z
      .array(FunctionTool.extend({ parameters: ArgumentSchema.nullish() }))
      .max(128)
      .nullish(),
    reason: 'Of type function; the built-in ones of OpenAI are refused.',
  },
  top_logprobs: {
    use: 'honoured',
    schema: Rivals,
    reason: 'Only together with include `message.output_text.logprobs`.',
  },
} as const satisfies FieldTable

const IGNORED = {
  max_tool_calls: {
    use: 'ignored',
    schema: z.int().min(0).nullish(),
    reason: 'Counts calls of OpenAI’s built-in tools; there are none.',
  },
  ...HINTS,
} as const satisfies FieldTable

const REFUSED = {
  access_programs: { use: 'refused', passes: Nothing, reason: 'There are none here.' },
  background: { use: 'refused', passes: Off, reason: 'Nothing is stored that could be asked for.' },
  context_management: {
    use: 'refused',
    passes: z.array(z.unknown()).max(0).nullable(),
    reason: 'The context is what the request says, whole.',
  },
  conversation: { use: 'refused', passes: Nothing, reason: 'Conversations are never stored.' },
  image: { use: 'refused', passes: Nothing, reason: 'This server answers with text only.' },
  moderation: MODERATION,
  previous_response_id: {
    use: 'refused',
    passes: Nothing,
    reason: 'Responses are never stored; send the items again.',
  },
  prompt: { use: 'refused', passes: Nothing, reason: 'Prompts are never stored.' },
  store: { use: 'refused', passes: Off, reason: 'Responses are never stored; absent means false.' },
  truncation: {
    use: 'refused',
    passes: z.literal('disabled').nullable(),
    reason: 'Nothing of a conversation is dropped; what is too long is a 400.',
  },
} as const satisfies FieldTable

export const RESPONSE_FIELDS = { ...HONOURED, ...IGNORED, ...REFUSED }
