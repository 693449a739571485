/**
 * Seats in the engine: a counter, and a bounded line of those who wait for one.
 *
 * @packageDocumentation
 */
export class Seats {
  readonly #max: number
  readonly #maxWaiting: number
  readonly #waiting = new Set<() => void>()
  #taken = 0

  constructor(max: number, maxWaiting: number) {
    this.#max = max
    this.#maxWaiting = maxWaiting
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.size
  }

  take(): boolean {
    if (this.#taken >= this.#max) return false
    this.#taken++
    return true
  }

  /** Waits in line. @returns false when the line is full or the signal came first. */
  async wait(signal: AbortSignal): Promise<boolean> {
    if (this.take()) return true
    if (this.#waiting.size >= this.#maxWaiting || signal.aborted) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const seated = () => {
      resolve(true)
    }
    const leave = () => {
      this.#waiting.delete(seated)
      resolve(false)
    }
    this.#waiting.add(seated)
    signal.addEventListener('abort', leave, { once: true })
    const got = await promise
    signal.removeEventListener('abort', leave)
    return got
  }

  /** Gives the seat to the first in line, or back. */
  free(): void {
    const [first] = this.#waiting
    if (first === undefined) {
      this.#taken--
      return
    }
    this.#waiting.delete(first)
    first()
  }
}
