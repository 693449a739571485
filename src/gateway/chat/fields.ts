/**
 * Every field of OpenAI's chat request (37, OpenAPI 2.3.0), and what this server does with it.
 *
 * What it gives: the one table behind the schema, the error a client gets, and docs/api.md.
 * `honoured` does what OpenAI says; `ignored` is checked, changes nothing, and the reason says why
 * that is right; `refused` would change the answer, so it is a 400 unless it asks for nothing.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

const MAX_TOKENS = 1_048_576

interface Honoured {
  readonly use: 'honoured'
  readonly schema: z.ZodType
  readonly reason: string
}

interface Ignored {
  readonly use: 'ignored'
  readonly schema: z.ZodType
  readonly reason: string
}

interface Refused {
  readonly use: 'refused'
  /** Values that ask for nothing, and so pass: what SDKs and frameworks send by default. */
  readonly passes: z.ZodType
  readonly reason: string
}

export type FieldRow = Honoured | Ignored | Refused

const Hint = z.string().max(1024).nullish()
const Tokens = z.int().min(1).max(MAX_TOKENS).nullish()
const Penalty = z.number().min(-2).max(2).nullish()
const StopText = z.string().min(1).max(256)
const Nothing = z.null()

export const HONOURED = {
  messages: {
    use: 'honoured',
    // Each message is read by messages.ts, which names the place that is wrong.
    schema: z.array(z.unknown()).min(1),
    reason: 'Text only; roles system, developer, user and assistant.',
  },
  model: {
    use: 'honoured',
    schema: z.string().min(1).max(256),
    reason: 'Must be the name of a model that is served.',
  },
  frequency_penalty: { use: 'honoured', schema: Penalty, reason: '-2 to 2; 0 when absent.' },
  presence_penalty: { use: 'honoured', schema: Penalty, reason: '-2 to 2; 0 when absent.' },
  max_completion_tokens: {
    use: 'honoured',
    schema: Tokens,
    reason: 'Up to the end of the context when absent.',
  },
  max_tokens: {
    use: 'honoured',
    schema: Tokens,
    reason: 'The older name of max_completion_tokens; both may be given only when they agree.',
  },
  n: { use: 'honoured', schema: z.literal(1).nullish(), reason: 'Only 1 for now.' },
  seed: {
    use: 'honoured',
    schema: z.int().nullish(),
    reason: 'Any safe integer, folded to 32 bits; random when absent.',
  },
  stop: {
    use: 'honoured',
    schema: z
      .union([StopText, z.array(StopText).max(4)], {
        error: 'expected a text of 1 to 256 characters, or up to 4 of them',
      })
      .nullish(),
    reason: 'The text that matched is not part of the answer.',
  },
  stream: { use: 'honoured', schema: z.boolean().nullish(), reason: 'Server-sent events.' },
  stream_options: {
    use: 'honoured',
    schema: z
      .strictObject({
        include_usage: z.boolean().nullish(),
        include_obfuscation: z.boolean().nullish(),
      })
      .nullish(),
    reason: 'Only together with stream. Obfuscation is on unless it is turned off.',
  },
  temperature: {
    use: 'honoured',
    schema: z.number().min(0).max(2).nullish(),
    reason: '0 to 2; 1 when absent.',
  },
  top_p: { use: 'honoured', schema: z.number().min(0).max(1).nullish(), reason: '1 when absent.' },
} as const satisfies Record<string, Honoured>

export const IGNORED = {
  metadata: {
    use: 'ignored',
    schema: z
      .record(z.string().max(64), z.string().max(512))
      .refine((pairs) => Object.keys(pairs).length <= 16, 'at most 16 pairs')
      .nullish(),
    reason: 'A label for stored completions; nothing is stored here.',
  },
  parallel_tool_calls: {
    use: 'ignored',
    schema: z.boolean().nullish(),
    reason: 'Says how tools are called; there are none.',
  },
  prediction: {
    use: 'ignored',
    schema: z.looseObject({ type: z.literal('content') }).nullish(),
    reason: 'A hint for speed that never changes the answer.',
  },
  prompt_cache_key: {
    use: 'ignored',
    schema: Hint,
    reason: 'Memory of a prompt is reused for the same API key only, whatever the caller says.',
  },
  prompt_cache_options: {
    use: 'ignored',
    schema: z.looseObject({}).nullish(),
    reason: 'As prompt_cache_key.',
  },
  prompt_cache_retention: { use: 'ignored', schema: Hint, reason: 'As prompt_cache_key.' },
  safety_identifier: {
    use: 'ignored',
    schema: Hint,
    reason: 'The record names the API client, never what a caller says of itself.',
  },
  service_tier: {
    use: 'ignored',
    schema: z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast']).nullish(),
    reason: 'There is one tier.',
  },
  user: { use: 'ignored', schema: Hint, reason: 'As safety_identifier.' },
} as const satisfies Record<string, Ignored>

export const REFUSED = {
  audio: { use: 'refused', passes: Nothing, reason: 'This server answers with text only.' },
  function_call: {
    use: 'refused',
    passes: z.enum(['none', 'auto']).nullable(),
    reason: 'Tools are not supported yet.',
  },
  functions: {
    use: 'refused',
    passes: z.array(z.unknown()).max(0).nullable(),
    reason: 'Tools are not supported yet.',
  },
  logit_bias: {
    use: 'refused',
    passes: z.strictObject({}).nullable(),
    reason: 'Biasing tokens is not supported yet.',
  },
  logprobs: {
    use: 'refused',
    passes: z.literal(false).nullable(),
    reason: 'Log probabilities are not supported yet.',
  },
  modalities: {
    use: 'refused',
    passes: z.tuple([z.literal('text')]).nullable(),
    reason: 'This server answers with text only.',
  },
  moderation: {
    use: 'refused',
    passes: Nothing,
    reason: 'This server asks no moderation service; its own guard always runs.',
  },
  reasoning_effort: {
    use: 'refused',
    passes: z.literal('none').nullable(),
    reason: 'The model does not reason in a channel of its own.',
  },
  response_format: {
    use: 'refused',
    passes: z.strictObject({ type: z.literal('text') }).nullable(),
    reason: 'JSON output is not supported yet.',
  },
  store: {
    use: 'refused',
    passes: z.literal(false).nullable(),
    reason: 'Completions are never stored.',
  },
  tool_choice: {
    use: 'refused',
    passes: z.enum(['none', 'auto']).nullable(),
    reason: 'Tools are not supported yet.',
  },
  tools: {
    use: 'refused',
    passes: z.array(z.unknown()).max(0).nullable(),
    reason: 'Tools are not supported yet.',
  },
  top_logprobs: {
    use: 'refused',
    passes: z.literal(0).nullable(),
    reason: 'Log probabilities are not supported yet.',
  },
  verbosity: {
    use: 'refused',
    passes: z.literal('medium').nullable(),
    reason: 'The model cannot be told how much to say.',
  },
  web_search_options: {
    use: 'refused',
    passes: Nothing,
    reason: 'This server never connects to anything.',
  },
} as const satisfies Record<string, Refused>

export const CHAT_FIELDS: Readonly<Record<string, FieldRow>> = {
  ...HONOURED,
  ...IGNORED,
  ...REFUSED,
}
