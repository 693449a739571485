/**
 * How many refusals go into the record one by one.
 *
 * A stranger can break a rule thousands of times a second; each would cost an fsync and a line.
 * A bucket (in the keeper one for each socket, in the gateway one for wrong keys) lets the first
 * ones through, then one a second, and counts the rest: the next one that passes says how many did
 * not.
 *
 * Pure: the caller brings the clock.
 *
 * @packageDocumentation
 */

const BURST = 10
const REFILL_MS = 1000

export class RefusalBudget {
  #tokens = BURST
  #refilledMs: number
  #untold = 0

  constructor(nowMs: number) {
    this.#refilledMs = nowMs
  }

  /** Refusals not told since the last one that was, or null when this one is not to be told. */
  take(nowMs: number): number | null {
    const refills = Math.floor((nowMs - this.#refilledMs) / REFILL_MS)
    if (refills > 0) {
      this.#tokens = Math.min(BURST, this.#tokens + refills)
      this.#refilledMs += refills * REFILL_MS
    }
    if (this.#tokens === 0) {
      this.hold()
      return null
    }
    this.#tokens--
    return this.settle()
  }

  /** One that cannot be told now, whatever the bucket says: it is counted. */
  hold(): void {
    this.#untold++
  }

  /** What is still untold, for the last record of a run. */
  settle(): number {
    const untold = this.#untold
    this.#untold = 0
    return untold
  }
}
