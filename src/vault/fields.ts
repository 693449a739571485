/**
 * Field types that manifest and slots share, and how a failed check is told.
 *
 * @packageDocumentation
 */
import { z } from 'zod'
import { Fault, type FaultCode } from '../errors.ts'

/** RFC 3339 in UTC, with seconds or milliseconds, of a day that exists: what `toISOString` gives. */
const INSTANT = /^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z$/

function isInstant(text: string): boolean {
  const time = INSTANT.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 19))
}

export const instant = z.string().refine(isInstant)
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)

/** Printable ASCII: nothing to normalise, nothing invisible, nothing that moves a cursor. */
export function printable(minBytes: number, maxBytes: number) {
  return z
    .string()
    .min(minBytes)
    .max(maxBytes)
    .regex(/^[\u0020-\u007e]*$/)
}

const SHOWABLE = /^[A-Za-z0-9]{1,32}$/

/** Checks `value`, and throws `code` naming the first field that is wrong, never what is in it. */
export function checkFields<S extends z.ZodType>(
  schema: S,
  value: unknown,
  fault: { readonly what: string; readonly code: FaultCode },
): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = (issue?.path ?? []).map(String).filter((name) => SHOWABLE.test(name))
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`
  const how = issue?.code === 'unrecognized_keys' ? 'has an unknown field' : 'has a wrong field'
  throw new Fault(fault.code, `${fault.what} ${how}${where}`)
}
