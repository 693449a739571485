/**
 * One connection of the inner wire: typed frames over a Unix socket.
 *
 * What it gives: only frames that the table allows for this pair of peers, each parsed; back
 * pressure; an end with its reason. What it does not give: reconnecting, order, ownership of jobs.
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Fault, reasonOf } from '../errors.ts'
import { encodeFrame, FrameReader } from './codec.ts'
import type { BodyOf, FRAMES, FrameFrom, FrameName, Peer } from './frames.ts'

/** The names that `From` may send to `To`. */
export type NameFrom<From extends Peer, To extends Peer> = {
  [N in FrameName]: (typeof FRAMES)[N]['from'] extends From
    ? (typeof FRAMES)[N]['to'] extends To
      ? N
      : never
    : never
}[FrameName]

export interface ConnectionHandlers<Own extends Peer, Other extends Peer> {
  /** A throw closes the connection: a Fault is the reason, anything else is a bug and rises. */
  readonly onFrame: (frame: FrameFrom<Other, Own>) => void
  /** Once. `fault` is set when the peer broke the rules, absent on an ordinary end. */
  readonly onClose: (fault: Fault | undefined) => void
}

export class Connection<Own extends Peer, Other extends Peer> {
  readonly #socket: Socket
  #fault: Fault | undefined

  constructor(
    socket: Socket,
    peers: { readonly own: Own; readonly other: Other },
    handlers: ConnectionHandlers<Own, Other>,
  ) {
    this.#socket = socket
    const reader = new FrameReader(peers.other, peers.own)
    socket.on('data', (bytes) => {
      // After a fault, bytes that were already read must not reach the owner.
      if (this.#fault !== undefined) return
      try {
        for (const frame of reader.push(bytes)) {
          // The reader lets only this pair's frames through.
          handlers.onFrame(frame as FrameFrom<Other, Own>)
        }
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown
        this.closeFor(thrown)
      } finally {
        bytes.fill(0)
      }
    })
    // A reset peer is an ordinary end: the process died. 'close' follows.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      handlers.onClose(this.#fault)
    })
  }

  /** @returns false while the peer reads slower than we write. */
  send<N extends NameFrom<Own, Other>>(name: N, body: BodyOf<N>): boolean {
    if (this.#socket.destroyed || !this.#socket.writable) return false
    const frame = encodeFrame(name, body)
    if (!(body instanceof Uint8Array)) return this.#socket.write(frame)
    // A key: our copy goes as soon as the kernel has it.
    return this.#socket.write(frame, () => frame.fill(0))
  }

  /** Bytes that wait for a slow peer. */
  get pendingBytes(): number {
    return this.#socket.writableLength
  }

  end(): void {
    this.#socket.end()
  }

  closeFor(fault: Fault): void {
    this.#fault ??= fault
    this.#socket.destroy()
  }
}

/** For logs: what a close means. */
export function closeReason(fault: Fault | undefined): string {
  return fault === undefined ? 'the peer closed' : `${fault.code}: ${reasonOf(fault)}`
}
