/**
 * When two spellings are one value: for the hash, the pseudonym and what a client sent itself.
 *
 * @packageDocumentation
 */
import type { OutputClass } from '../classes.ts'

/** Classes whose values are the same however their groups are set apart. Dots of a date and of an IP address mean something. */
const UNSEPARATED: ReadonlySet<OutputClass> = new Set([
  'phone',
  'card',
  'bank',
  'national-id',
  'health',
])

/** Classes in which the case of a letter is part of the value. */
const CASED: ReadonlySet<OutputClass> = new Set(['secret', 'known-secret', 'crypto', 'pattern'])

export function canonicalOf(outputClass: OutputClass, value: string): string {
  const folded = CASED.has(outputClass) ? value : value.normalize('NFKC').toLowerCase()
  return UNSEPARATED.has(outputClass) ? lettersOf(folded) : folded
}

/** Its letters and digits. */
export function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]+/gu, '')
}
