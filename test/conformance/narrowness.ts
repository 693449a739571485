/**
 * Why a grammar may leave out a valid value: the cases that docs/spec/grammar.md names, and no other.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

const Formatted = z.looseObject({ format: z.string() })

/** For each format, what of it is never written. */
const UNWRITTEN: Readonly<Record<string, RegExp>> = {
  // Leap seconds, and more digits of a second than nine.
  time: /:60|\.\d{10}/,
  'date-time': /:60|\.\d{10}/,
  // Quoted local parts, and addresses in brackets.
  email: /^"|@\[/,
  // Encoded international names, and labels beyond 30 characters.
  hostname: /^xn--|\.xn--|[^.]{31}/,
}

/** @returns The reason, or null when there is none and the grammar is wrong. */
export function narrownessOf(file: string, schema: unknown, data: unknown): string | null {
  if (typeof data === 'number' && Math.abs(data) > Number.MAX_SAFE_INTEGER) {
    return 'an integer that a double cannot hold'
  }
  const { data: formatted } = Formatted.safeParse(schema)
  if (formatted === undefined || typeof data !== 'string') return null
  if (file === 'format.json') return 'format is asserted'
  return UNWRITTEN[formatted.format]?.test(data) === true ? 'never written' : null
}
