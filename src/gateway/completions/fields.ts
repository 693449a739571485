/**
 * Every field of OpenAI's completion request (18, OpenAPI 2.3.0), and what this server does with it.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { FieldTable } from '../body-fields.ts'
import { Hint, StreamOptions, Switch } from '../chat/field-shapes.ts'
import { STEERING, WARMTH } from '../sampling-fields.ts'

const MAX_TOKENS = 1_048_576
const MAX_IDS = 131_072
/** One after the other in one seat, so that a long list keeps nobody out. */
export const MAX_PROMPTS = 32
export const MAX_CHOICES = 32

const Ids = z.array(z.int().min(0).max(0xffff_ffff)).min(1).max(MAX_IDS)

export const COMPLETION_FIELDS = {
  ...WARMTH,
  ...STEERING,
  model: {
    use: 'honoured',
    schema: z.string().min(1).max(256),
    reason: 'The name of a model that is served, or base:adapter.',
  },
  prompt: {
    use: 'honoured',
    schema: z.union(
      [
        z.string().min(1),
        z.array(z.string().min(1)).min(1).max(MAX_PROMPTS),
        Ids,
        z.array(Ids).min(1).max(MAX_PROMPTS),
      ],
      {
        error: `expected a text, token ids, or up to ${MAX_PROMPTS} of either; none of them empty`,
      },
    ),
    reason:
      'A text, token ids, or up to 32 of either. The guard reads token ids as their text; what it would have to remove, it refuses.',
  },
  best_of: {
    use: 'honoured',
    schema: z.int().min(1).max(MAX_CHOICES).nullish(),
    reason: 'Only the value of n: answers are never made to be thrown away.',
  },
  echo: {
    use: 'honoured',
    schema: Switch,
    reason: 'The prompt comes first in the text. With logprobs, its tokens have theirs.',
  },
  logprobs: {
    use: 'honoured',
    schema: z.int().min(0).max(5).nullish(),
    reason: 'Of the model’s raw distribution, with so many rivals.',
  },
  max_tokens: {
    use: 'honoured',
    schema: z.int().min(0).max(MAX_TOKENS).nullish(),
    reason: '16 when absent, as OpenAI has it. 0 only together with echo.',
  },
  n: {
    use: 'honoured',
    schema: z.int().min(1).max(MAX_CHOICES).nullish(),
    reason: 'As many as the engine has slots; the prompt is read once.',
  },
  stream: { use: 'honoured', schema: Switch, reason: 'Server-sent events.' },
  stream_options: {
    use: 'honoured',
    schema: StreamOptions,
    reason: 'Only together with stream. Obfuscation is on unless it is turned off.',
  },
  suffix: {
    use: 'honoured',
    schema: z.string().max(1_048_576).nullish(),
    reason: 'What comes after the gap, for models that were trained to fill one; else a 400.',
  },
  user: {
    use: 'ignored',
    schema: Hint,
    reason: 'The record names the API client, never what a caller says of itself.',
  },
} as const satisfies FieldTable
