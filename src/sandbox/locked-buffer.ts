/**
 * A small piece of memory for a key: own pages, locked when the limit lets it, never in a core
 * dump, zeroed and unmapped at the end.
 *
 * @packageDocumentation
 */
import {
  ADVICE,
  adviseMemory,
  fillMemory,
  lockPages,
  MAP,
  mapMemory,
  pageBytes,
  PROTECTION,
  SystemCallError,
  unmapMemory,
  viewMemory,
} from './system.ts'

export class LockedBuffer {
  readonly address: bigint
  /** A Buffer over the memory itself; of length 0 after `release`. */
  readonly bytes: Buffer
  /** False when the limit of locked memory was used up. */
  readonly locked: boolean
  readonly #mappedBytes: number
  readonly #view: ArrayBuffer
  #released = false

  constructor(bytes: number) {
    if (!Number.isSafeInteger(bytes) || bytes < 1) throw new RangeError('bytes is 1 or more')
    this.#mappedBytes = Math.ceil(bytes / pageBytes()) * pageBytes()
    this.address = mapMemory(this.#mappedBytes, {
      protection: PROTECTION.read | PROTECTION.write,
      flags: MAP.private | MAP.anonymous,
    })
    if (this.address < 0n) throw new SystemCallError('mmap', -Number(this.address))
    this.locked = lockPages(this.address, this.#mappedBytes) === 0
    adviseMemory(this.address, this.#mappedBytes, ADVICE.dontDump)
    adviseMemory(this.address, this.#mappedBytes, ADVICE.wipeOnFork)
    this.#view = viewMemory(this.address, bytes)
    this.bytes = Buffer.from(this.#view)
  }

  /**
   * Zeroes and unmaps. Every view of the memory is detached first, so that a late reader finds
   * nothing instead of ending the process. Twice is harmless.
   */
  release(): void {
    if (this.#released) return
    this.#released = true
    fillMemory(this.address, 0, this.#mappedBytes)
    this.#view.transfer(0)
    unmapMemory(this.address, this.#mappedBytes)
  }
}
