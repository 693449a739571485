/**
 * When to dial a peer again: at once after a long life, later and later after short ones.
 *
 * @packageDocumentation
 */
export interface RedialTiming {
  readonly firstMs: number
  readonly maxMs: number
  /** A connection that was of use for this long starts again with `firstMs`. */
  readonly goodLifeMs: number
}

export const REDIAL: RedialTiming = { firstMs: 100, maxMs: 2000, goodLifeMs: 5000 }

/** The wait before the next dial, from the last wait and how long the connection was of use. */
export function nextDelayMs(lastMs: number, usefulMs: number, timing: RedialTiming): number {
  if (usefulMs >= timing.goodLifeMs || lastMs === 0) return timing.firstMs
  return Math.min(timing.maxMs, lastMs * 2)
}

export class Redial {
  readonly #timing: RedialTiming
  readonly #dial: () => void
  #delayMs = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(dial: () => void, timing: RedialTiming = REDIAL) {
    this.#dial = dial
    this.#timing = timing
  }

  after(usefulMs: number): void {
    if (this.#stopped) return
    this.#delayMs = nextDelayMs(this.#delayMs, usefulMs, this.#timing)
    this.#timer = setTimeout(this.#dial, this.#delayMs)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
