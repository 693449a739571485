/**
 * zod's verdict as the mistake of a client: one sentence, and the field by its place.
 *
 * @packageDocumentation
 */
import type * as z from 'zod'
import { ClientMistake } from '../api-error.ts'

/** @throws ClientMistake for the first thing that is wrong. Values are never quoted. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, place = ''): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw issue === undefined ? new ClientMistake('invalid_value', 'wrong') : mistakeOf(issue, place)
}

function mistakeOf(issue: z.core.$ZodIssue, place: string): ClientMistake {
  const at = placeOf(issue.path, place)
  if (issue.code === 'unrecognized_keys') {
    const param = placeOf([...issue.path, issue.keys[0] ?? ''], place)
    return new ClientMistake('unknown_parameter', `unknown field: ${param.slice(0, 80)}`, param)
  }
  const code = issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value'
  return new ClientMistake(code, `${at === '' ? 'the body' : at}: ${issue.message}`, at || null)
}

function placeOf(path: readonly PropertyKey[], place: string): string {
  return path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`
    return before === '' ? String(key) : `${before}.${String(key)}`
  }, place)
}
