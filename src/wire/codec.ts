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
import { Fault } from '../errors.ts'
import { FRAMES, type BodyOf, type Frame, type FrameName, type Peer } from './frames.ts'

const LENGTH_BYTES = 4
const HEADER_BYTES = LENGTH_BYTES + 1
/** A byte order mark stays in the text, where JSON has no place for it: what is read is what came. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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
  #pieces: Buffer[] = []
  #heldBytes = 0

  constructor(from: Peer, to: Peer) {
    const names = Object.keys(FRAMES) as FrameName[]
    this.#allowed = new Map(
      names
        .filter((name) => FRAMES[name].from === from && FRAMES[name].to === to)
        .map((name) => [FRAMES[name].number, name]),
    )
  }

  /**
   * The frames completed by these bytes. Held bytes are overwritten when their frame leaves.
   *
   * @throws Fault `WIRE_BROKEN`; the reader must not be used again.
   */
  push(bytes: Uint8Array): Frame[] {
    // A copy: the caller overwrites its own. Pieces are joined only when a frame is whole, so a
    // large frame in small pieces is copied twice, not once a piece.
    this.#pieces.push(Buffer.from(bytes))
    this.#heldBytes += bytes.length
    const frames: Frame[] = []
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame)
    return frames
  }

  #take(): Frame | undefined {
    if (this.#heldBytes < HEADER_BYTES) return undefined
    if ((this.#pieces[0]?.length ?? 0) < HEADER_BYTES) this.#join()
    const head = this.#pieces[0] ?? Buffer.alloc(0)
    const name = this.#nameOf(head)
    const end = LENGTH_BYTES + head.readUInt32BE(0)
    if (this.#heldBytes < end) return undefined
    const all = this.#join()
    const bytes = all.subarray(0, end)
    this.#pieces = end === all.length ? [] : [all.subarray(end)]
    this.#heldBytes -= end
    try {
      return decodeBody(name, bytes.subarray(HEADER_BYTES))
    } finally {
      bytes.fill(0)
    }
  }

  #join(): Buffer {
    const [first, ...rest] = this.#pieces
    if (first !== undefined && rest.length === 0) return first
    const all = Buffer.concat(this.#pieces)
    for (const piece of this.#pieces) piece.fill(0)
    this.#pieces = [all]
    return all
  }

  #nameOf(head: Buffer): FrameName {
    const number = head.readUInt8(LENGTH_BYTES)
    const name = this.#allowed.get(number)
    if (name === undefined) {
      throw new Fault('WIRE_BROKEN', `frame ${number} is not for this peer`)
    }
    const bodyBytes = head.readUInt32BE(0) - 1
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
    value = JSON.parse(UTF8.decode(bytes))
  } catch {
    // The parser's words quote the body, which may hold an answer: they stay here.
    throw new Fault('WIRE_BROKEN', `${name} of ${bytes.length} bytes is not JSON`)
  }
  const parsed = body.safeParse(value)
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => issue.path.join('.')).slice(0, 4)
    throw new Fault('WIRE_BROKEN', `${name} has wrong fields: ${where.join(', ')}`)
  }
  // The row's schema has just made it this frame's body.
  return { name, body: parsed.data } as Frame
}
