/**
 * The fields of `/v1/tokenize` and `/v1/detokenize`. They are ours; the answers have the names that
 * vLLM's have.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { FieldTable } from '../body-fields.ts'
import { ChatMessages } from '../chat/message-shapes.ts'

const MAX_IDS = 131_072

const MODEL = {
  use: 'honoured',
  schema: z.string().min(1).max(256),
  reason: 'The name of a model that is served, or base:adapter.',
} as const

export const TOKENIZE_FIELDS = {
  input: {
    use: 'honoured',
    // Messages are read as a chat's, by the reader that names the place that is wrong.
    schema: z.union([z.string(), z.array(z.looseObject({})).min(1)], {
      error: 'expected a text or a list of messages',
    }),
    shape: z.union([z.string(), ChatMessages]),
    reason: 'A text, as it stands; or messages of a chat, in the template of the model.',
  },
  model: MODEL,
} as const satisfies FieldTable

export const DETOKENIZE_FIELDS = {
  model: MODEL,
  tokens: {
    use: 'honoured',
    schema: z.array(z.int().min(0).max(0xffff_ffff)).min(1).max(MAX_IDS),
    reason: 'Token ids of this model, 1 to 131072 of them.',
  },
} as const satisfies FieldTable
