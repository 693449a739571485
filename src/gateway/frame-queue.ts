/**
 * A queue between a socket that pushes and one reader that pulls.
 *
 * @packageDocumentation
 */
export class FrameQueue<T> {
  #items: T[] = []
  #failure: { readonly error: Error } | undefined
  #wake: (() => void) | undefined

  push(item: T): void {
    if (this.#failure !== undefined) return
    this.#items.push(item)
    this.#wake?.()
  }

  /** What is queued is still read; then the reader gets the error. The first call counts. */
  fail(error: Error): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  /** The reader gets the error at once. */
  abort(error: Error): void {
    this.#items = []
    this.#failure = { error }
    this.#wake?.()
  }

  get length(): number {
    return this.#items.length
  }

  /** Only one call may wait at a time. */
  async next(): Promise<T> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) return item
      if (this.#failure !== undefined) throw this.#failure.error
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
  }
}
