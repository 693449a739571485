/**
 * The inherited listener: gateways connect, each gets a session.
 *
 * Listening begins before the last filter, which forbids it; sessions begin when `open` says what
 * one is. Until then a gateway waits.
 *
 * @packageDocumentation
 */
import { createServer, type Server, type Socket } from 'node:net'

/** One gateway, and the next one while the old connection closes. */
const MAX_CONNECTIONS = 8

/** What runs on a connection, or on all of them. */
export interface Work {
  readonly running: number
  /** Ever: it grows with each job. */
  readonly started: number
  /** Words that the gateway has not read yet. */
  readonly pendingBytes: number
}

export interface EngineSession {
  readonly work: Work
  close(): void
}

/** Begins to serve a connection; `onClose` is called once, when it has ended. */
export type BeginSession = (socket: Socket, onClose: () => void) => EngineSession

export class EngineServer {
  readonly #server: Server
  readonly #sessions = new Set<EngineSession>()
  #waiting: Socket[] = []
  #begin: BeginSession | undefined
  #startedBefore = 0

  private constructor() {
    this.#server = createServer((socket) => {
      if (this.#sessions.size + this.#waiting.length >= MAX_CONNECTIONS) socket.destroy()
      else if (this.#begin === undefined) this.#waiting.push(socket)
      else this.#open(socket, this.#begin)
    })
  }

  /** @param descriptor - Of a Unix socket that listens already. */
  static async listen(descriptor: number): Promise<EngineServer> {
    const server = new EngineServer()
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen({ fd: descriptor }, resolve)
    })
    return server
  }

  open(begin: BeginSession): void {
    this.#begin = begin
    for (const socket of this.#waiting) this.#open(socket, begin)
    this.#waiting = []
  }

  /** Of all connections; what ran on those that ended is in `started`. */
  get work(): Work {
    const all = [...this.#sessions].map(({ work }) => work)
    const sum = (of: (work: Work) => number) => all.reduce((total, work) => total + of(work), 0)
    return {
      running: sum(({ running }) => running),
      started: this.#startedBefore + sum(({ started }) => started),
      pendingBytes: sum(({ pendingBytes }) => pendingBytes),
    }
  }

  #open(socket: Socket, begin: BeginSession): void {
    const session = begin(socket, () => {
      this.#startedBefore += session.work.started
      this.#sessions.delete(session)
    })
    this.#sessions.add(session)
  }
}
