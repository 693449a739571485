/**
 * Every field of OpenAI's chat request (37, OpenAPI 2.3.0), and what this server does with it; and
 * the four that are ours.
 *
 * What it gives: the one table behind the schema, the error a client gets, and docs/api.md.
 * `honoured` does what OpenAI says; `ignored` is checked, changes nothing, and the reason says why
 * that is right; `refused` would change the answer, so it is a 400 unless it asks for nothing.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { FieldTable, HonouredField, IgnoredField, RefusedField } from '../body-fields.ts'
import {
  Anything,
  Biases,
  Choices,
  Labels,
  MostLikely,
  Nothing,
  Penalty,
  ReasoningEffort,
  Rivals,
  Seed,
  Share,
  Stop,
  StreamOptions,
  Switch,
  Tokens,
} from './field-shapes.ts'
import { Documents } from './documents.ts'
import { ChatMessages } from './message-shapes.ts'
import { Format } from './response-format.ts'
import { ToolChoice, ToolList } from './tools.ts'
import { HINTS, MODERATION } from '../openai-fields.ts'

export const HONOURED = {
  messages: {
    use: 'honoured',
    schema: z.array(z.unknown()).min(1),
    shape: ChatMessages,
    reason: 'Text only; roles developer, system, user, assistant and tool.',
  },
  model: {
    use: 'honoured',
    schema: z.string().min(1).max(256),
    reason: 'The name of a model that is served, or base:adapter.',
  },
  frequency_penalty: {
    use: 'honoured',
    schema: Penalty,
    reason: '-2 to 2; 0 when absent.',
  },
  presence_penalty: {
    use: 'honoured',
    schema: Penalty,
    reason: '-2 to 2; 0 when absent.',
  },
  logit_bias: {
    use: 'honoured',
    schema: Biases,
    reason: 'Token ids of this model, as names; -100 to 100; at most 1024.',
  },
  logprobs: {
    use: 'honoured',
    schema: Switch,
    reason: 'Of the model itself, before temperature and the other settings.',
  },
  top_logprobs: {
    use: 'honoured',
    schema: Rivals,
    reason: '0 to 20, together with logprobs.',
  },
  max_completion_tokens: {
    use: 'honoured',
    schema: Tokens,
    reason: 'Up to the end of the context when absent; thought counts.',
  },
  max_tokens: {
    use: 'honoured',
    schema: Tokens,
    reason: 'The older name of max_completion_tokens; both may be given only when they agree.',
  },
  n: {
    use: 'honoured',
    schema: Choices,
    reason: 'Up to the number of slots of the engine; the prompt is read once.',
  },
  parallel_tool_calls: {
    use: 'honoured',
    schema: Switch,
    reason: 'false: at most one call in an answer.',
  },
  reasoning_effort: {
    use: 'honoured',
    schema: ReasoningEffort,
    reason:
      'none turns thinking off where the model can; other values need a model that thinks, and leave it as it is.',
  },
  response_format: {
    use: 'honoured',
    schema: Anything,
    shape: Format.nullish(),
    reason: 'text, json_object or json_schema; the answer is held to the schema token by token.',
  },
  seed: {
    use: 'honoured',
    schema: Seed,
    reason: 'Any safe integer, folded to 32 bits: the same answer every time. Random when absent.',
  },
  stop: {
    use: 'honoured',
    schema: Stop,
    reason: 'Up to 4; the text that matched is not part of the answer.',
  },
  stream: {
    use: 'honoured',
    schema: Switch,
    reason: 'Server-sent events.',
  },
  stream_options: {
    use: 'honoured',
    schema: StreamOptions,
    reason: 'Only together with stream. Obfuscation is on unless it is turned off.',
  },
  temperature: {
    use: 'honoured',
    schema: z.number().min(0).max(2).nullish(),
    reason: '0 to 2; 1 when absent.',
  },
  tool_choice: {
    use: 'honoured',
    schema: Anything,
    shape: ToolChoice,
    reason: 'none, auto, required, a named function, or allowed_tools.',
  },
  tools: {
    use: 'honoured',
    schema: Anything,
    shape: ToolList,
    reason: 'Functions, at most 128; their arguments are held to the schema token by token.',
  },
  top_p: {
    use: 'honoured',
    schema: Share,
    reason: '1 when absent.',
  },
} as const satisfies Record<string, HonouredField>

/** Ours, beside OpenAI's. */
export const EXTENSIONS = {
  cache_prompt: {
    use: 'honoured',
    schema: Switch,
    reason: 'false: the whole prompt is computed, whatever the slot holds.',
  },
  documents: {
    use: 'honoured',
    schema: Documents,
    reason:
      'Texts from outside, up to 64 of {title, text}, put in front of what the user said last: read by the guard as such, and set apart by marks (docs/guard.md).',
  },
  min_p: {
    use: 'honoured',
    schema: Share,
    reason: 'Tokens less likely than this share of the likeliest are left out; 0 when absent.',
  },
  top_k: {
    use: 'honoured',
    schema: MostLikely,
    reason: 'Only the so many likeliest tokens; 0, which is all, when absent.',
  },
} as const satisfies Record<string, HonouredField>

export const IGNORED = {
  metadata: {
    use: 'ignored',
    schema: Labels,
    reason: 'A label for stored completions; nothing is stored here.',
  },
  prediction: {
    use: 'ignored',
    schema: z.looseObject({ type: z.literal('content') }).nullish(),
    reason: 'A hint for speed that never changes the answer.',
  },
  ...HINTS,
} as const satisfies Record<string, IgnoredField>

export const REFUSED = {
  audio: { use: 'refused', passes: Nothing, reason: 'This server answers with text only.' },
  function_call: {
    use: 'refused',
    passes: z.enum(['none', 'auto']).nullable(),
    reason: 'An older form of tool_choice; use that.',
  },
  functions: {
    use: 'refused',
    passes: z.array(z.unknown()).max(0).nullable(),
    reason: 'An older form of tools; use those.',
  },
  modalities: {
    use: 'refused',
    passes: z.tuple([z.literal('text')]).nullable(),
    reason: 'This server answers with text only.',
  },
  moderation: MODERATION,
  store: {
    use: 'refused',
    passes: z.literal(false).nullable(),
    reason: 'Completions are never stored.',
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
} as const satisfies Record<string, RefusedField>

export const CHAT_FIELDS: FieldTable = {
  ...HONOURED,
  ...IGNORED,
  ...REFUSED,
}
