/**
 * The gateway's connection: events in, acknowledgements out, each when it is durable.
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Connection } from '../../wire/connection.ts'
import type { Event } from '../../wire/frames.ts'
import { refusalOf, type Keeper, type OnClose, type Session } from '../keeper.ts'
import { BrokenRule, type SocketName } from '../permits.ts'
import { Tallies } from '../tallies.ts'

/** Acknowledgements that a gateway may leave unread. */
const MAX_UNREAD_BYTES = 1_048_576

export function serveGateway(
  socket: Socket,
  name: SocketName,
  keeper: Keeper,
  onClose: OnClose,
): Session {
  const session = new GatewaySession(socket, name, keeper, onClose)
  session.announce()
  return session
}

class GatewaySession implements Session {
  readonly #keeper: Keeper
  readonly #tallies: Tallies
  readonly #connection: Connection<'keeper', 'gateway'>
  #lastId = 0

  constructor(socket: Socket, name: SocketName, keeper: Keeper, onClose: OnClose) {
    this.#keeper = keeper
    this.#tallies = new Tallies(name)
    this.#connection = new Connection(
      socket,
      { own: 'keeper', other: 'gateway' },
      {
        onFrame: ({ name: frame, body }) => {
          this.#tallies.enter(frame, body.event)
          this.#checkOrder(body.id)
          void this.#append(body.id, body.event)
        },
        onClose,
      },
    )
  }

  announce(): void {
    const { store, log, layers } = this.#keeper
    const body = { store: store.kind, auditHealthy: log.healthy, layers: [...layers] }
    this.#connection.send('keeper.ready', body)
  }

  close(): void {
    this.#connection.end()
  }

  #checkOrder(id: number): void {
    if (id <= this.#lastId) throw new BrokenRule('id-order', `event ${id} after ${this.#lastId}`)
    this.#lastId = id
    if (this.#connection.pendingBytes > MAX_UNREAD_BYTES) {
      throw new BrokenRule('reads-too-slowly', 'too many acknowledgements wait to be read')
    }
  }

  async #append(id: number, event: Event): Promise<void> {
    try {
      const seq = await this.#keeper.log.append(event, 'gateway')
      this.#connection.send('audit.kept', { id, seq })
    } catch (thrown) {
      this.#connection.send('audit.refused', { id, ...refusalOf(thrown) })
    } finally {
      this.#tallies.leave('audit.append')
    }
  }
}
