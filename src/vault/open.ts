/**
 * Opens a sealed payload straight into memory: the way into the engine.
 *
 * What it gives: after it returns, every byte in the range was authenticated under this key and
 * manifest, in its place; on a fault the range holds zeros again. Plaintext does not enter the
 * JavaScript heap (with `evp`), derived keys and the key schedule are wiped.
 * What it does not give: locked memory (the caller maps and locks), or a parallel run by itself:
 * ranges of one payload can be opened by several threads, each with its own call.
 *
 * @packageDocumentation
 * @see docs/spec/sealed-model.md
 */
import { readSync } from 'node:fs'
import { Fault, reasonOf } from '../errors.ts'
import { keysOfHeader, type PayloadKeys } from './derivation.ts'
import {
  CHUNK_BYTES,
  chunkCount,
  chunkOffset,
  HEADER_BYTES,
  plainLength,
  SEALED_CHUNK_BYTES,
} from './layout.ts'
import { availableCipher, type CipherName, createOpener, zeroAt } from './open-evp.ts'

export { availableCipher, type CipherName } from './open-evp.ts'

/** Chunks read at once: a little over 1 MiB of ciphertext. */
const PIECE_CHUNKS = 64
const ADDRESS_END = 2n ** 53n

export interface OpenOptions {
  /** Of the sealed payload, open for reading; its position is neither used nor moved. */
  readonly descriptor: number
  /** Size of the sealed payload, from `fstat`. */
  readonly sealedBytes: number
  /** 32 bytes; the caller wipes them. */
  readonly fileKey: Uint8Array
  /** 32 bytes of `manifestContext`. */
  readonly context: Uint8Array
  /** Where byte 0 of the plaintext goes, for every range. Writable for `plainBytes`. */
  readonly address: bigint
  /** Size of the plaintext, from the manifest. */
  readonly plainBytes: number
  /** Called after each piece of about 1 MiB with the bytes of this range that are open. */
  readonly onProgress?: (doneBytes: number) => void
  /** `availableCipher()` by default. */
  readonly cipher?: CipherName
}

export interface OpenRangeOptions extends OpenOptions {
  readonly firstChunk: number
  /** Chunks of 16,384 bytes; those after the final chunk do not exist and are left out. */
  readonly chunks: number
}

/**
 * Opens the whole payload to `address`.
 *
 * @throws Fault `VAULT_WRONG_KEY` before anything is written; `VAULT_DAMAGED` for a payload that is
 * not as it was sealed, or not as long as the manifest says.
 */
export function openPayloadInto(options: OpenOptions): void {
  openRangeInto({ ...options, firstChunk: 0, chunks: chunkCount(options.plainBytes) })
}

/**
 * Opens some chunks to their places after `address`. The whole payload is authentic only when every
 * range of a partition was opened: the final chunk proves the length.
 *
 * @throws Fault as `openPayloadInto`. Only this range is zeroed then; other threads' ranges are theirs.
 */
export function openRangeInto(options: OpenRangeOptions): void {
  const base = checkedAddress(options)
  const keys = readKeys(options)
  try {
    checkLength(options)
    openRange(options, keys, base)
  } finally {
    keys.wipe()
  }
}

function checkedAddress(options: OpenRangeOptions): number {
  const { address, firstChunk, chunks, plainBytes } = options
  const numbers = [firstChunk, chunks, plainBytes]
  if (numbers.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    throw new RangeError('chunks and lengths are whole numbers')
  }
  if (address <= 0n || address + BigInt(plainBytes) > ADDRESS_END) {
    throw new RangeError('not an address of this process')
  }
  return Number(address)
}

function readKeys({ descriptor, sealedBytes, fileKey, context }: OpenOptions): PayloadKeys {
  const header = Buffer.alloc(Math.max(0, Math.min(HEADER_BYTES, sealedBytes)))
  readFully(descriptor, header, header.length, 0)
  return keysOfHeader(header, fileKey, context)
}

/** Memory safety hangs on this: what is written is what `plainBytes` says there is room for. */
function checkLength({ sealedBytes, plainBytes }: OpenOptions): void {
  const found = plainLength(sealedBytes)
  if (found !== plainBytes) {
    throw new Fault(
      'VAULT_DAMAGED',
      `the sealed payload holds ${found} bytes, its manifest says ${plainBytes}`,
    )
  }
}

function openRange(options: OpenRangeOptions, keys: PayloadKeys, base: number): void {
  const { descriptor, sealedBytes, plainBytes, firstChunk, onProgress } = options
  const endChunk = Math.min(firstChunk + options.chunks, chunkCount(plainBytes))
  if (endChunk <= firstChunk) return
  const start = firstChunk * CHUNK_BYTES
  const pieceChunks = Math.min(PIECE_CHUNKS, endChunk - firstChunk)
  const cipher = options.cipher ?? availableCipher()
  const opener = createOpener(cipher, keys, pieceChunks * SEALED_CHUNK_BYTES)
  const placeOf = (chunk: number) => Math.min(chunk * CHUNK_BYTES, plainBytes)
  let reached = firstChunk
  try {
    for (let chunk = firstChunk; chunk < endChunk; chunk = reached) {
      reached = Math.min(chunk + pieceChunks, endChunk)
      const offset = chunkOffset(chunk)
      const bytes = Math.min(chunkOffset(reached), sealedBytes) - offset
      readFully(descriptor, opener.staging, bytes, offset)
      opener.open(bytes, chunk, base + chunk * CHUNK_BYTES)
      onProgress?.(placeOf(reached) - start)
    }
  } catch (thrown) {
    zeroAt(base + start, placeOf(reached) - start)
    throw thrown
  } finally {
    opener.close()
  }
}

/** Reads `bytes` from `position`, in as many reads as it takes. */
function readFully(descriptor: number, into: Buffer, bytes: number, position: number): void {
  for (let done = 0; done < bytes;) {
    const read = readOnce(descriptor, into, done, bytes - done, position + done)
    if (read === 0) {
      throw new Fault('VAULT_DAMAGED', `the sealed payload ends after ${position + done} bytes`)
    }
    done += read
  }
}

function readOnce(
  descriptor: number,
  into: Buffer,
  at: number,
  bytes: number,
  position: number,
): number {
  try {
    return readSync(descriptor, into, at, bytes, position)
  } catch (cause) {
    throw new Fault('VAULT_DAMAGED', `the sealed payload cannot be read: ${reasonOf(cause)}`, {
      cause,
    })
  }
}
