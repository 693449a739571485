/**
 * Sealed payloads as streams: C2SP chunked encryption, Cobblestone-256, with node:crypto alone.
 *
 * What it gives: bytes that are handed out were authenticated, in their place, under this key and
 * context; a payload that was cut, extended or rearranged ends in a fault, however the source is
 * cut. What it does not give: secrecy of the plaintext in memory beyond wiping its own buffers (it
 * passes through the garbage collector's heap; open.ts avoids that), and the end: until the
 * generator returns, the plaintext may turn out to be a part only.
 *
 * @packageDocumentation
 * @see docs/spec/sealed-model.md
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Fault } from '../errors.ts'
import { deriveKeys, keysOfHeader, type PayloadKeys } from './derivation.ts'
import {
  CHUNK_BYTES,
  HEADER_BYTES,
  NONCE_BYTES,
  SALT_BYTES,
  SEALED_CHUNK_BYTES,
  TAG_BYTES,
  writeNonce,
} from './layout.ts'

export {
  CHUNK_BYTES,
  FILE_KEY_BYTES,
  HEADER_BYTES,
  MAX_PLAIN_BYTES,
  plainLength,
  sealedLength,
  TAG_BYTES,
} from './layout.ts'

type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

const CIPHER = 'aes-256-gcm'

/**
 * Seals a stream: yields the header of 56 bytes, then one buffer for each chunk.
 *
 * @param source - Plaintext in any cut. Its buffers stay the caller's: wipe them after use.
 * @param fileKey - 32 random bytes, used for this payload only.
 * @param context - What the payload is bound to: the 32 bytes of `manifestContext`.
 */
export async function* sealPayload(
  source: Source,
  fileKey: Uint8Array,
  context: Uint8Array,
): AsyncGenerator<Buffer, void, undefined> {
  const salt = randomBytes(SALT_BYTES)
  const keys = deriveKeys(fileKey, salt, context)
  try {
    yield Buffer.concat([salt, keys.commitment])
    let chunk = 0
    for await (const piece of regroup(source, CHUNK_BYTES, CHUNK_BYTES)) {
      yield sealChunk(keys, chunk++, piece)
    }
  } finally {
    keys.wipe()
  }
}

/**
 * Opens a stream: yields the plaintext of each chunk. A yielded buffer is **overwritten with zeros
 * when the next one is asked for**; copy what must live longer.
 *
 * @param source - The payload in any cut.
 * @throws Fault `VAULT_WRONG_KEY` before the first chunk, `VAULT_DAMAGED` from then on.
 */
export async function* openPayload(
  source: Source,
  fileKey: Uint8Array,
  context: Uint8Array,
): AsyncGenerator<Buffer, void, undefined> {
  let keys: PayloadKeys | undefined
  try {
    let chunk = 0
    for await (const piece of regroup(source, HEADER_BYTES, SEALED_CHUNK_BYTES)) {
      if (keys === undefined) {
        keys = keysOfHeader(piece, fileKey, context)
        continue
      }
      const plain = openChunk(keys, chunk++, piece)
      try {
        if (plain.length > 0) yield plain
      } finally {
        plain.fill(0)
      }
    }
  } finally {
    keys?.wipe()
  }
}

function sealChunk(keys: PayloadKeys, chunk: number, plain: Uint8Array): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  writeNonce(nonce, keys.baseNonce, chunk)
  const cipher = createCipheriv(CIPHER, keys.key, nonce)
  const body = cipher.update(plain)
  cipher.final()
  return Buffer.concat([body, cipher.getAuthTag()])
}

/**
 * The plaintext of one chunk, in a buffer of its own that the caller wipes.
 *
 * @param sealed - Body and tag, 16 to 16,400 bytes.
 * @throws Fault `VAULT_DAMAGED`; what was decrypted before the tag failed is wiped.
 */
export function openChunk(keys: PayloadKeys, chunk: number, sealed: Uint8Array): Buffer {
  const bodyBytes = sealed.length - TAG_BYTES
  if (bodyBytes < 0) {
    throw new Fault('VAULT_DAMAGED', `the sealed payload ends inside chunk ${chunk}`)
  }
  const nonce = Buffer.alloc(NONCE_BYTES)
  writeNonce(nonce, keys.baseNonce, chunk)
  const decipher = createDecipheriv(CIPHER, keys.key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(sealed.subarray(bodyBytes))
  const plain = decipher.update(sealed.subarray(0, bodyBytes))
  try {
    decipher.final()
    return plain
  } catch {
    plain.fill(0)
    throw damagedChunk(chunk)
  }
}

/** The one thing that is said of a chunk whose tag does not hold. */
export function damagedChunk(chunk: number): Fault {
  return new Fault('VAULT_DAMAGED', `chunk ${chunk} of the sealed payload is not what was sealed`)
}

/**
 * Cuts a stream anew: a first piece of `firstBytes`, then pieces of `pieceBytes`, then one that is
 * shorter (it may be empty). A stream that ends inside the first piece gives only that.
 *
 * A piece is a view of one staging buffer: it is valid until the next is asked for, and zeros after
 * the end.
 */
async function* regroup(
  source: Source,
  firstBytes: number,
  pieceBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const staging = Buffer.alloc(Math.max(firstBytes, pieceBytes))
  let wanted = firstBytes
  let held = 0
  try {
    for await (const bytes of source) {
      for (let at = 0; at < bytes.length;) {
        const taken = Math.min(wanted - held, bytes.length - at)
        staging.set(bytes.subarray(at, at + taken), held)
        at += taken
        held += taken
        if (held < wanted) continue
        yield staging.subarray(0, wanted)
        held = 0
        wanted = pieceBytes
      }
    }
    yield staging.subarray(0, held)
  } finally {
    staging.fill(0)
  }
}
