/**
 * The line to the supervisor that started this engine, when there is one: may I take the memory, who
 * idles, please end.
 *
 * @packageDocumentation
 */
import { Socket } from 'node:net'
import { Fault, faultFromPeer } from '../errors.ts'
import { Connection } from '../wire/connection.ts'
import type { FrameFrom } from '../wire/frames.ts'

/** Other models may have to end first, after their last answer. */
const ANSWER_MS = 600_000

export class SupervisorLine {
  readonly #connection: Connection<'engine', 'cli'>
  #granted: { resolve: () => void; reject: (fault: Fault) => void } | undefined
  #onEnd: () => void = () => undefined

  /** @param descriptor - Of the inherited end of a socket pair. */
  constructor(descriptor: number) {
    const socket = new Socket({ fd: descriptor, readable: true, writable: true })
    this.#connection = new Connection(
      socket,
      { own: 'engine', other: 'cli' },
      {
        onFrame: (frame) => {
          this.#receive(frame)
        },
        onClose: () => {
          // The kernel ends us with it.
          this.#granted?.reject(new Fault('WIRE_BROKEN', 'the supervisor is gone'))
        },
      },
    )
  }

  /** @throws Fault `MEMORY_BUDGET`, as the supervisor says it. */
  async askMemory(bytes: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.#granted = {
      resolve: () => {
        resolve(undefined)
      },
      reject,
    }
    const timer = setTimeout(() => {
      reject(new Fault('WIRE_BROKEN', `the supervisor gave no answer in ${ANSWER_MS} ms`))
    }, ANSWER_MS)
    this.#connection.send('memory.ask', { bytes })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#granted = undefined
    }
  }

  tellJobs(running: number): void {
    this.#connection.send('engine.jobs', { running })
  }

  /** @param act - Called when the memory is needed elsewhere. */
  onEnd(act: () => void): void {
    this.#onEnd = act
  }

  #receive(frame: FrameFrom<'cli', 'engine'>): void {
    if (frame.name === 'engine.end') this.#onEnd()
    else if (frame.name === 'memory.granted') this.#granted?.resolve()
    else {
      const { code, message } = frame.body
      this.#granted?.reject(faultFromPeer(code, message, 'MEMORY_BUDGET'))
    }
  }
}
