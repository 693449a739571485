/**
 * The audit chain: each record commits to the one before it.
 *
 *     link(n)  = SHA-256( "secure-llm/audit/v1" || 0x00 || link(n-1) || body(n) )
 *     link(-1) = 32 zero bytes
 *
 * What it gives: changing, removing, adding or moving a record changes every later link.
 * What it does not give: whoever can write the file can cut its tail off, or rewrite it from any
 * record on with fresh links, and leave a chain that holds. Seeing that is a checkpoint's work: a
 * signature kept elsewhere remembers the length and the head.
 *
 * Pure: no files, no clock, no keys. Format: docs/spec/audit-log.md.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'

const DOMAIN = Buffer.from('secure-llm/audit/v1\0', 'ascii')

/** Bytes of a link: SHA-256. */
export const LINK_BYTES = 32

export const FIRST_LINK: Uint8Array = new Uint8Array(LINK_BYTES)

/** @param body - The canonical text of the record without its link, as UTF-8. */
export function nextLink(previous: Uint8Array, body: Uint8Array): Buffer {
  return createHash('sha256').update(DOMAIN).update(previous).update(body).digest()
}
