/**
 * From the file key to the keys of one payload: HKDF-Expand-SHA-512, as C2SP chunked encryption
 * says for Cobblestone-256.
 *
 *     key (32) ‖ base nonce (12) ‖ commitment (32) =
 *       HKDF-Expand(prk = file key,
 *                   info = LABEL ‖ salt ‖ context)
 *
 * Node has no Expand without Extract, so the two HMACs are made here.
 *
 * @packageDocumentation
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Fault } from '../errors.ts'
import {
  COMMITMENT_BYTES,
  FILE_KEY_BYTES,
  HEADER_BYTES,
  NONCE_BYTES,
  SALT_BYTES,
} from './layout.ts'

const LABEL = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0', 'latin1')
const KEY_BYTES = 32

/** Secrets of one payload. Whoever derives them wipes them. */
export interface PayloadKeys {
  readonly key: Buffer
  readonly baseNonce: Buffer
  readonly commitment: Buffer
  wipe(): void
}

/** @throws Fault `VAULT_WRONG_KEY` when the file key is not 32 bytes. */
export function deriveKeys(
  fileKey: Uint8Array,
  salt: Uint8Array,
  context: Uint8Array,
): PayloadKeys {
  if (fileKey.length !== FILE_KEY_BYTES) {
    throw new Fault('VAULT_WRONG_KEY', `a file key of ${fileKey.length} bytes, it has 32`)
  }
  const secrets = expand(fileKey, Buffer.concat([LABEL, salt, context]))
  return {
    key: secrets.subarray(0, KEY_BYTES),
    baseNonce: secrets.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
    commitment: secrets.subarray(
      KEY_BYTES + NONCE_BYTES,
      KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES,
    ),
    wipe: () => void secrets.fill(0),
  }
}

/**
 * The keys of a payload whose header was read.
 *
 * @param header - The first 56 bytes of the payload; fewer when it ends before.
 * @throws Fault `VAULT_DAMAGED` for a header cut short; `VAULT_WRONG_KEY` when the commitment is not
 * the one of this key, salt and context.
 */
export function keysOfHeader(
  header: Uint8Array,
  fileKey: Uint8Array,
  context: Uint8Array,
): PayloadKeys {
  if (header.length < HEADER_BYTES) {
    throw new Fault('VAULT_DAMAGED', `the sealed payload ends after ${header.length} bytes`)
  }
  const keys = deriveKeys(fileKey, header.subarray(0, SALT_BYTES), context)
  if (timingSafeEqual(keys.commitment, header.subarray(SALT_BYTES, HEADER_BYTES))) return keys
  keys.wipe()
  throw new Fault(
    'VAULT_WRONG_KEY',
    'the sealed payload was not made with this key and this manifest',
  )
}

/** Two blocks of HKDF-Expand-SHA-512: 128 bytes, of which the first 76 are used. */
function expand(prk: Uint8Array, info: Buffer): Buffer {
  const first = createHmac('sha512', prk).update(info).update(Buffer.of(1)).digest()
  const second = createHmac('sha512', prk).update(first).update(info).update(Buffer.of(2)).digest()
  const both = Buffer.alloc(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  first.fill(0)
  second.fill(0)
  return both
}
