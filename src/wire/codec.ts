/**
 * Frames to bytes and back.
 *
 *     frame = length (u32, big endian, of what follows) ‖ number (u8) ‖ body
 *
 * The body is UTF-8 JSON, or raw bytes for the frames that carry keys. A reader takes any cut of
 * the stream, refuses a frame from its length on, and holds at most one frame of the largest size
 * its peer may send.
 *
 * @packageDocumentation
 */
import { Fault, reasonOf } from '../errors.ts'
import { FRAMES, type BodyOf, type Frame, type FrameName, type Peer } from './frames.ts'

const LENGTH_BYTES = 4

/** @throws Fault `WIRE_BROKEN` when the body is larger than its row allows: a bug of ours. */
export function encodeFrame<N extends FrameName>(name: N, body: BodyOf<N>): Buffer {
  const row = FRAMES[name]
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
  if (bytes.length > row.maxBytes) {
    throw new Fault('WIRE_BROKEN', `${name} of ${bytes.length} bytes, ${row.maxBytes} are allowed`)
  }
  const frame = Buffer.allocUnsafeSlow(LENGTH_BYTES + 1 + bytes.length)
  frame.writeUInt32BE(1 + bytes.length, 0)
  frame.writeUInt8(row.number, LENGTH_BYTES)
  frame.set(bytes, LENGTH_BYTES + 1)
  return frame
}

export class FrameReader {
  readonly #allowed: ReadonlyMap<number, FrameName>
  #held: Buffer = Buffer.alloc(0)

  constructor(from: Peer, to: Peer) {
    const names = Object.keys(FRAMES) as FrameName[]
    this.#allowed = new Map(
      names
        .filter((name) => FRAMES[name].from === from && FRAMES[name].to === to)
        .map((name) => [FRAMES[name].number, name]),
    )
  }

  /**
   * The frames completed by these bytes. Held bytes are overwritten when a key frame leaves.
   *
   * @throws Fault `WIRE_BROKEN`; the reader must not be used again.
   */
  push(bytes: Uint8Array): Frame[] {
    const all = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes])
    this.#held.fill(0)
    const frames: Frame[] = []
    let at = 0
    while (all.length - at > LENGTH_BYTES) {
      const name = this.#nameAt(all, at)
      const end = at + LENGTH_BYTES + all.readUInt32BE(at)
      if (all.length < end) break
      frames.push(decodeBody(name, all.subarray(at + LENGTH_BYTES + 1, end)))
      at = end
    }
    // A copy, so that the large buffer and any key in it can be overwritten now.
    this.#held = Buffer.from(all.subarray(at))
    all.fill(0)
    return frames
  }

  #nameAt(all: Buffer, at: number): FrameName {
    const name = this.#allowed.get(all.readUInt8(at + LENGTH_BYTES))
    if (name === undefined) {
      throw new Fault(
        'WIRE_BROKEN',
        `frame ${all.readUInt8(at + LENGTH_BYTES)} is not for this peer`,
      )
    }
    const bodyBytes = all.readUInt32BE(at) - 1
    if (bodyBytes < 0 || bodyBytes > FRAMES[name].maxBytes) {
      throw new Fault('WIRE_BROKEN', `${name} of ${bodyBytes} bytes`)
    }
    return name
  }
}

function decodeBody(name: FrameName, bytes: Buffer): Frame {
  const { body } = FRAMES[name]
  if (body === 'bytes') return { name, body: Uint8Array.from(bytes) } as Frame
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new Fault('WIRE_BROKEN', `${name} is not JSON: ${reasonOf(cause).slice(0, 80)}`, {
      cause,
    })
  }
  const parsed = body.safeParse(value)
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => issue.path.join('.')).slice(0, 4)
    throw new Fault('WIRE_BROKEN', `${name} has wrong fields: ${where.join(', ')}`)
  }
  // The row's schema has just made it this frame's body.
  return { name, body: parsed.data } as Frame
}
