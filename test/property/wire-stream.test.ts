import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { encodeFrame, FrameReader } from '../../src/wire/codec.ts'
import type { Frame } from '../../src/wire/frames.ts'

const event = fc.record(
  {
    type: fc.constantFrom('request.accepted', 'engine.lost', 'client.refused'),
    client: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,10}$/),
    codes: fc.array(fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/), { maxLength: 4 }),
    counts: fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,8}$/), fc.nat(), { maxKeys: 4 }),
  },
  { requiredKeys: ['type'] },
)
const append = fc.record({ id: fc.integer({ min: 1, max: 0xffff_ffff }), event })

/** Cuts of a stream: sizes of pieces, used round and round. */
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })

function pushInPieces(reader: FrameReader, bytes: Buffer, sizes: readonly number[]): Frame[] {
  const frames: Frame[] = []
  for (let at = 0, round = 0; at < bytes.length; round++) {
    const size = sizes[round % sizes.length] ?? 1
    // A copy each: the reader must not depend on memory that is used again.
    const piece = Buffer.from(bytes.subarray(at, at + size))
    frames.push(...reader.push(piece))
    piece.fill(0xee)
    at += size
  }
  return frames
}

test('frames come out whole and in order, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(append, { maxLength: 6 }), pieces, (bodies, sizes) => {
      const stream = Buffer.concat(bodies.map((body) => encodeFrame('audit.append', body)))
      const frames = pushInPieces(new FrameReader('gateway', 'keeper'), stream, sizes)
      // __proto__ as a name of a count survives neither JSON nor the schema; it is not made here.
      expect(frames.map(({ body }) => body)).toEqual(JSON.parse(JSON.stringify(bodies)))
    }),
  )
})

test('any bytes: frames that the table allows, or WIRE_BROKEN, never anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), pieces, (noise, sizes) => {
      const reader = new FrameReader('engine', 'keeper')
      try {
        const frames = pushInPieces(reader, Buffer.from(noise), sizes)
        for (const { name } of frames) expect(['key.request', 'engine.event']).toContain(name)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Fault)
        expect((thrown as Fault).code).toBe('WIRE_BROKEN')
      }
    }),
    { numRuns: 500 },
  )
})

test('a flipped bit in an honest stream: the same, and what came before still counts', () => {
  const honest = { event: { type: 'engine.loaded', model: 'tiny' } }
  const first = encodeFrame('engine.event', honest)
  const second = encodeFrame('engine.event', honest)
  fc.assert(
    fc.property(fc.nat({ max: second.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const reader = new FrameReader('engine', 'keeper')
      expect(reader.push(first)).toEqual([{ name: 'engine.event', body: honest }])
      const flipped = Buffer.from(second)
      flipped[at]! ^= 1 << bit
      try {
        for (const { name } of reader.push(flipped)) {
          expect(['key.request', 'engine.event']).toContain(name)
        }
      } catch (thrown) {
        expect((thrown as Fault).code).toBe('WIRE_BROKEN')
      }
    }),
    { numRuns: 500 },
  )
})
