import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalize, canonicalizeParsed } from '../../src/audit/canonical.ts'
import { FIRST_LINK } from '../../src/audit/chain.ts'
import { makeRecord, type AuditEvent } from '../../src/audit/record.ts'
import { verifyLog } from '../../src/audit/verify.ts'

const wellFormed = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())
const json = fc.jsonValue({ stringUnit: 'binary' }).filter((value) => {
  return !JSON.stringify(value).includes('\\ud')
})
const event: fc.Arbitrary<AuditEvent> = fc.record(
  {
    type: fc.constantFrom('request.accepted', 'engine.lost'),
    client: wellFormed,
    codes: fc.array(wellFormed),
    counts: fc.dictionary(wellFormed, fc.double({ noNaN: true, noDefaultInfinity: true })),
    hashes: fc.dictionary(fc.constantFrom('link', 'previous', '9', '10'), wellFormed),
  },
  { requiredKeys: ['type'] },
)

function logOf(events: readonly AuditEvent[]): Buffer[] {
  let previousLink: Uint8Array = FIRST_LINK
  return events.map((said, seq) => {
    const made = makeRecord(said, { seq, time: new Date(seq), actor: 'gateway', previousLink })
    previousLink = made.link
    return made.line
  })
}

async function* chunksOf(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

test('one value has one text, and the text has that value', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalize(value)
      const parsed: unknown = JSON.parse(text)
      // -0 is written as 0, here as in JSON.stringify.
      expect(parsed).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalizeParsed(parsed)).toBe(text)
      expect(canonicalizeParsed(value)).toBe(text)
    }),
  )
})

test('whatever is written verifies, however it is cut into chunks', async () => {
  const cases = fc.asyncProperty(
    fc.array(event, { maxLength: 8 }),
    fc.integer({ min: 1, max: 300 }),
    async (events, chunkBytes) => {
      const log = logOf(events)
      const verdict = await verifyLog(chunksOf(Buffer.concat(log), chunkBytes))
      expect(verdict).toMatchObject({ ok: true, records: events.length, tornLastLineBytes: 0 })
    },
  )
  await fc.assert(cases)
})

test('a flipped bit anywhere is seen, or tears the last line', async () => {
  const log = logOf(Array.from({ length: 5 }, () => ({ type: 'request.accepted', client: 'c-1' })))
  const bytes = Buffer.concat(log)
  const cases = fc.asyncProperty(
    fc.nat({ max: bytes.length - 1 }),
    fc.nat({ max: 7 }),
    async (at, bit) => {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1 << bit
      const verdict = await verifyLog(chunksOf(changed, 64))
      if (verdict.ok) {
        // Only the last newline: what is left of the log is still true.
        expect(at).toBe(bytes.length - 1)
        expect(verdict.tornLastLineBytes).toBe(log.at(-1)!.length)
      } else {
        const before = log.findIndex((_, line) => Buffer.concat(log.slice(0, line + 1)).length > at)
        expect(verdict.firstBad.line).toBe(before + 1)
      }
    },
  )
  await fc.assert(cases, { numRuns: 400 })
})
