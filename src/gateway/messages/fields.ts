/**
 * Every field of Anthropic's request for a message (SDK 1.14, API version 2023-06-01), and what
 * this server does with it. `/v1/messages/count_tokens` takes the same ones.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { FieldTable, HonouredField, IgnoredField } from '../body-fields.ts'
import {
  Hint,
  JsonSchema,
  MostLikely,
  Nothing,
  Share,
  Stops,
  Switch,
} from '../chat/field-shapes.ts'
import { ArgumentSchema, ToolName } from '../chat/tools.ts'
import { Messages } from './block-shapes.ts'
import { CacheControl } from './cache-control.ts'

const MAX_TOKENS = 1_048_576

export const SystemBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: CacheControl,
  citations: z.null().optional(),
})

const ClientTool = z.strictObject({
  type: z.literal('custom').nullish(),
  name: ToolName,
  description: z.string().max(65_536).nullish(),
  input_schema: z.record(z.string(), z.unknown()),
  strict: Switch,
  cache_control: CacheControl,
  eager_input_streaming: Switch,
})

const Parallel = { disable_parallel_tool_use: Switch }
const ToolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), ...Parallel }),
  z.strictObject({ type: z.literal('any'), ...Parallel }),
  z.strictObject({ type: z.literal('tool'), name: ToolName, ...Parallel }),
  z.strictObject({ type: z.literal('none') }),
])

const Display = { display: z.enum(['summarized', 'omitted']).nullish() }
const Thinking = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1), ...Display }),
  z.strictObject({ type: z.literal('adaptive'), ...Display }),
  z.strictObject({ type: z.literal('disabled') }),
])

const HONOURED = {
  max_tokens: {
    use: 'honoured',
    schema: z.int().min(1).max(MAX_TOKENS),
    reason: 'Required. Thoughts count.',
  },
  messages: {
    use: 'honoured',
    // Each message is read by input.ts, which names the place that is wrong.
    schema: z.array(z.looseObject({})).min(1),
    shape: Messages,
    reason: 'Roles user, assistant and system; blocks of the types below.',
  },
  model: {
    use: 'honoured',
    schema: z.string().min(1).max(256),
    reason: 'The name of a model that is served, or base:adapter.',
  },
  output_config: {
    use: 'honoured',
    schema: z
      .strictObject({
        effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
        format: z
          .strictObject({
            type: z.literal('json_schema'),
            schema: JsonSchema,
          })
          .nullish(),
      })
      .nullish(),
    reason: 'format `json_schema`. effort is accepted and changes nothing: the model has none.',
  },
  stop_sequences: {
    use: 'honoured',
    schema: Stops.nullish(),
    reason: 'Up to 4 of up to 256 characters; `stop_sequence` says which one it was.',
  },
  stream: { use: 'honoured', schema: Switch, reason: 'Server-sent events.' },
  system: {
    use: 'honoured',
    schema: z
      .union([z.string(), z.array(SystemBlock).max(64)], {
        error: 'expected a text or a list of text blocks',
      })
      .nullish(),
    reason: 'A text or text blocks: the first system message.',
  },
  temperature: {
    use: 'honoured',
    schema: Share,
    reason: '0 to 1; 1 when absent.',
  },
  thinking: {
    use: 'honoured',
    schema: Thinking.nullish(),
    reason:
      'Off when absent or disabled, where the model can. budget_tokens is accepted and not counted: only max_tokens ends a thought. display `omitted` leaves thoughts out.',
  },
  tool_choice: {
    use: 'honoured',
    schema: ToolChoice.nullish(),
    reason: 'auto, any, tool or none, with disable_parallel_tool_use.',
  },
  tools: {
    use: 'honoured',
    schema: z.array(ClientTool).max(128).nullish(),
    // Of which type the schema is is said by the reader of a chat's tools.
    shape: z
      .array(ClientTool.extend({ input_schema: ArgumentSchema }))
      .max(128)
      .nullish(),
    reason: 'Your own; those that Anthropic runs or names are refused.',
  },
  top_k: {
    use: 'honoured',
    schema: MostLikely,
    reason: 'All tokens when absent or 0.',
  },
  top_p: { use: 'honoured', schema: Share, reason: '1 when absent.' },
} as const satisfies FieldTable

const IGNORED = {
  cache_control: {
    use: 'ignored',
    schema: CacheControl,
    reason: 'Memory of a prompt is reused for the same API key only, whatever the caller says.',
  },
  metadata: {
    use: 'ignored',
    schema: z.strictObject({ user_id: Hint }).nullish(),
    reason: 'The record names the API client, never what a caller says of itself.',
  },
  service_tier: {
    use: 'ignored',
    schema: z.enum(['auto', 'standard_only']).nullish(),
    reason: 'There is one tier.',
  },
  speed: {
    use: 'ignored',
    schema: z.enum(['standard', 'fast']).nullish(),
    reason: 'There is one speed: as fast as the machine is.',
  },
  user_profile_id: { use: 'ignored', schema: Hint, reason: 'As metadata.' },
  workspace_id: { use: 'ignored', schema: Hint, reason: 'As metadata.' },
} as const satisfies FieldTable

const REFUSED = {
  container: { use: 'refused', passes: Nothing, reason: 'This server runs no code.' },
  diagnostics: { use: 'refused', passes: Nothing, reason: 'Nothing of a request is kept.' },
  inference_geo: {
    use: 'refused',
    passes: Nothing,
    reason: 'The answer is made on this machine; it cannot be moved.',
  },
} as const satisfies FieldTable

export const MESSAGE_FIELDS = { ...HONOURED, ...IGNORED, ...REFUSED }

/** Of a request that is only counted: the same body, which need not say how long an answer may be. */
export const COUNTABLE_FIELDS = {
  ...MESSAGE_FIELDS,
  max_tokens: { ...HONOURED.max_tokens, schema: HONOURED.max_tokens.schema.optional() },
} as const satisfies FieldTable

const ofAnAnswer = ({ schema }: HonouredField): IgnoredField => {
  return { use: 'ignored', schema, reason: 'Of an answer, and none is made. Checked.' }
}

/** The same, by what it does there: what only an answer would show changes no count. */
export const COUNTED_FIELDS = {
  ...COUNTABLE_FIELDS,
  max_tokens: ofAnAnswer(COUNTABLE_FIELDS.max_tokens),
  output_config: {
    ...HONOURED.output_config,
    reason: 'Read by the guard, as it would be with a request. It changes no count.',
  },
  stop_sequences: ofAnAnswer(HONOURED.stop_sequences),
  stream: ofAnAnswer(HONOURED.stream),
  temperature: ofAnAnswer(HONOURED.temperature),
  top_k: ofAnAnswer(HONOURED.top_k),
  top_p: ofAnAnswer(HONOURED.top_p),
} as const satisfies FieldTable
