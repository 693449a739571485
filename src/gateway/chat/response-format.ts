/**
 * What form the answer shall have: a text, any JSON object, or what a schema says.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { JsonSchema } from './field-shapes.ts'
import { parseWith } from './parse.ts'
import { ToolName } from './tools.ts'

export type AnswerFormat =
  | { readonly kind: 'text' }
  | {
      readonly kind: 'json'
      /** JSON text of the schema, as the client wrote it. */
      readonly schema: string
      readonly isStrict: boolean
      /** Where the schema stands in the request. */
      readonly place: string
    }

export const Format = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: ToolName,
        description: z.string().nullish(),
        schema: JsonSchema.nullish(),
        strict: z.boolean().nullish(),
      }),
    }),
  ],
  { error: 'expected a type of text, json_object or json_schema' },
)

const ANY_OBJECT = JSON.stringify({ type: 'object' })

/** @throws ClientMistake, naming the place. */
export function parseResponseFormat(value: unknown): AnswerFormat {
  const format = parseWith(Format.nullish(), value, 'response_format') ?? { type: 'text' }
  if (format.type === 'text') return { kind: 'text' }
  if (format.type === 'json_object') {
    return { kind: 'json', schema: ANY_OBJECT, isStrict: false, place: 'response_format' }
  }
  const { schema, strict } = format.json_schema
  return {
    kind: 'json',
    schema: schema === undefined || schema === null ? ANY_OBJECT : JSON.stringify(schema),
    isStrict: strict === true,
    place: 'response_format.json_schema.schema',
  }
}
