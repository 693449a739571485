/**
 * What each slot holds and whose it is: the record that `slots.ts` decides from.
 *
 * Tokens of a client who lost the slot are overwritten here as they are in the key/value cache.
 *
 * @packageDocumentation
 */
import type { SlotState } from './slots.ts'

interface Entry {
  owner: string | null
  busy: boolean
  readonly content: Uint32Array
  filled: number
  fixedTokens: number
  usedAt: number
}

export class SlotTable {
  readonly #entries: readonly Entry[]
  #clock = 0

  constructor(slots: number, contextTokens: number) {
    this.#entries = Array.from({ length: slots }, () => ({
      owner: null,
      busy: false,
      content: new Uint32Array(contextTokens),
      filled: 0,
      fixedTokens: 0,
      usedAt: 0,
    }))
  }

  states(): SlotState[] {
    return this.#entries.map(({ owner, busy, content, filled, fixedTokens, usedAt }, slot) => ({
      slot,
      owner,
      busy,
      tokens: content.subarray(0, filled),
      fixedTokens,
      usedAt,
    }))
  }

  /**
   * `kept` are the tokens that the slot holds now; whatever it held beyond them is forgotten.
   *
   * @param fixedTokens - How many of them were computed with fixed cuts, as far as is known.
   */
  take(slot: number, client: string, kept: Uint32Array, fixedTokens = 0): void {
    const entry = this.#entry(slot)
    entry.content.fill(0, kept.length)
    entry.content.set(kept)
    Object.assign(entry, {
      owner: client,
      busy: true,
      filled: kept.length,
      fixedTokens: Math.min(fixedTokens, kept.length),
    })
  }

  append(slot: number, ids: Uint32Array): void {
    const entry = this.#entry(slot)
    entry.content.set(ids, entry.filled)
    entry.filled += ids.length
  }

  /** Kept for an answer that begins later; it holds what it held, and is still whose it was. */
  hold(slot: number): void {
    this.#entry(slot).busy = true
  }

  fixedTokens(slot: number): number {
    return this.#entry(slot).fixedTokens
  }

  /** The first tokens of the slot were computed with fixed cuts. */
  noteFixed(slot: number, tokens: number): void {
    this.#entry(slot).fixedTokens = tokens
  }

  release(slot: number): void {
    const entry = this.#entry(slot)
    entry.busy = false
    entry.usedAt = ++this.#clock
  }

  /** After a fault: what the slot holds is not known, so the next one overwrites it. */
  forget(slot: number): void {
    const entry = this.#entry(slot)
    entry.content.fill(0)
    Object.assign(entry, { owner: null, busy: false, filled: 0, fixedTokens: 0 })
  }

  /** Another answer to the prompt of `from` goes on in `to`. */
  copy(from: number, to: number): void {
    const { owner, content, filled, fixedTokens } = this.#entry(from)
    if (owner === null) throw new RangeError(`slot ${from} has no owner`)
    this.take(to, owner, content.subarray(0, filled), fixedTokens)
  }

  /** The job of `from` goes on in `to`; what is left in `from` stays its client's. */
  move(from: number, to: number): void {
    this.copy(from, to)
    this.release(from)
  }

  #entry(slot: number): Entry {
    const entry = this.#entries[slot]
    if (entry === undefined) throw new RangeError(`slot ${slot} of ${this.#entries.length}`)
    return entry
  }
}
