/**
 * Which table of fields the body of each route is read by.
 *
 * @packageDocumentation
 */
import type { FieldTable } from '../body-fields.ts'
import { CHAT_FIELDS, EXTENSIONS } from '../chat/fields.ts'
import { COMPLETION_FIELDS } from '../completions/fields.ts'
import { EMBEDDING_FIELDS } from '../embeddings/fields.ts'
import { COUNTED_FIELDS, MESSAGE_FIELDS } from '../messages/fields.ts'
import { RESPONSE_FIELDS } from '../responses/fields.ts'
import type { RouteName } from '../routes/table.ts'
import { DETOKENIZE_FIELDS, TOKENIZE_FIELDS } from '../tokens/fields.ts'

export interface BodyRow {
  readonly fields: FieldTable
  readonly required: readonly string[]
  readonly streams: 'on demand' | 'never'
}

export const BODIES = {
  'POST /v1/chat/completions': {
    fields: { ...CHAT_FIELDS, ...EXTENSIONS },
    required: ['model', 'messages'],
    streams: 'on demand',
  },
  'POST /v1/completions': {
    fields: COMPLETION_FIELDS,
    required: ['model', 'prompt'],
    streams: 'on demand',
  },
  'POST /v1/responses': {
    fields: RESPONSE_FIELDS,
    required: ['model', 'input'],
    streams: 'on demand',
  },
  'POST /v1/messages': {
    fields: MESSAGE_FIELDS,
    required: ['model', 'messages', 'max_tokens'],
    streams: 'on demand',
  },
  'POST /v1/messages/count_tokens': {
    fields: COUNTED_FIELDS,
    required: ['model', 'messages'],
    streams: 'never',
  },
  'POST /v1/embeddings': {
    fields: EMBEDDING_FIELDS,
    required: ['model', 'input'],
    streams: 'never',
  },
  'POST /v1/tokenize': { fields: TOKENIZE_FIELDS, required: ['model', 'input'], streams: 'never' },
  'POST /v1/detokenize': {
    fields: DETOKENIZE_FIELDS,
    required: ['model', 'tokens'],
    streams: 'never',
  },
} as const satisfies Partial<Record<RouteName, BodyRow>>
