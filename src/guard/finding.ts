/**
 * What the guard says of a text: a code and how often, never the text itself.
 *
 * @packageDocumentation
 */
export interface Finding {
  /** As `input.zero-width` or `output.email`; stable, goes to clients and to the record. */
  readonly code: string
  readonly count: number
}

/** Counts by code, in the order in which each code was first seen. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(code: string, count = 1): void {
    if (count > 0) this.#counts.set(code, (this.#counts.get(code) ?? 0) + count)
  }

  findings(): Finding[] {
    return [...this.#counts].map(([code, count]) => ({ code, count }))
  }
}
