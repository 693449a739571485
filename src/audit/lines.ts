/**
 * Cuts a stream of bytes into lines without holding more than one of them.
 *
 * Bytes after the last newline are the tail: they are counted and hashed, and held only as far as
 * a line may go.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { MAX_LINE_BYTES } from './record.ts'

const NEWLINE = 0x0a

export class LineCutter {
  #held: Uint8Array[] = []
  #heldBytes = 0
  #tail = createHash('sha256')

  /** The lines that these bytes complete, without newline; null for one that is too long. */
  push(chunk: Uint8Array): (Buffer | null)[] {
    const lines: (Buffer | null)[] = []
    let at = 0
    let end = chunk.indexOf(NEWLINE)
    while (end !== -1) {
      lines.push(this.#complete(chunk.subarray(at, end)))
      at = end + 1
      end = chunk.indexOf(NEWLINE, at)
    }
    this.#hold(chunk.subarray(at))
    return lines
  }

  /** Bytes after the last newline, and their SHA-256 in hex. Ends the use of the cutter. */
  tail(): { readonly bytes: number; readonly sha256: string } {
    return { bytes: this.#heldBytes, sha256: this.#tail.digest('hex') }
  }

  #complete(last: Uint8Array): Buffer | null {
    const tooLong = this.#heldBytes + last.length >= MAX_LINE_BYTES
    const line = tooLong ? null : Buffer.concat([...this.#held, last])
    if (this.#heldBytes > 0) this.#tail = createHash('sha256')
    this.#held = []
    this.#heldBytes = 0
    return line
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#tail.update(bytes)
    // A copy: the caller may use the memory of its chunk again.
    if (this.#heldBytes < MAX_LINE_BYTES) this.#held.push(Uint8Array.from(bytes))
    this.#heldBytes += bytes.length
  }
}
