/**
 * Strict bodies by table: each field of a protocol is honoured, ignored for a reason, or refused.
 *
 * What it gives: one way to read a body by such a table, and the fields that are honoured with
 * their types. What it does not give: rules between fields; the endpoint has those.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { ClientMistake } from './api-error.ts'
import { parseWith } from './chat/parse.ts'

export interface HonouredField {
  readonly use: 'honoured'
  readonly schema: z.ZodType
  /** With what a reader of its own checks besides: what `/openapi.json` says. As `schema` when absent. */
  readonly shape?: z.ZodType
  readonly reason: string
}

export interface IgnoredField {
  readonly use: 'ignored'
  /** Checked all the same: what is ignored today may be honoured tomorrow. */
  readonly schema: z.ZodType
  readonly reason: string
}

export interface RefusedField {
  readonly use: 'refused'
  /** Values that ask for nothing, and so pass: what SDKs and frameworks send by default. */
  readonly passes: z.ZodType
  readonly reason: string
}

export type FieldRow = HonouredField | IgnoredField | RefusedField
export type FieldTable = Readonly<Record<string, FieldRow>>

type Honoured<T extends FieldTable> = {
  [K in keyof T as T[K] extends HonouredField ? K : never]: T[K] extends HonouredField
    ? T[K]['schema']
    : never
}

/** The honoured fields of a table as one schema; unknown fields are left to `checkFields`. */
export function honouredSchema<const T extends FieldTable>(table: T) {
  const pairs = Object.entries(table).flatMap(([name, row]) =>
    row.use === 'honoured' ? [[name, row.schema] as const] : [],
  )
  // Object.fromEntries forgets the names; the table has just given them.
  return z.object(Object.fromEntries(pairs) as Honoured<T>)
}

/**
 * The body as an object whose every field is in the table and asks for nothing that is refused.
 *
 * @throws ClientMistake, naming the field.
 */
export function checkFields(
  body: unknown,
  table: FieldTable,
  required: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ClientMistake('invalid_type', 'the body must be a JSON object')
  }
  for (const name of required) {
    if (!Object.hasOwn(body, name)) {
      throw new ClientMistake('missing_required_parameter', `${name} is required`, name)
    }
  }
  const fields = Object.entries(body)
  for (const [name, value] of fields) checkField(name, value, table)
  return Object.fromEntries(fields)
}

function checkField(name: string, value: unknown, table: FieldTable): void {
  const row = Object.hasOwn(table, name) ? table[name] : undefined
  if (row === undefined) {
    throw new ClientMistake('unknown_parameter', `unknown field: ${name.slice(0, 80)}`, name)
  }
  if (row.use === 'ignored') parseWith(row.schema, value, name)
  if (row.use === 'refused' && !row.passes.safeParse(value).success) {
    throw new ClientMistake('unsupported_parameter', `${name}: ${row.reason}`, name)
  }
}
