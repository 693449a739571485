/**
 * Random characters beside a piece of streamed text, so that its length on the network does not tell
 * the token.
 *
 * What it gives: text and padding together have one of few lengths, the powers of two from 32 on, so
 * that almost every token has the same. What it does not give: the number of events, and their
 * times.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'

const LEAST_BYTES = 32
/** A text that was held back for long is padded in steps of this. */
export const MAX_PADDING_CHARS = 8192

/** @returns what is missing to the next of those lengths; the text is counted as JSON spells it. */
export function padding(text: string): string {
  const bytes = Buffer.byteLength(JSON.stringify(text)) - 2
  const missing = paddedBytes(bytes) - bytes
  return randomBytes(Math.ceil((missing * 3) / 4))
    .toString('base64url')
    .slice(0, missing)
}

function paddedBytes(bytes: number): number {
  if (bytes > MAX_PADDING_CHARS) return Math.ceil(bytes / MAX_PADDING_CHARS) * MAX_PADDING_CHARS
  let padded = LEAST_BYTES
  while (padded < bytes) padded *= 2
  return padded
}
