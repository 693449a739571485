/**
 * Payloads under every size near a chunk's edge, every cut of the source, every flipped byte and
 * every partition into ranges.
 */
import fc from 'fast-check'
import koffi from 'koffi'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { type CipherName, openPayloadInto, openRangeInto } from '../../src/vault/open.ts'
import { CHUNK_BYTES, openPayload, sealedLength, sealPayload } from '../../src/vault/payload.ts'

const fileKey = randomBytes(32)
const context = randomBytes(32)
const CIPHERS: CipherName[] = ['evp', 'node']
const folder = mkdtempSync(join(tmpdir(), 'vault-property-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = []
  for await (const bytes of source) copies.push(Buffer.from(bytes))
  return Buffer.concat(copies)
}

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** Lends a descriptor on these bytes. */
function withFile<T>(bytes: Buffer, act: (descriptor: number) => T): T {
  const path = join(folder, 'sealed')
  writeFileSync(path, bytes)
  const descriptor = openSync(path, 'r')
  try {
    return act(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function intoMemory(sealed: Buffer, plainBytes: number, cipher: CipherName): Buffer {
  const memory = Buffer.alloc(Math.max(plainBytes, 1))
  const address = koffi.address(memory)
  const options = { sealedBytes: sealed.length, fileKey, context, address, plainBytes, cipher }
  withFile(sealed, (descriptor) => {
    openPayloadInto({ descriptor, ...options })
  })
  return memory.subarray(0, plainBytes)
}

const edges = [0, 1, 2, 3, 64, 65].flatMap((chunks) =>
  [-17, -16, -1, 0, 1, 15, 16, 17].map((off) => chunks * CHUNK_BYTES + off).filter((n) => n >= 0),
)

test.each(edges)('%d bytes come back, by every reader', async (bytes) => {
  const plain = randomBytes(bytes)
  const sealed = await collect(sealPayload([plain], fileKey, context))
  expect(sealed.length).toBe(sealedLength(bytes))
  expect((await collect(openPayload([sealed], fileKey, context))).equals(plain)).toBe(true)
  for (const cipher of CIPHERS) expect(intoMemory(sealed, bytes, cipher).equals(plain)).toBe(true)
})

// Sizes that meet the edges of header, chunk and tag, zero-length pieces among them.
const cuts = fc.array(
  fc.oneof(
    fc.constantFrom(0, 1, 15, 16, 24, 55, 56, 57, 16_383, 16_384, 16_385, 16_399, 16_400, 16_401),
    fc.integer({ min: 1, max: 40_000 }),
  ),
  { minLength: 1, maxLength: 6 },
)
const someCut = cuts.filter((sizes) => sizes.reduce((a, b) => a + b, 0) > 200)

test('the cut of a source changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(70_000), someCut, someCut, async (bytes, cutIn, cutOut) => {
      const plain = randomBytes(bytes)
      const sealed = await collect(sealPayload(cut(plain, cutIn), fileKey, context))
      const opened = await collect(openPayload(cut(sealed, cutOut), fileKey, context))
      expect(opened.equals(plain)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('one byte at a time is a cut, too', async () => {
  const plain = randomBytes(16_390)
  const sealed = await collect(sealPayload(cut(plain, [1]), fileKey, context))
  expect((await collect(openPayload(cut(sealed, [1]), fileKey, context))).equals(plain)).toBe(true)
})

describe('a single flipped bit', () => {
  const plain = randomBytes(20_000)
  const sealing = collect(sealPayload([plain], fileKey, context))
  const everyEdge = [
    ...Array.from({ length: 80 }, (_, i) => i),
    ...Array.from({ length: 40 }, (_, i) => 56 + CHUNK_BYTES - 10 + i),
    ...Array.from({ length: 30 }, (_, i) => sealedLength(20_000) - 1 - i),
  ]
  const place = fc.oneof(fc.constantFrom(...everyEdge), fc.nat(sealedLength(20_000) - 1))

  const refusals = async (at: number, bit: number) => {
    const bad = Buffer.from(await sealing)
    bad[at]! ^= 1 << bit
    const wanted = at < 56 ? 'VAULT_WRONG_KEY' : 'VAULT_DAMAGED'
    const code = { code: wanted }
    await expect(collect(openPayload([bad], fileKey, context))).rejects.toMatchObject(code)
    for (const cipher of CIPHERS) {
      expect(() => intoMemory(bad, plain.length, cipher)).toThrow(expect.objectContaining(code))
    }
  }

  test('in any byte near an edge is refused', async () => {
    for (const at of everyEdge) await refusals(at, at % 8)
  })

  test('anywhere is refused', async () => {
    await fc.assert(fc.asyncProperty(place, fc.nat(7), refusals), { numRuns: 150 })
  })
})

test('any cut and any extension is refused', async () => {
  const plain = randomBytes(33_000)
  const sealed = await collect(sealPayload([plain], fileKey, context))
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.nat(sealed.length - 1).map((to) => sealed.subarray(0, to)),
        fc
          .uint8Array({ minLength: 1, maxLength: 20_000 })
          .map((more) => Buffer.concat([sealed, more])),
      ),
      async (bad) => {
        const code = { code: 'VAULT_DAMAGED' }
        await expect(collect(openPayload([bad], fileKey, context))).rejects.toMatchObject(code)
        expect(() => intoMemory(bad, plain.length, 'evp')).toThrow(expect.objectContaining(code))
      },
    ),
    { numRuns: 80 },
  )
})

describe('ranges', () => {
  const bytes = 70 * CHUNK_BYTES + 5
  const plain = randomBytes(bytes)
  const sealing = collect(sealPayload([plain], fileKey, context))

  test('any partition, in any order, equals the whole', async () => {
    const sealed = await sealing
    const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 70 }), { maxLength: 6 })
    withFile(sealed, (descriptor) => {
      fc.assert(
        fc.property(
          bounds,
          fc.constantFrom(...CIPHERS),
          fc.boolean(),
          (inner, cipher, backwards) => {
            const starts = [0, ...inner.sort((a, b) => a - b)]
            const ranges = starts.map((first, i) => [first, (starts[i + 1] ?? 71) - first] as const)
            const memory = Buffer.alloc(bytes + 1, 0x55)
            const address = koffi.address(memory)
            const common = {
              descriptor,
              sealedBytes: sealed.length,
              fileKey,
              context,
              address,
              cipher,
            }
            for (const [firstChunk, chunks] of backwards ? [...ranges].reverse() : ranges) {
              openRangeInto({ ...common, plainBytes: bytes, firstChunk, chunks })
            }
            expect(memory.subarray(0, bytes).equals(plain)).toBe(true)
            expect(memory[bytes]).toBe(0x55)
          },
        ),
        { numRuns: 40 },
      )
    })
  })

  test('a range writes nothing outside its chunks, and wipes only itself after a fault', async () => {
    const bad = Buffer.from(await sealing)
    bad[56 + 12 * 16_400 + 3]! ^= 1
    const memory = Buffer.alloc(bytes, 0x55)
    const address = koffi.address(memory)
    const common = { sealedBytes: bad.length, fileKey, context, address, plainBytes: bytes }
    withFile(bad, (descriptor) => {
      openRangeInto({ descriptor, ...common, firstChunk: 3, chunks: 4 })
      expect(() => {
        openRangeInto({ descriptor, ...common, firstChunk: 10, chunks: 5 })
      }).toThrow(Fault)
    })
    const chunk = (k: number) => memory.subarray(k * CHUNK_BYTES, (k + 1) * CHUNK_BYTES)
    for (let k = 0; k < 70; k++) {
      const from = k * CHUNK_BYTES
      if (k >= 3 && k < 7)
        expect(chunk(k).equals(plain.subarray(from, from + CHUNK_BYTES))).toBe(true)
      else expect(new Set(chunk(k))).toEqual(new Set([k >= 10 && k < 15 ? 0 : 0x55]))
    }
  })

  test('progress grows to the size of the range, in pieces of about a MiB', async () => {
    const sealed = await sealing
    const memory = Buffer.alloc(bytes)
    const seen: number[] = []
    withFile(sealed, (descriptor) => {
      openPayloadInto({
        descriptor,
        sealedBytes: sealed.length,
        fileKey,
        context,
        address: koffi.address(memory),
        plainBytes: bytes,
        onProgress: (done) => seen.push(done),
      })
    })
    expect(seen).toEqual([64 * CHUNK_BYTES, bytes])
  })
})
