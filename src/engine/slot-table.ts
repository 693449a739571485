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
      usedAt: 0,
    }))
  }

  states(): SlotState[] {
    return this.#entries.map(({ owner, busy, content, filled, usedAt }, slot) => ({
      slot,
      owner,
      busy,
      tokens: content.subarray(0, filled),
      usedAt,
    }))
  }

  /** `kept` are the tokens that the slot holds now; whatever it held beyond them is forgotten. */
  take(slot: number, client: string, kept: Uint32Array): void {
    const entry = this.#entry(slot)
    entry.content.fill(0, kept.length)
    entry.content.set(kept)
    Object.assign(entry, { owner: client, busy: true, filled: kept.length })
  }

  append(slot: number, ids: Uint32Array): void {
    const entry = this.#entry(slot)
    entry.content.set(ids, entry.filled)
    entry.filled += ids.length
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
    Object.assign(entry, { owner: null, busy: false, filled: 0 })
  }

  /** The job of `from` goes on in `to`; what is left in `from` stays its client's. */
  move(from: number, to: number): void {
    const { owner, content, filled } = this.#entry(from)
    if (owner === null) throw new RangeError(`slot ${from} has no owner`)
    this.take(to, owner, content.subarray(0, filled))
    this.release(from)
  }

  #entry(slot: number): Entry {
    const entry = this.#entries[slot]
    if (entry === undefined) throw new RangeError(`slot ${slot} of ${this.#entries.length}`)
    return entry
  }
}
