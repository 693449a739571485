/**
 * The keeper's sockets: who may come in, and what is said of those who may not.
 *
 * @packageDocumentation
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from 'pino'
import type { Fault } from '../errors.ts'
import { peerCredentials } from '../sandbox/process.ts'
import { RefusalBudget } from '../wire/refusal-budget.ts'
import { actorOf, type Keeper, type OnClose, type Session } from './keeper.ts'
import { BrokenRule, judgePeer, type Rule, type SocketKind, type SocketName } from './permits.ts'
import { serveCli } from './sessions/cli.ts'
import { serveEngine } from './sessions/engine.ts'
import { serveGateway } from './sessions/gateway.ts'

type Serve = (socket: Socket, name: SocketName, keeper: Keeper, onClose: OnClose) => Session

const SERVE: Readonly<Record<SocketKind, Serve>> = {
  gateway: serveGateway,
  engine: serveEngine,
  cli: serveCli,
}

export class Listeners {
  readonly #keeper: Keeper
  readonly #logger: Logger
  readonly #listeners: Listener[] = []

  constructor(keeper: Keeper, logger: Logger) {
    this.#keeper = keeper
    this.#logger = logger
  }

  /** @param descriptor - An inherited Unix socket that listens. */
  listen(name: SocketName, descriptor: number): void {
    this.#listeners.push(new Listener(name, descriptor, this.#keeper, this.#logger))
  }

  announce(): void {
    for (const listener of this.#listeners) listener.announce()
  }

  /** Takes no more connections and ends those there are. */
  close(): void {
    for (const listener of this.#listeners) listener.close()
  }
}

class Listener {
  readonly #name: SocketName
  readonly #keeper: Keeper
  readonly #logger: Logger
  readonly #server: Server
  readonly #sessions = new Set<Session>()
  readonly #budget = new RefusalBudget(performance.now())

  constructor(name: SocketName, descriptor: number, keeper: Keeper, logger: Logger) {
    this.#name = name
    this.#keeper = keeper
    this.#logger = logger
    this.#server = createServer((socket) => {
      this.#onConnection(socket)
    })
    this.#server.listen({ fd: descriptor })
  }

  announce(): void {
    for (const session of this.#sessions) session.announce()
  }

  close(): void {
    this.#server.close()
    for (const session of this.#sessions) session.close()
    const untold = this.#budget.settle()
    if (untold > 0) this.#record({ codes: ['untold'], counts: { untold } })
  }

  #onConnection(socket: Socket): void {
    const rule = this.#judge(socket)
    if (rule !== null) {
      socket.on('error', () => undefined)
      socket.destroy()
      this.#refuse(rule)
      return
    }
    const session = SERVE[this.#name.kind](socket, this.#name, this.#keeper, (fault) => {
      this.#sessions.delete(session)
      if (fault !== undefined) this.#refuse(ruleOf(fault))
    })
    this.#sessions.add(session)
  }

  #judge(socket: Socket): Rule | null {
    const descriptor = descriptorOf(socket)
    if (descriptor === null) return 'no-credentials'
    const { uid } = peerCredentials(descriptor)
    const openConnections = this.#sessions.size
    return judgePeer(this.#name, { uid, openConnections }, process.geteuid?.() ?? -1)
  }

  #refuse(rule: Rule): void {
    const untold = this.#budget.take(performance.now())
    if (untold === null) return
    this.#logger.warn({ socket: actorOf(this.#name), rule, untold }, 'a peer broke a rule')
    this.#record({ codes: [rule], ...(untold > 0 ? { counts: { untold } } : {}) })
  }

  #record(about: { codes: string[]; counts?: Record<string, number> }): void {
    this.#keeper.log.note({ type: 'wire.refused', ...about }, actorOf(this.#name))
  }
}

function ruleOf(fault: Fault): Rule {
  return fault instanceof BrokenRule ? fault.rule : 'malformed-frame'
}

/** Node has no public way to the number of an accepted socket. */
function descriptorOf(socket: Socket): number | null {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return null
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : null
}
