/**
 * The supervisor's end of the line to one engine that it started.
 *
 * What it gives: the engine's words checked for order. What it does not give: belief in them; an
 * engine runs a stranger's model, and all it can win here is to stay in memory.
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Fault } from '../../errors.ts'
import { Connection } from '../../wire/connection.ts'
import type { FrameFrom } from '../../wire/frames.ts'

export interface LineHandlers {
  /** Resolves when there is room. @throws Fault when there is none. */
  readonly onAsk: (bytes: number) => Promise<void>
  /** The first time it says that the engine serves. */
  readonly onJobs: (running: number) => void
  /** The engine broke a rule: it is not to be spoken with any more. */
  readonly onBroken: (fault: Fault) => void
}

export class EngineLine {
  readonly #connection: Connection<'cli', 'engine'>
  readonly #handlers: LineHandlers
  #phase: 'started' | 'asked' | 'granted' | 'serves' = 'started'

  constructor(socket: Socket, handlers: LineHandlers) {
    this.#handlers = handlers
    this.#connection = new Connection(
      socket,
      { own: 'cli', other: 'engine' },
      {
        onFrame: (frame) => {
          this.#receive(frame)
        },
        onClose: (fault) => {
          if (fault !== undefined) handlers.onBroken(fault)
        },
      },
    )
  }

  /** Asks it to end as soon as no job runs. */
  end(): void {
    this.#connection.send('engine.end', {})
  }

  #receive(frame: FrameFrom<'engine', 'cli'>): void {
    if (frame.name === 'memory.ask') {
      if (this.#phase !== 'started') throw new Fault('WIRE_BROKEN', 'memory.ask out of order')
      this.#phase = 'asked'
      void this.#answer(frame.body.bytes)
      return
    }
    if (this.#phase !== 'granted' && this.#phase !== 'serves') {
      throw new Fault('WIRE_BROKEN', 'engine.jobs before memory.granted')
    }
    this.#phase = 'serves'
    this.#handlers.onJobs(frame.body.running)
  }

  async #answer(bytes: number): Promise<void> {
    try {
      await this.#handlers.onAsk(bytes)
      this.#phase = 'granted'
      this.#connection.send('memory.granted', {})
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      this.#connection.send('memory.refused', { code: thrown.code, message: thrown.message })
    }
  }
}
