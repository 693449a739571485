/**
 * The command line's connection: new slots, the passphrase, acts for the record, and what holds.
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Fault } from '../../errors.ts'
import { Connection, type NameFrom } from '../../wire/connection.ts'
import type { BodyOf, Event, FrameFrom } from '../../wire/frames.ts'
import { refusalOf, type Keeper, type OnClose, type Session } from '../keeper.ts'
import { BrokenRule, type SocketName } from '../permits.ts'
import { addSlot, checkModelFolder, diskFault, parseSlotRequest } from '../slot-folder-file.ts'
import { Tallies } from '../tallies.ts'

export function serveCli(
  socket: Socket,
  name: SocketName,
  keeper: Keeper,
  onClose: OnClose,
): Session {
  return new CliSession(socket, name, keeper, onClose)
}

class CliSession implements Session {
  readonly #keeper: Keeper
  readonly #tallies: Tallies
  readonly #connection: Connection<'keeper', 'cli'>

  constructor(socket: Socket, name: SocketName, keeper: Keeper, onClose: OnClose) {
    this.#keeper = keeper
    this.#tallies = new Tallies(name)
    this.#connection = new Connection(
      socket,
      { own: 'keeper', other: 'cli' },
      {
        onFrame: (frame) => {
          this.#onFrame(frame)
        },
        onClose,
      },
    )
  }

  /** The command line asks when it wants to know. */
  announce(): void {
    return
  }

  close(): void {
    this.#connection.end()
  }

  #onFrame(frame: FrameFrom<'cli', 'keeper'>): void {
    this.#tallies.enter(frame.name, frame.name === 'cli.event' ? frame.body.event : undefined)
    void this.#answer(frame)
  }

  async #answer(frame: FrameFrom<'cli', 'keeper'>): Promise<void> {
    try {
      await this.#act(frame)
    } catch (thrown) {
      if (thrown instanceof BrokenRule) this.#connection.closeFor(thrown)
      else this.#connection.send('keeper.refuse', refusalOf(thrown))
    } finally {
      if (frame.body instanceof Uint8Array) frame.body.fill(0)
      this.#tallies.leave(frame.name)
    }
  }

  async #act(frame: FrameFrom<'cli', 'keeper'>): Promise<void> {
    switch (frame.name) {
      case 'slot.add':
        this.#say('slot.added', await this.#addSlot(frame.body))
        return
      case 'store.unlock':
        await this.#unlock(frame.body)
        this.#say('store.unlocked', {})
        return
      case 'cli.event':
        this.#say('cli.event-kept', { seq: await this.#append(frame.body.event) })
        return
      case 'keeper.ask':
        this.#say('keeper.state', this.#state())
    }
  }

  #say<N extends NameFrom<'keeper', 'cli'>>(name: N, body: BodyOf<N>): void {
    this.#connection.send(name, body)
  }

  #append(event: Event): Promise<number> {
    return this.#keeper.log.append(event, 'cli')
  }

  async #addSlot(body: Uint8Array): Promise<{ store: string; keyId: string }> {
    const request = parseSlotRequest(body)
    const folder = checkModelFolder(this.#keeper.modelsPath, request.folder)
    const { store, log } = this.#keeper
    // A locked store refuses before the record says that there is a slot.
    store.key()
    const hashes = { context: request.context }
    await log.append({ type: 'slot.added', codes: [store.kind], hashes }, 'keeper')
    try {
      const { kind, keyId } = addSlot(store, folder, request)
      return { store: kind, keyId }
    } catch (thrown) {
      const fault = diskFault(thrown)
      const codes = fault instanceof Fault ? [fault.code] : []
      log.note({ type: 'slot.failed', codes, hashes }, 'keeper')
      throw fault
    }
  }

  async #unlock(passphrase: Uint8Array): Promise<void> {
    const { store, log } = this.#keeper
    try {
      await store.unlock(passphrase)
    } catch (thrown) {
      if (thrown instanceof Fault) {
        log.note({ type: 'store.refused', codes: [store.kind, thrown.code] }, 'keeper')
      }
      throw thrown
    }
    log.note({ type: 'store.unlocked', codes: [store.kind, store.key().keyId] }, 'keeper')
  }

  #state(): BodyOf<'keeper.state'> {
    const { store, log, layers } = this.#keeper
    const warnings = [...store.warnings]
    if (!isOpen(this.#keeper)) warnings.push('the key store waits for its passphrase')
    if (!log.healthy) warnings.push('the audit log cannot be written: requests are refused')
    return { store: store.kind, warnings, auditHealthy: log.healthy, layers: [...layers] }
  }
}

function isOpen({ store }: Keeper): boolean {
  try {
    store.key()
    return true
  } catch {
    return false
  }
}
