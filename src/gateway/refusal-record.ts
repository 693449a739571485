/**
 * Callers without a valid key, in the record: `client.refused`.
 *
 * Anybody who reaches the port can be refused as often as they like, so the record is told of ten at
 * once, then of one a second, and each time how many it was not told of. While the record is away
 * or refuses, nothing is queued for it: the events of requests need the room. The refusal itself
 * waits for nothing.
 *
 * @packageDocumentation
 */
import type { Event } from '../wire/frames.ts'
import { RefusalBudget } from '../wire/refusal-budget.ts'
import type { MistakeCode } from './api-error.ts'
import type { Recorder } from './keeper-link.ts'

export interface RefusedCaller {
  /** Our own id of the request: the log has a line with it. */
  readonly requestId: string
  readonly code: MistakeCode
  /** When the key is a client's, only no longer or not here. */
  readonly clientId: string | undefined
}

export class RefusalRecord {
  readonly #keeper: Recorder
  readonly #nowMs: () => number
  readonly #budget: RefusalBudget

  constructor(keeper: Recorder, nowMs: () => number = () => performance.now()) {
    this.#keeper = keeper
    this.#nowMs = nowMs
    this.#budget = new RefusalBudget(nowMs())
  }

  note({ requestId, code, clientId }: RefusedCaller): void {
    if (this.#keeper.state !== 'ok') {
      this.#budget.hold()
      return
    }
    const untold = this.#budget.take(this.#nowMs())
    if (untold === null) return
    const event: Event = { type: 'client.refused', request: requestId, codes: [code] }
    if (clientId !== undefined) event.client = clientId
    if (untold > 0) event.counts = { untold }
    this.#keeper.record(event)
  }

  /** At the end: those that no event has counted yet. */
  close(): void {
    const untold = this.#budget.settle()
    if (untold === 0) return
    this.#keeper.record({ type: 'client.refused', codes: ['untold'], counts: { untold } })
  }
}
