/**
 * Reads numbers and strings from a file that cannot be trusted, in order, and never past its end.
 *
 * @packageDocumentation
 */
import { readSync } from 'node:fs'
import { Fault } from '../errors.ts'

/** A file at rest: the same bytes on every read. */
export interface ByteSource {
  readonly bytes: number
  /** Exactly `length` bytes from `offset`; both lie inside. The result may be a view. */
  read(offset: number, length: number): Uint8Array
}

export function invalid(message: string): Fault {
  return new Fault('ENGINE_MODEL_INVALID', `the file is not a sound GGUF: ${message}`)
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    bytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  }
}

/** Over an open descriptor, by position. What was read is the caller's to zero. */
export function descriptorSource(descriptor: number, bytes: number): ByteSource {
  return {
    bytes,
    read: (offset, length) => {
      const buffer = Buffer.alloc(length)
      let done = 0
      while (done < length) {
        const count = readSync(descriptor, buffer, done, length - done, offset + done)
        if (count === 0) throw invalid(`it ends at byte ${offset + done} of ${bytes}`)
        done += count
      }
      return buffer
    },
  }
}

const WINDOW_BYTES = 65_536

export class ByteReader {
  position = 0
  readonly #source: ByteSource
  #window: DataView = new DataView(new ArrayBuffer(0))
  #start = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  get bytesLeft(): number {
    return this.#source.bytes - this.position
  }

  /** @throws Fault when fewer than `length` bytes are left. */
  demand(length: number, what: string): void {
    if (length > this.bytesLeft) {
      throw invalid(
        `${what} at byte ${this.position} needs ${length} bytes, ${this.bytesLeft} are left`,
      )
    }
  }

  /** Moves past `length` bytes, at most a window, and gives where they begin in the window. */
  #take(length: number, what: string): number {
    this.demand(length, what)
    const offset = this.position - this.#start
    this.position += length
    if (offset + length <= this.#window.byteLength) return offset
    this.#start = this.position - length
    const bytes = this.#source.read(
      this.#start,
      Math.min(WINDOW_BYTES, this.#source.bytes - this.#start),
    )
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return 0
  }

  skip(length: number, what: string): void {
    this.demand(length, what)
    this.position += length
  }

  u8(what: string): number {
    const offset = this.#take(1, what)
    return this.#window.getUint8(offset)
  }

  i8(what: string): number {
    const offset = this.#take(1, what)
    return this.#window.getInt8(offset)
  }

  u16(what: string): number {
    const offset = this.#take(2, what)
    return this.#window.getUint16(offset, true)
  }

  i16(what: string): number {
    const offset = this.#take(2, what)
    return this.#window.getInt16(offset, true)
  }

  u32(what: string): number {
    const offset = this.#take(4, what)
    return this.#window.getUint32(offset, true)
  }

  i32(what: string): number {
    const offset = this.#take(4, what)
    return this.#window.getInt32(offset, true)
  }

  f32(what: string): number {
    const offset = this.#take(4, what)
    return this.#window.getFloat32(offset, true)
  }

  f64(what: string): number {
    const offset = this.#take(8, what)
    return this.#window.getFloat64(offset, true)
  }

  /** @throws Fault when the number is above 2^53 − 1; no count or offset in a real file is. */
  u64(what: string): number {
    const offset = this.#take(8, what)
    const high = this.#window.getUint32(offset + 4, true)
    if (high >= 2 ** 21) throw invalid(`${what} is above 2^53`)
    return high * 2 ** 32 + this.#window.getUint32(offset, true)
  }

  i64(what: string): number {
    const offset = this.#take(8, what)
    const number = this.#window.getBigInt64(offset, true)
    if (number !== BigInt.asIntN(54, number)) throw invalid(`${what} is beyond 2^53`)
    return Number(number)
  }

  /** A length and so many bytes, one character for each byte. */
  latin1(maxBytes: number, what: string): string {
    const bytes = this.#string(maxBytes, what)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  }

  utf8(maxBytes: number, what: string): string {
    try {
      return UTF8.decode(this.#string(maxBytes, what))
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown
      throw invalid(`${what} is not UTF-8`)
    }
  }

  #string(maxBytes: number, what: string): Uint8Array {
    const length = this.u64(`the length of ${what}`)
    if (length > maxBytes) throw invalid(`${what} has ${length} bytes, at most ${maxBytes} may be`)
    if (length <= WINDOW_BYTES) {
      const offset = this.#take(length, what)
      return new Uint8Array(this.#window.buffer, this.#window.byteOffset + offset, length)
    }
    this.demand(length, what)
    this.position += length
    return this.#source.read(this.position - length, length)
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
