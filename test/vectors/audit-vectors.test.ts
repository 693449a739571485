/** Frozen vectors, made by scripts/audit/make-vectors.py. A changed vector is a new version. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { canonicalize, canonicalizeParsed } from '../../src/audit/canonical.ts'
import { FIRST_LINK } from '../../src/audit/chain.ts'
import { makeRecord, type Actor, type AuditEvent } from '../../src/audit/record.ts'
import { verifyLog } from '../../src/audit/verify.ts'

interface CanonicalVectors {
  numbers: { bits: string; text: string }[]
  values: { name: string; value: unknown; canonical: string }[]
}
interface LogVectors {
  records: { event: AuditEvent; time: string; actor: Actor; line: string; link: string }[]
}

function load(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'))
}
const canonical = load('audit-canonical.json') as CanonicalVectors
const { records } = load('audit-log.json') as LogVectors

describe('canonical JSON', () => {
  test.each(canonical.numbers)('number $bits is $text', ({ bits, text }) => {
    const value = Buffer.from(bits, 'hex').readDoubleBE(0)
    expect(canonicalize(value)).toBe(text)
    expect(canonicalizeParsed(JSON.parse(text))).toBe(text)
  })

  test.each(canonical.values)('$name', ({ value, canonical: text }) => {
    expect(canonicalize(value)).toBe(text)
    expect(canonicalizeParsed(JSON.parse(text))).toBe(text)
  })
})

describe('the log', () => {
  test('each record becomes the frozen line and link', () => {
    let previousLink = FIRST_LINK
    for (const [seq, { event, time, actor, line, link }] of records.entries()) {
      const made = makeRecord(event, { seq, time: new Date(time), actor, previousLink })
      expect(made.line.toString()).toBe(`${line}\n`)
      expect(made.link.toString('hex')).toBe(link)
      previousLink = made.link
    }
  })

  test('the frozen log verifies', async () => {
    const bytes = Buffer.from(records.map(({ line }) => `${line}\n`).join(''))
    const verdict = await verifyLog(
      (async function* () {
        yield bytes
      })(),
    )
    expect(verdict).toEqual({
      ok: true,
      records: records.length,
      head: records.at(-1)!.link,
      goodBytes: bytes.length,
      lastTime: records.at(-1)!.time,
      tornLastLineBytes: 0,
      tornSha256: null,
    })
  })
})
