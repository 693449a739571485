/**
 * Those who wait for one thing to come, each for a bounded time.
 *
 * @packageDocumentation
 */
import type { Fault } from '../errors.ts'

interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
}

export class Waiters<T> {
  readonly #maxMs: number
  readonly #lateFault: () => Fault
  readonly #waiting = new Set<Waiter<T>>()

  constructor(maxMs: number, lateFault: () => Fault) {
    this.#maxMs = maxMs
    this.#lateFault = lateFault
  }

  /** @throws What `reject` gives, the fault of being late, or the signal's reason. */
  async wait(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const waiter = { resolve, reject }
    this.#waiting.add(waiter)
    const timer = setTimeout(() => {
      reject(this.#lateFault())
    }, this.#maxMs)
    const leave = () => {
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      this.#waiting.delete(waiter)
    }
  }

  resolve(value: T): void {
    for (const { resolve } of this.#waiting) resolve(value)
  }

  reject(fault: Fault): void {
    for (const { reject } of this.#waiting) reject(fault)
  }
}
