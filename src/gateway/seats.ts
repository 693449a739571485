/**
 * Seats in the engine, and a bounded line of those who wait for one; both shared by clients as
 * `seat-order.ts` decides.
 *
 * A seat is never free while somebody waits who may have it, so a newcomer overtakes nobody.
 *
 * @packageDocumentation
 */
import { countByClient, nextInLine, whoMakesRoom } from './seat-order.ts'

export interface SeatLimits {
  readonly max: number
  readonly maxPerClient: number
  /** 0: nobody waits. */
  readonly maxWaiting: number
}

interface Waiting {
  readonly client: string
  readonly settle: (isSeated: boolean) => void
}

export class Seats {
  readonly #limits: SeatLimits
  /** A client's name for each seat that is taken. */
  readonly #seated: string[] = []
  #line: Waiting[] = []
  /** By client: the number of its last turn. */
  readonly #lastTurns = new Map<string, number>()
  #turns = 0

  constructor(limits: SeatLimits) {
    this.#limits = limits
  }

  get taken(): number {
    return this.#seated.length
  }

  get waiting(): number {
    return this.#line.length
  }

  takenBy(client: string): number {
    return countByClient(this.#seated).get(client) ?? 0
  }

  take(client: string): boolean {
    const { max, maxPerClient } = this.#limits
    if (this.taken >= max || this.takenBy(client) >= maxPerClient) return false
    this.#seat(client)
    return true
  }

  /** Waits in line. @returns false when there is no place in the line or the signal came first. */
  async wait(client: string, signal: AbortSignal): Promise<boolean> {
    if (this.take(client)) return true
    if (signal.aborted || !this.#hasRoomFor(client)) return false
    const { promise, resolve: settle } = Promise.withResolvers<boolean>()
    const own: Waiting = { client, settle }
    const leave = () => {
      this.#dismiss(own)
    }
    this.#line.push(own)
    signal.addEventListener('abort', leave, { once: true })
    const isSeated = await promise
    signal.removeEventListener('abort', leave)
    return isSeated
  }

  /** Gives a seat of the client back, to whoever is next. */
  free(client: string): void {
    const at = this.#seated.indexOf(client)
    if (at < 0) throw new RangeError('a seat was given back twice')
    this.#seated.splice(at, 1)
    const next = this.#line[this.#nextInLine()]
    if (next === undefined) return
    this.#line = this.#line.filter((other) => other !== next)
    this.#seat(next.client)
    next.settle(true)
  }

  #seat(client: string): void {
    this.#seated.push(client)
    this.#lastTurns.set(client, ++this.#turns)
  }

  #nextInLine(): number {
    const line = this.#line.map(({ client }) => client)
    const standing = { seated: countByClient(this.#seated), lastTurns: this.#lastTurns }
    return nextInLine(line, standing, this.#limits.maxPerClient)
  }

  #hasRoomFor(client: string): boolean {
    const { maxWaiting } = this.#limits
    if (this.#line.length < maxWaiting) return true
    if (maxWaiting === 0) return false
    const line = this.#line.map((waiting) => waiting.client)
    const leaving = this.#line[whoMakesRoom(line, client)]
    if (leaving === undefined) return false
    this.#dismiss(leaving)
    return true
  }

  #dismiss(waiting: Waiting): void {
    this.#line = this.#line.filter((other) => other !== waiting)
    waiting.settle(false)
  }
}
