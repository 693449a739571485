/**
 * Every pattern of the rules and decoders by its name, for whoever proves that none is super-linear.
 *
 * Sticky ones are asked at one place only; what they cost there is what counts.
 *
 * @packageDocumentation
 */
import { ENCODINGS } from './encodings.ts'
import { RULES } from './rules.ts'

export const INPUT_PATTERNS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  ...RULES.map(({ class: found, row, pattern }) => ({ name: `input.${found}.${row}`, pattern })),
  ...ENCODINGS.map(({ row, candidate }) => ({ name: `input.encoded.${row}`, pattern: candidate })),
]
