/**
 * Where things are in a sealed payload: sizes, offsets, nonces. Numbers only.
 *
 *     payload = salt (24) ‖ commitment (32) ‖ chunk 0 ‖ chunk 1 ‖ … ‖ final chunk
 *     chunk   = AES-256-GCM of 16,384 bytes, then a tag of 16; the final one holds 0 to 16,383 bytes
 *
 * Lengths are plain numbers: the largest payload, 4 PiB less one byte, is below 2^53.
 *
 * @packageDocumentation
 * @see docs/spec/sealed-model.md
 */
import { Fault } from '../errors.ts'

export const CHUNK_BYTES = 16_384
export const TAG_BYTES = 16
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
export const SALT_BYTES = 24
export const COMMITMENT_BYTES = 32
export const HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES
export const FILE_KEY_BYTES = 32
export const NONCE_BYTES = 12
export const MAX_CHUNKS = 2 ** 38
export const MAX_PLAIN_BYTES = MAX_CHUNKS * CHUNK_BYTES - 1

const WORD = 2 ** 32

/** Chunks of a plaintext; the final one is always there and always short, even if it is empty. */
export function chunkCount(plainBytes: number): number {
  return Math.floor(plainBytes / CHUNK_BYTES) + 1
}

/** Offset of chunk `chunk` in the payload, in bytes. */
export function chunkOffset(chunk: number): number {
  return HEADER_BYTES + chunk * SEALED_CHUNK_BYTES
}

/**
 * Bytes of the payload that `plainBytes` of plaintext make.
 *
 * @throws RangeError for what is not a length, or is beyond 4 PiB less one byte.
 */
export function sealedLength(plainBytes: number): number {
  if (!Number.isSafeInteger(plainBytes) || plainBytes < 0 || plainBytes > MAX_PLAIN_BYTES) {
    throw new RangeError('a payload holds 0 to 2^52 - 1 bytes')
  }
  return HEADER_BYTES + plainBytes + chunkCount(plainBytes) * TAG_BYTES
}

/**
 * Bytes of plaintext in a payload of `sealedBytes`.
 *
 * @throws Fault `VAULT_DAMAGED` when no payload has this length: it was cut or extended.
 */
export function plainLength(sealedBytes: number): number {
  const body = sealedBytes - HEADER_BYTES
  const fullChunks = Math.floor(body / SEALED_CHUNK_BYTES)
  const finalBytes = body - fullChunks * SEALED_CHUNK_BYTES
  if (!Number.isSafeInteger(body) || body < 0 || fullChunks >= MAX_CHUNKS) {
    throw new Fault('VAULT_DAMAGED', `no sealed payload is ${sealedBytes} bytes long`)
  }
  if (finalBytes < TAG_BYTES) {
    throw new Fault('VAULT_DAMAGED', `a sealed payload of ${sealedBytes} bytes was cut or extended`)
  }
  return fullChunks * CHUNK_BYTES + finalBytes - TAG_BYTES
}

/**
 * Writes the nonce of a chunk: the base nonce with the chunk's number XORed into its last 38 bits.
 *
 * @param into - At least 12 bytes, written from its start.
 * @throws Fault `VAULT_DAMAGED` for a number of 2^38 or more, where nonces would repeat.
 */
export function writeNonce(into: Buffer, baseNonce: Buffer, chunk: number): void {
  if (chunk >= MAX_CHUNKS) {
    throw new Fault('VAULT_DAMAGED', 'a sealed payload has at most 2^38 chunks')
  }
  baseNonce.copy(into, 0, 0, NONCE_BYTES)
  into[7] = baseNonce.readUInt8(7) ^ Math.floor(chunk / WORD)
  into.writeUInt32BE((baseNonce.readUInt32BE(8) ^ (chunk % WORD)) >>> 0, 8)
}
