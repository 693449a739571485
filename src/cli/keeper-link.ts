/**
 * The command line's side of the keeper's `cli` socket: one question, one answer.
 *
 * @packageDocumentation
 */
import { connect } from 'node:net'
import { Fault, faultFromPeer } from '../errors.ts'
import { Connection, type NameFrom } from '../wire/connection.ts'
import type { BodyOf, FrameFrom } from '../wire/frames.ts'

type Question = NameFrom<'cli', 'keeper'>
type Answer = FrameFrom<'keeper', 'cli'>

/** Long enough for a person to allow the desktop's keyring, and for Argon2id. */
const ANSWER_MS = 120_000

interface Waiting {
  readonly answer: Answer['name']
  readonly resolve: (body: Answer['body']) => void
  readonly reject: (fault: Fault) => void
}

export class KeeperLink {
  readonly #connection: Connection<'cli', 'keeper'>
  #waiting: Waiting | undefined
  #closedFor: Fault | undefined

  private constructor(connection: (link: KeeperLink) => Connection<'cli', 'keeper'>) {
    this.#connection = connection(this)
  }

  /** @throws Fault `KEEPER_UNAVAILABLE` when nobody answers on the socket. */
  static async open(socketPath: string): Promise<KeeperLink> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const socket = connect(socketPath, () => {
      resolve(undefined)
    })
    socket.once('error', (cause) => {
      reject(new Fault('KEEPER_UNAVAILABLE', 'the keeper does not answer', { cause }))
    })
    await promise
    return new KeeperLink(
      (link) =>
        new Connection(
          socket,
          { own: 'cli', other: 'keeper' },
          {
            onFrame: (frame) => {
              link.#onFrame(frame)
            },
            onClose: (fault) => {
              link.#closedFor =
                fault ?? new Fault('KEEPER_UNAVAILABLE', 'the keeper closed the line')
              link.#fail(link.#closedFor)
            },
          },
        ),
    )
  }

  /**
   * Sends one question and waits for the answer of that name.
   *
   * @throws Fault with the keeper's own code, or `KEEPER_UNAVAILABLE`.
   */
  async ask<N extends Question, A extends Answer['name']>(
    name: N,
    body: BodyOf<N>,
    answer: A,
  ): Promise<BodyOf<A>> {
    if (this.#closedFor !== undefined) throw this.#closedFor
    if (this.#waiting !== undefined) throw new Error('one question at a time')
    const { promise, resolve, reject } = Promise.withResolvers<Answer['body']>()
    this.#waiting = { answer, resolve, reject }
    const timer = setTimeout(() => {
      this.#fail(new Fault('KEEPER_UNAVAILABLE', `no answer in ${ANSWER_MS / 1000} s`))
    }, ANSWER_MS)
    this.#connection.send(name, body)
    try {
      // The frame's name was compared with `answer`, so its body is that frame's.
      return (await promise) as BodyOf<A>
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.#connection.end()
  }

  #onFrame(frame: Answer): void {
    const waiting = this.#waiting
    if (frame.name === 'keeper.refuse') {
      this.#fail(faultFromPeer(frame.body.code, frame.body.message, 'KEEPER_UNAVAILABLE'))
      return
    }
    if (waiting?.answer !== frame.name) {
      throw new Fault('WIRE_BROKEN', `${frame.name} answers nothing`)
    }
    this.#waiting = undefined
    waiting.resolve(frame.body)
  }

  #fail(fault: Fault): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(fault)
  }
}

/** Opens a link, uses it, closes it. */
export async function withKeeperLink<T>(
  socketPath: string,
  act: (keeper: KeeperLink) => Promise<T>,
): Promise<T> {
  const link = await KeeperLink.open(socketPath)
  try {
    return await act(link)
  } finally {
    link.close()
  }
}
