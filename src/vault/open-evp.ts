/**
 * Chunks decrypted straight to an address, by the OpenSSL that the running Node carries.
 *
 * Two ways with one face: EVP through koffi, where plaintext never enters the JavaScript heap, and
 * node:crypto with a copy, where the symbols are missing. The loop of the first makes four native
 * calls a chunk and little else, because the engine runs it without a JIT.
 *
 * What it does not give: any check of the addresses. open.ts makes them; a wrong one ends or
 * corrupts the process.
 *
 * @packageDocumentation
 */
import koffi from 'koffi'
import type { PayloadKeys } from './derivation.ts'
import { CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES, writeNonce } from './layout.ts'
import { damagedChunk, openChunk } from './payload.ts'

export type CipherName = 'evp' | 'node'

/** One thread's means of opening chunks. Always `close()` it: that wipes the key schedule. */
export interface ChunkOpener {
  /** Ciphertext is read into this buffer; the opener keeps it where it is. */
  readonly staging: Buffer
  /**
   * Opens the chunks in the first `bytes` of `staging`; the first one is number `chunk`, and its
   * plaintext goes to `address`, the next one's 16,384 bytes further on.
   *
   * @throws Fault `VAULT_DAMAGED`; plaintext that failed its check may stand at its place.
   */
  open(bytes: number, chunk: number, address: number): void
  close(): void
}

type Word = number | bigint | Buffer | null
type Call = (...words: Word[]) => unknown

const SET_TAG = 0x11

function loadLibrary() {
  const library = koffi.load(null)
  return (definition: string): Call => library.func(definition)
}

interface Evp {
  readonly create: Call
  readonly free: Call
  readonly cipher: Call
  readonly init: Call
  readonly control: Call
  readonly update: Call
  readonly final: Call
}

/** The symbols of this process's OpenSSL, or undefined when Node does not show them. */
function loadEvp(): Evp | undefined {
  try {
    const bind = loadLibrary()
    return {
      create: bind('void *EVP_CIPHER_CTX_new()'),
      free: bind('void EVP_CIPHER_CTX_free(void *)'),
      cipher: bind('void *EVP_aes_256_gcm()'),
      init: bind('int EVP_DecryptInit_ex(void *, void *, void *, void *, void *)'),
      control: bind('int EVP_CIPHER_CTX_ctrl(void *, int, int, void *)'),
      update: bind('int EVP_DecryptUpdate(void *, void *, void *, void *, int)'),
      final: bind('int EVP_DecryptFinal_ex(void *, void *, void *)'),
    }
  } catch {
    return undefined
  }
}

let evp: Evp | undefined
let evpLoaded = false

function evpOnce(): Evp | undefined {
  if (!evpLoaded) evp = loadEvp()
  evpLoaded = true
  return evp
}

/** Which of the two opens payloads in this process. */
export function availableCipher(): CipherName {
  return evpOnce() === undefined ? 'node' : 'evp'
}

/** @param cipher - `evp` throws where it is not available; see `availableCipher`. */
export function createOpener(
  cipher: CipherName,
  keys: PayloadKeys,
  stagingBytes: number,
): ChunkOpener {
  const staging = Buffer.allocUnsafeSlow(stagingBytes)
  if (cipher === 'node') return nodeOpener(keys, staging)
  const found = evpOnce()
  if (found === undefined) throw new TypeError('this Node does not show the symbols of OpenSSL')
  return evpOpener(found, keys, staging)
}

function evpOpener(call: Evp, keys: PayloadKeys, staging: Buffer): ChunkOpener {
  // 12 bytes of nonce and 4 of length, at a place that does not move.
  const scratch = Buffer.alloc(256)
  const nonceAt = koffi.address(scratch)
  const lengthAt = nonceAt + 16n
  const stagingAt = Number(koffi.address(staging))
  const context = wordOf(call.create())
  const cleanUp = () => void call.free(context)
  if (context === 0n || call.init(context, wordOf(call.cipher()), null, keys.key, null) !== 1) {
    cleanUp()
    throw new TypeError('OpenSSL gives no AES-256-GCM')
  }
  return {
    staging,
    open(bytes, firstChunk, address) {
      let chunk = firstChunk
      let to = address
      const end = stagingAt + bytes
      for (let from = stagingAt; from < end; from += SEALED_CHUNK_BYTES) {
        const body = Math.min(CHUNK_BYTES, end - from - TAG_BYTES)
        writeNonce(scratch, keys.baseNonce, chunk)
        if (
          call.init(context, null, null, null, nonceAt) !== 1 ||
          call.control(context, SET_TAG, TAG_BYTES, from + body) !== 1 ||
          (body > 0 && call.update(context, to, lengthAt, from, body) !== 1) ||
          call.final(context, to, lengthAt) !== 1
        ) {
          throw damagedChunk(chunk)
        }
        chunk += 1
        to += CHUNK_BYTES
      }
    },
    close: cleanUp,
  }
}

function nodeOpener(keys: PayloadKeys, staging: Buffer): ChunkOpener {
  return {
    staging,
    open(bytes, firstChunk, address) {
      for (let at = 0, chunk = firstChunk; at < bytes; at += SEALED_CHUNK_BYTES, chunk += 1) {
        const sealed = staging.subarray(at, Math.min(at + SEALED_CHUNK_BYTES, bytes))
        const plain = openChunk(keys, chunk, sealed)
        copyTo(address + (chunk - firstChunk) * CHUNK_BYTES, plain)
        plain.fill(0)
      }
    },
    close: () => undefined,
  }
}

let memcpy: Call | undefined
let memset: Call | undefined

function copyTo(address: number, bytes: Buffer): void {
  memcpy ??= loadLibrary()('void *memcpy(void *, void *, size_t)')
  if (bytes.length > 0) memcpy(address, bytes, bytes.length)
}

/** Overwrites memory with zeros. */
export function zeroAt(address: number, bytes: number): void {
  memset ??= loadLibrary()('void *memset(void *, int, size_t)')
  if (bytes > 0) memset(address, 0, bytes)
}

/** An address as koffi returns it: a bigint, or null for NULL. */
function wordOf(value: unknown): bigint {
  return typeof value === 'bigint' ? value : 0n
}
