/**
 * Every field of OpenAI's request for embeddings (5, OpenAPI 2.3.0), and what this server does with it:
 * the one table behind the schema, the errors, and docs/api.md.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { MAX_INPUTS } from './limits.ts'

const Text = z.string().min(1, 'an input has at least one character')
const Ids = z.array(z.int().min(0).max(0xffff_ffff)).min(1).max(131_072)

export const EMBEDDING_FIELDS = {
  dimensions: {
    use: 'honoured',
    schema: z.int().min(1).max(65_536).nullish(),
    reason:
      'The first so many numbers, scaled to length 1 again; at most those of the model. Worth it for models that were trained for it.',
  },
  encoding_format: {
    use: 'honoured',
    schema: z.enum(['float', 'base64']).nullish(),
    reason: 'float when absent; base64 is of little-endian 32-bit floats.',
  },
  input: {
    use: 'honoured',
    schema: z.union(
      [Text, Ids, z.array(Text).min(1).max(MAX_INPUTS), z.array(Ids).min(1).max(MAX_INPUTS)],
      {
        error: `expected a text, token ids, or a list of either with 1 to ${MAX_INPUTS} entries, none empty`,
      },
    ),
    reason: 'A text, token ids, or a list of up to 2048 of either. The guard sees texts, not ids.',
  },
  model: {
    use: 'honoured',
    schema: z.string().min(1).max(256),
    reason: 'Must be the name of an embedding model.',
  },
  user: {
    use: 'ignored',
    schema: z.string().max(1024).nullish(),
    reason: 'The record names the API client, never what a caller says of itself.',
  },
} as const
