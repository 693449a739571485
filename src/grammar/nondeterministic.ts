/**
 * A pattern as a nondeterministic automaton that searches: anything, the pattern, anything.
 *
 * `^` and `$` are edges without a character that may be passed at the first place or at the end
 * only, so they are exact wherever the pattern has them.
 *
 * @packageDocumentation
 */
import { EVERYTHING, type CodePoints } from './code-points.ts'
import { NOWHERE, SchemaFault, type Budget } from './limits.ts'
import type { Pattern } from './string-pattern.ts'

export type Passage = 'always' | 'start' | 'end'

interface State {
  readonly edges: { readonly set: CodePoints; readonly to: number }[]
  readonly passages: { readonly when: Passage; readonly to: number }[]
}

const MOST_STATES = 20_000

export class Nondeterministic {
  readonly states: State[] = []
  readonly start: number
  /** Reached when the pattern was found; everything may follow. */
  readonly accept: number
  readonly #budget: Budget

  constructor(pattern: Pattern, budget: Budget) {
    this.#budget = budget
    this.start = this.#state()
    this.#edge(this.start, EVERYTHING, this.start)
    this.accept = this.#build(pattern, this.start)
    this.#edge(this.accept, EVERYTHING, this.accept)
  }

  #state(): number {
    this.#budget.spend(1)
    if (this.states.length >= MOST_STATES) {
      throw new SchemaFault('pattern', NOWHERE, `a pattern of more than ${MOST_STATES} steps`)
    }
    this.states.push({ edges: [], passages: [] })
    return this.states.length - 1
  }

  #edge(from: number, set: CodePoints, to: number): void {
    this.states[from]?.edges.push({ set, to })
  }

  #pass(from: number, to: number, when: Passage = 'always'): void {
    this.states[from]?.passages.push({ when, to })
  }

  /** Adds the pattern behind a state. @returns The state where it has been read. */
  #build(pattern: Pattern, from: number): number {
    const to = this.#state()
    switch (pattern.kind) {
      case 'set':
        this.#edge(from, pattern.set, to)
        return to
      case 'start':
      case 'end':
        this.#pass(from, to, pattern.kind)
        return to
      case 'sequence':
        this.#pass(
          pattern.items.reduce((at, item) => this.#build(item, at), from),
          to,
        )
        return to
      case 'choice':
        for (const item of pattern.items) this.#pass(this.#build(item, this.#after(from)), to)
        return to
      case 'repeat':
        return this.#repeat(pattern, from, to)
    }
  }

  /** A fresh state behind another, so that a loop inside does not leak out of it. */
  #after(from: number): number {
    const fresh = this.#state()
    this.#pass(from, fresh)
    return fresh
  }

  #repeat(pattern: Pattern & { kind: 'repeat' }, from: number, to: number): number {
    let at = this.#after(from)
    for (let count = 0; count < pattern.min; count++) at = this.#build(pattern.item, at)
    if (pattern.max === Infinity) {
      const loop = this.#after(at)
      this.#pass(this.#build(pattern.item, this.#after(loop)), loop)
      this.#pass(loop, to)
      return to
    }
    for (let count = pattern.min; count < pattern.max; count++) {
      this.#pass(at, to)
      at = this.#build(pattern.item, this.#after(at))
    }
    this.#pass(at, to)
    return to
  }

  /** Adds what can be reached without a character to `found`, by these kinds of passages. */
  close(found: Set<number>, kinds: readonly Passage[]): Set<number> {
    const open = [...found]
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      for (const { when, to } of this.states[state]?.passages ?? []) {
        this.#budget.spend(1)
        if (!kinds.includes(when) || found.has(to)) continue
        found.add(to)
        open.push(to)
      }
    }
    // What was found stays found: the other ways to find it need no following.
    return found.has(this.accept) ? new Set([this.accept]) : found
  }
}
