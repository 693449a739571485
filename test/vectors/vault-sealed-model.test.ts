/**
 * Every vector of test/vectors/sealed-model/, made by the Python reader, through every reader of ours:
 * the stream, EVP straight into memory, and node:crypto with a copy.
 */
import koffi from 'koffi'
import { createHash } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Fault } from '../../src/errors.ts'
import { manifestContext, parseManifest } from '../../src/vault/manifest.ts'
import { availableCipher, type CipherName, openPayloadInto } from '../../src/vault/open.ts'
import { openPayload, plainLength, sealedLength } from '../../src/vault/payload.ts'
import { keyIdOf, parseSlots, unwrapFileKey, type Slot } from '../../src/vault/slots.ts'

const EDIT = z.union([
  z.strictObject({ xor: z.tuple([z.int(), z.int()]) }),
  z.strictObject({ pieces: z.array(z.union([z.string(), z.tuple([z.int(), z.int()])])) }),
])
const PAYLOAD = z.strictObject({
  name: z.string(),
  base: z.string(),
  edits: z.array(EDIT),
  fileKey: z.hex().optional(),
  context: z.string().optional(),
  expect: z.union([
    z.strictObject({ fault: z.string(), openedBytes: z.int() }),
    z.strictObject({ bytes: z.int(), sha256: z.string() }),
  ]),
})
const TEXT = z.array(z.tuple([z.string(), z.int()]))
const FAULT = z.strictObject({ fault: z.string() })
const FILE = z.object({
  bases: z.record(
    z.string(),
    z.strictObject({
      plainBytes: z.int(),
      fileKey: z.string(),
      context: z.string(),
      sealed: z.base64(),
    }),
  ),
  payloads: z.array(PAYLOAD),
  manifests: z.array(
    z.strictObject({
      name: z.string(),
      text: TEXT,
      expect: z.union([FAULT, z.strictObject({ name: z.string(), context: z.string() })]),
    }),
  ),
  slots: z.array(
    z.strictObject({
      name: z.string(),
      text: TEXT,
      expect: z.union([FAULT, z.strictObject({ keyIds: z.array(z.string()) })]),
    }),
  ),
  unwraps: z.array(
    z.strictObject({
      name: z.string(),
      slot: z.custom<Slot>((value) => typeof value === 'object'),
      wrappingKey: z.string(),
      context: z.string(),
      expect: z.union([FAULT, z.strictObject({ fileKey: z.string() })]),
    }),
  ),
  derived: z.object({
    keyIds: z.array(z.strictObject({ wrappingKey: z.string(), keyId: z.string() })),
  }),
})

const path = join(import.meta.dirname, 'sealed-model/vectors.json')
const file = FILE.parse(JSON.parse(readFileSync(path, 'utf8')))
const hex = (text: string) => Buffer.from(text, 'hex')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const named = <T extends { name: string }>(rows: T[]) => rows.map((row) => [row.name, row] as const)

function edited(vector: z.infer<typeof PAYLOAD>): Buffer {
  let sealed = Buffer.from(file.bases[vector.base]!.sealed, 'base64')
  for (const edit of vector.edits) {
    if ('xor' in edit) {
      sealed[edit.xor[0]]! ^= edit.xor[1]
    } else {
      const before = sealed
      sealed = Buffer.concat(
        edit.pieces.map((piece) =>
          typeof piece === 'string' ? hex(piece) : before.subarray(...piece),
        ),
      )
    }
  }
  return sealed
}

function secretsOf(vector: z.infer<typeof PAYLOAD>): { fileKey: Buffer; context: Buffer } {
  const base = file.bases[vector.base]!
  return {
    fileKey: hex(vector.fileKey ?? base.fileKey),
    context: hex(vector.context ?? base.context),
  }
}

const textOf = (parts: z.infer<typeof TEXT>) =>
  Buffer.from(parts.map(([text, times]) => text.repeat(times)).join(''), 'latin1')

function faultOf(thrown: unknown): string {
  if (thrown instanceof Fault) return thrown.code
  throw thrown
}

/** What an act gives, in the vectors' words. */
function told<T>(act: () => T): T | { fault: string } {
  try {
    return act()
  } catch (thrown) {
    return { fault: faultOf(thrown) }
  }
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vault-vectors-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function streamed(sealed: Buffer, fileKey: Buffer, context: Buffer) {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const plain of openPayload([sealed], fileKey, context)) {
      hash.update(plain)
      bytes += plain.length
    }
    return { bytes, sha256: hash.digest('hex') }
  } catch (thrown) {
    return { fault: faultOf(thrown), openedBytes: bytes }
  }
}

const FENCE_BYTES = 64

/** Opens a file into memory fenced on both sides, and says what came of it. */
function opened(
  sealed: Buffer,
  secrets: { fileKey: Buffer; context: Buffer },
  plainBytes: number,
  cipher: CipherName,
) {
  const sealedPath = join(folder, 'sealed')
  writeFileSync(sealedPath, sealed)
  const descriptor = openSync(sealedPath, 'r')
  const memory = Buffer.alloc(plainBytes + 2 * FENCE_BYTES, 0xaa)
  const plain = memory.subarray(FENCE_BYTES, FENCE_BYTES + plainBytes)
  plain.fill(0)
  const address = koffi.address(memory) + BigInt(FENCE_BYTES)
  try {
    openPayloadInto({
      descriptor,
      sealedBytes: sealed.length,
      ...secrets,
      address,
      plainBytes,
      cipher,
    })
    return { bytes: plainBytes, sha256: sha256(plain) }
  } catch (thrown) {
    expect(
      plain.every((byte) => byte === 0),
      'zeros after a fault',
    ).toBe(true)
    return { fault: faultOf(thrown) }
  } finally {
    closeSync(descriptor)
    for (const fence of [
      memory.subarray(0, FENCE_BYTES),
      memory.subarray(FENCE_BYTES + plainBytes),
    ]) {
      expect(
        fence.every((byte) => byte === 0xaa),
        'nothing beside the plaintext',
      ).toBe(true)
    }
  }
}

test('there are at least 60 vectors, most of them bad input, and EVP is what opens here', () => {
  const all = [...file.payloads, ...file.manifests, ...file.slots, ...file.unwraps]
  const bad = all.filter((vector) => 'fault' in vector.expect)
  expect(all.length).toBeGreaterThanOrEqual(200)
  expect(bad.length).toBeGreaterThan(all.length / 2)
  expect(file.payloads.length).toBeGreaterThanOrEqual(60)
  expect(availableCipher()).toBe('evp')
})

describe('payloads', () => {
  test.each(named(file.payloads))('stream: %s', async (_name, vector) => {
    const { fileKey, context } = secretsOf(vector)
    expect(await streamed(edited(vector), fileKey, context)).toEqual(vector.expect)
  })

  const rows = file.payloads.flatMap((vector) =>
    (['evp', 'node'] as const).map((cipher) => [cipher, vector.name, vector] as const),
  )
  test.each(rows)('%s into memory: %s', (cipher, _name, vector) => {
    const wanted = 'fault' in vector.expect ? { fault: vector.expect.fault } : { ...vector.expect }
    const room = file.bases[vector.base]!.plainBytes
    const secrets = secretsOf(vector)
    const sealed = edited(vector)
    expect(opened(sealed, secrets, room, cipher)).toEqual(wanted)
  })

  // With the room that the cut file itself claims, the length check is silent and the tags speak.
  const claims = rows.filter(([, , vector]) => 'fault' in vector.expect)
  test.each(claims)('%s, the length the file claims: %s', (cipher, _name, vector) => {
    const sealed = edited(vector)
    const claimed = told(() => plainLength(sealed.length))
    const room = typeof claimed === 'number' ? claimed : 0
    const wanted = 'fault' in vector.expect && vector.expect.fault
    expect(opened(sealed, secretsOf(vector), room, cipher)).toEqual({ fault: wanted })
  })

  test.each(Object.entries(file.bases))('length: %s', (_name, base) => {
    const sealedBytes = Buffer.from(base.sealed, 'base64').length
    expect(sealedLength(base.plainBytes)).toBe(sealedBytes)
    expect(plainLength(sealedBytes)).toBe(base.plainBytes)
  })
})

test.each(named(file.manifests))('manifest: %s', (_name, vector) => {
  const said = told(() => {
    const manifest = parseManifest(textOf(vector.text))
    return { name: manifest.name, context: manifestContext(manifest).toString('hex') }
  })
  expect(said).toEqual(vector.expect)
})

test.each(named(file.slots))('slots: %s', (_name, vector) => {
  const said = told(() => ({ keyIds: parseSlots(textOf(vector.text)).map((slot) => slot.keyId) }))
  expect(said).toEqual(vector.expect)
})

test.each(named(file.unwraps))('unwrap: %s', (_name, vector) => {
  const { slot, wrappingKey, context } = vector
  const said = told(() => ({
    fileKey: unwrapFileKey(slot, hex(wrappingKey), hex(context)).toString('hex'),
  }))
  expect(said).toEqual(vector.expect)
})

test.each(file.derived.keyIds)('key id $keyId', ({ wrappingKey, keyId }) => {
  expect(keyIdOf(hex(wrappingKey))).toBe(keyId)
})
