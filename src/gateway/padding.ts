/**
 * Random characters beside a piece of streamed text, so that its length on the network does not tell
 * the token.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'

const PADDED_BYTES = 32

/** @returns what is missing to the next multiple of 32 bytes of the text, spelled as JSON. */
export function padding(text: string): string {
  const bytes = Buffer.byteLength(JSON.stringify(text)) - 2
  const missing = PADDED_BYTES - (bytes % PADDED_BYTES)
  return randomBytes(PADDED_BYTES).toString('base64url').slice(0, missing)
}
