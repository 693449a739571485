/**
 * What stands in the place of a match, by the action of its class.
 *
 * ```
 * mask [EMAIL]   hash [EMAIL:1f09ab]   partial ****1234   pseudonym [EMAIL_1]
 * ```
 *
 * What it gives: text without quotes, backslashes and control characters, so that JSON stays JSON.
 * What it does not give: hash, partial and pseudonym for a match whose end was not known when it was
 * masked (`then`); nobody has all of such a value, so it is masked.
 *
 * @packageDocumentation
 */
import { createHmac, randomBytes } from 'node:crypto'
import { OUTPUT_CLASSES, type OutputAction, type OutputClass } from '../classes.ts'
import { canonicalOf, lettersOf } from './canonical.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** Of this process: a hash tells that two values are the same, and cannot be looked up later. */
const HASH_KEY = randomBytes(32)
const HASH_CHARS = 6

const PARTIAL_CHARS = 4
/** Of a shorter value four characters would be too much of it. */
const MIN_PARTIAL_CHARS = 10

export interface Matched {
  readonly class: OutputClass
  readonly value: string
  readonly isWhole: boolean
}

/** @param action - One that changes the text. */
export function replacementOf(
  action: OutputAction,
  matched: Matched,
  pseudonyms: Pseudonyms,
): string {
  if (!matched.isWhole) return maskOf(matched.class)
  if (action === 'hash') return hashOf(matched)
  if (action === 'partial') return partOf(matched)
  if (action === 'pseudonym') return pseudonyms.nameOf(matched.class, matched.value)
  return maskOf(matched.class)
}

export function maskOf(outputClass: OutputClass): string {
  return `[${OUTPUT_CLASSES[outputClass].mask}]`
}

function hashOf(matched: Matched): string {
  const { mask } = OUTPUT_CLASSES[matched.class]
  const hash = createHmac('sha256', HASH_KEY)
    .update(`${mask}\n${canonicalOf(matched.class, matched.value)}`)
    .digest('hex')
  return `[${mask}:${hash.slice(0, HASH_CHARS)}]`
}

function partOf(matched: Matched): string {
  const letters = Array.from(lettersOf(matched.value))
  if (letters.length < MIN_PARTIAL_CHARS) return maskOf(matched.class)
  return `****${letters.slice(-PARTIAL_CHARS).join('')}`
}
