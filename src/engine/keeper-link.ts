/**
 * The engine's connection to the keeper while it loads: one key, a few events, then it is closed.
 *
 * What it gives: each answer matched to its question; a keeper that goes away or refuses is a fault.
 * What it does not give: another try; a failed load ends the process, and a new one asks again.
 *
 * @packageDocumentation
 */
import { Socket } from 'node:net'
import { Fault, faultFromPeer } from '../errors.ts'
import { closeReason, Connection } from '../wire/connection.ts'
import type { Event, FrameFrom } from '../wire/frames.ts'

const ANSWER_MS = 30_000

type Answer = FrameFrom<'keeper', 'engine'>

interface Question {
  readonly answer: (frame: Answer) => void
  readonly fail: (fault: Fault) => void
}

export class KeeperLink {
  readonly #connection: Connection<'engine', 'keeper'>
  #question: Question | undefined
  #lost: Fault | undefined

  /** @param descriptor - Of the connected socket that the launcher passed on. */
  constructor(descriptor: number) {
    const socket = new Socket({ fd: descriptor, readable: true, writable: true })
    const peers = { own: 'engine', other: 'keeper' } as const
    this.#connection = new Connection(socket, peers, {
      onFrame: (frame) => {
        this.#receive(frame)
      },
      onClose: (fault) => {
        this.#lose(new Fault('KEEPER_UNAVAILABLE', `no keeper: ${closeReason(fault)}`))
      },
    })
  }

  /**
   * @param context - SHA-256 of the manifest.
   * @returns 32 bytes; the caller zeroes them.
   * @throws Fault that the keeper says, or `KEEPER_UNAVAILABLE`.
   */
  async requestKey(context: Uint8Array): Promise<Uint8Array> {
    const frame = await this.#ask(() => {
      this.#connection.send('key.request', { context: Buffer.from(context).toString('hex') })
    })
    if (frame.name === 'key.grant') return frame.body
    if (frame.name === 'key.refuse') {
      throw faultFromPeer(frame.body.code, frame.body.message, 'KEEPER_UNAVAILABLE')
    }
    throw this.#unexpected(frame)
  }

  /** Returns when the event is durable. @throws Fault `KEEPER_UNAVAILABLE` */
  async record(event: Event): Promise<void> {
    const frame = await this.#ask(() => {
      this.#connection.send('engine.event', { event })
    })
    if (frame.name !== 'engine.event-kept') throw this.#unexpected(frame)
  }

  close(): void {
    this.#lost ??= new Fault('KEEPER_UNAVAILABLE', 'the connection was closed by us')
    this.#connection.end()
  }

  async #ask(send: () => void): Promise<Answer> {
    if (this.#lost !== undefined) throw this.#lost
    const timer = setTimeout(() => {
      this.#lose(new Fault('KEEPER_UNAVAILABLE', `no answer in ${ANSWER_MS} ms`))
    }, ANSWER_MS)
    try {
      return await new Promise<Answer>((answer, fail) => {
        this.#question = { answer, fail }
        send()
      })
    } finally {
      clearTimeout(timer)
      this.#question = undefined
    }
  }

  #receive(frame: Answer): void {
    if (this.#question === undefined) throw this.#unexpected(frame)
    this.#question.answer(frame)
    this.#question = undefined
  }

  #lose(fault: Fault): void {
    this.#lost ??= fault
    this.#question?.fail(this.#lost)
  }

  #unexpected(frame: Answer): Fault {
    return new Fault('WIRE_BROKEN', `the keeper sent ${frame.name} and was not asked for it`)
  }
}
