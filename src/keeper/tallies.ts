/**
 * What one connection has said and what it waits for, held against the permit table.
 *
 * @packageDocumentation
 */
import type { NameFrom } from '../wire/connection.ts'
import type { Event } from '../wire/frames.ts'
import {
  BrokenRule,
  judgeEvent,
  judgeFrame,
  type SocketKind,
  type SocketName,
  type Tally,
} from './permits.ts'

type KeeperFrame = NameFrom<SocketKind, 'keeper'>

const NOTHING: Tally = { said: 0, waiting: 0 }

export class Tallies {
  readonly #socket: SocketName
  readonly #tallies = new Map<KeeperFrame, Tally>()

  constructor(socket: SocketName) {
    this.#socket = socket
  }

  /** Counts a frame in. @throws BrokenRule when the table does not allow it. */
  enter(name: KeeperFrame, event?: Event): void {
    const tally = this.#tallies.get(name) ?? NOTHING
    const rule =
      judgeFrame(this.#socket, name, tally) ??
      (event === undefined ? null : judgeEvent(this.#socket, name, event))
    if (rule !== null) throw new BrokenRule(rule, `${name} is against the rule ${rule}`)
    this.#tallies.set(name, { said: tally.said + 1, waiting: tally.waiting + 1 })
  }

  /** The frame was answered. */
  leave(name: KeeperFrame): void {
    const { said, waiting } = this.#tallies.get(name) ?? NOTHING
    this.#tallies.set(name, { said, waiting: waiting - 1 })
  }
}
