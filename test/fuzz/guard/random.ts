/**
 * Random choices that a seed repeats (mulberry32).
 *
 * @packageDocumentation
 */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0, below 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** From 0, below `bound`. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }

  happens(share: number): boolean {
    return this.fraction() < share
  }

  of<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    const chosen = choices[this.below(choices.length)]
    if (chosen === undefined) throw new Error('there is nothing to choose from')
    return chosen
  }

  /** The text in pieces: many short ones, or few long ones. */
  cut(text: string): readonly string[] {
    const longest = this.of([1, 3, 8, 40, 1000])
    const pieces: string[] = []
    for (let at = 0; at < text.length;) {
      const next = at + 1 + this.below(longest)
      pieces.push(text.slice(at, next))
      at = next
    }
    return pieces
  }
}
