/**
 * An engine's connection: one key, of the model that its socket is bound to, and a few events.
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Fault } from '../../errors.ts'
import { readSlots } from '../../vault/folder-file.ts'
import { Connection } from '../../wire/connection.ts'
import type { Event, FrameFrom } from '../../wire/frames.ts'
import { openFileKey } from '../grant.ts'
import { actorOf, refusalOf, type Keeper, type OnClose, type Session } from '../keeper.ts'
import type { SocketName } from '../permits.ts'
import { Tallies } from '../tallies.ts'

export function serveEngine(
  socket: Socket,
  name: SocketName,
  keeper: Keeper,
  onClose: OnClose,
): Session {
  return new EngineSession(socket, name, keeper, onClose)
}

class EngineSession implements Session {
  readonly #keeper: Keeper
  readonly #name: SocketName
  readonly #tallies: Tallies
  readonly #connection: Connection<'keeper', 'engine'>

  constructor(socket: Socket, name: SocketName, keeper: Keeper, onClose: OnClose) {
    this.#keeper = keeper
    this.#name = name
    this.#tallies = new Tallies(name)
    this.#connection = new Connection(
      socket,
      { own: 'keeper', other: 'engine' },
      {
        onFrame: (frame) => {
          this.#onFrame(frame)
        },
        onClose,
      },
    )
  }

  /** The wire has no frame for it. */
  announce(): void {
    return
  }

  close(): void {
    this.#connection.end()
  }

  #onFrame(frame: FrameFrom<'engine', 'keeper'>): void {
    switch (frame.name) {
      case 'key.request':
        this.#tallies.enter(frame.name)
        void this.#answerKey(frame.body.context)
        return
      case 'engine.event':
        this.#tallies.enter(frame.name, frame.body.event)
        void this.#append(frame.body.event)
    }
  }

  async #answerKey(context: string): Promise<void> {
    let fileKey: Buffer | undefined
    try {
      fileKey = this.#open(context)
      // In the record before it is out of the house.
      await this.#keeper.log.append(this.#said('key.granted', context), 'keeper')
      this.#connection.send('key.grant', fileKey)
    } catch (thrown) {
      const refusal = refusalOf(thrown)
      this.#keeper.log.note(
        { ...this.#said('key.refused', context), codes: [refusal.code] },
        'keeper',
      )
      await this.#keeper.log.flush()
      this.#connection.send('key.refuse', refusal)
    } finally {
      fileKey?.fill(0)
      this.#tallies.leave('key.request')
    }
  }

  #open(context: string): Buffer {
    const folder = this.#keeper.modelFolders.get(this.#name.model ?? '')
    if (folder === undefined) {
      throw new Fault('MODEL_UNKNOWN', 'the keeper was told of no folder for this engine')
    }
    return openFileKey(this.#keeper.store, readSlots(folder), Buffer.from(context, 'hex'))
  }

  #said(type: string, context: string): Event {
    return { type, model: this.#name.model ?? undefined, hashes: { context } }
  }

  async #append(event: Event): Promise<void> {
    try {
      const seq = await this.#keeper.log.append(event, actorOf(this.#name))
      this.#connection.send('engine.event-kept', { seq })
    } catch (thrown) {
      // The wire has no refusal for it: an engine whose words cannot be kept loses its keeper.
      refusalOf(thrown)
      this.#connection.end()
    } finally {
      this.#tallies.leave('engine.event')
    }
  }
}
