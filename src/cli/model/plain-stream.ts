/**
 * Plain bytes on their way into a seal: counted, hashed, and overwritten behind the reader.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { Fault } from '../../errors.ts'

export interface PlainDigest {
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

export interface MeasuredPlain {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>
  /** After the last chunk. */
  readonly digest: () => PlainDigest
}

/**
 * Passes the stream on, hashing it. Each buffer is overwritten with zeros when the next one is
 * asked for: the plain text of a private model stays in memory for as long as one buffer takes.
 */
export function measurePlain(
  source: AsyncIterable<Uint8Array>,
  onBytes: (doneBytes: number) => void = () => undefined,
): MeasuredPlain {
  const hash = createHash('sha256')
  let bytes = 0
  async function* pass() {
    for await (const chunk of source) {
      try {
        hash.update(chunk)
        bytes += chunk.length
        onBytes(bytes)
        yield chunk
      } finally {
        chunk.fill(0)
      }
    }
  }
  return { chunks: pass(), digest: () => ({ bytes, sha256: hash.digest('hex') }) }
}

/** Passes the stream on and keeps a copy of its start, which the caller overwrites. */
export function keepStart(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): { chunks: AsyncGenerator<Uint8Array, void, undefined>; start: () => Buffer } {
  const kept = Buffer.alloc(maxBytes)
  let bytes = 0
  async function* pass() {
    for await (const chunk of source) {
      const part = chunk.subarray(0, maxBytes - bytes)
      kept.set(part, bytes)
      bytes += part.length
      yield chunk
    }
  }
  return { chunks: pass(), start: () => kept.subarray(0, bytes) }
}

/**
 * Passes on a stream that must be exactly these bytes: one byte too many stops it at once, the rest
 * shows at the end.
 *
 * @throws Fault `DOWNLOAD_MISMATCH`; what was made of the stream must be thrown away.
 */
export async function* checkPlain(
  source: AsyncIterable<Uint8Array>,
  expected: PlainDigest,
  onBytes: (doneBytes: number) => void = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const measured = measurePlain(source, (doneBytes) => {
    if (doneBytes > expected.bytes) {
      throw new Fault('DOWNLOAD_MISMATCH', `more than the expected ${expected.bytes} bytes came`)
    }
    onBytes(doneBytes)
  })
  yield* measured.chunks
  const { bytes, sha256 } = measured.digest()
  if (bytes !== expected.bytes) {
    throw new Fault('DOWNLOAD_MISMATCH', `${bytes} bytes came, ${expected.bytes} are expected`)
  }
  if (sha256 !== expected.sha256) {
    throw new Fault(
      'DOWNLOAD_MISMATCH',
      `the SHA-256 is ${sha256.slice(0, 16)}…, ${expected.sha256.slice(0, 16)}… is expected`,
    )
  }
}

const READ_BYTES = 256 * 1024

/** A file's bytes through one buffer of our own, so that nothing stays in a pool. */
export async function* readPlainFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path)
  const buffer = Buffer.alloc(READ_BYTES)
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    buffer.fill(0)
    await file.close()
  }
}
