/**
 * The inherited listener: gateways connect, each gets a session.
 *
 * Listening begins before the last filter, which forbids it; sessions begin when `open` says what is
 * ready. Until then a gateway waits.
 *
 * @packageDocumentation
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Fault } from '../errors.ts'
import { Session, type SessionOptions } from './session.ts'

/** One gateway, and the next one while the old connection closes. */
const MAX_CONNECTIONS = 8

export type ServerOptions = Omit<SessionOptions, 'onClose'> & {
  readonly onClose: (fault: Fault | undefined) => void
}

export class EngineServer {
  readonly #server: Server
  readonly #sessions = new Set<Session>()
  #waiting: Socket[] = []
  #options: ServerOptions | undefined

  private constructor() {
    this.#server = createServer((socket) => {
      if (this.#sessions.size + this.#waiting.length >= MAX_CONNECTIONS) socket.destroy()
      else if (this.#options === undefined) this.#waiting.push(socket)
      else this.#begin(socket, this.#options)
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

  open(options: ServerOptions): void {
    this.#options = options
    for (const socket of this.#waiting) this.#begin(socket, options)
    this.#waiting = []
  }

  #begin(socket: Socket, options: ServerOptions): void {
    const session = new Session(socket, {
      ...options,
      onClose: (closed, fault) => {
        this.#sessions.delete(closed)
        options.onClose(fault)
      },
    })
    this.#sessions.add(session)
  }
}
