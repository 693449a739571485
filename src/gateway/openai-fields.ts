/**
 * Fields of OpenAI that mean the same in each of its protocols, and nothing to this server.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { FieldTable } from './body-fields.ts'
import { Hint, Nothing } from './chat/field-shapes.ts'

export const HINTS = {
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
} as const satisfies FieldTable

export const MODERATION = {
  use: 'refused',
  passes: Nothing,
  reason: 'This server asks no moderation service; its own guard always runs.',
} as const
