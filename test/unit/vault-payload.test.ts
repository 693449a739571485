import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keysOfHeader } from '../../src/vault/derivation.ts'
import { MAX_CHUNKS, MAX_PLAIN_BYTES, writeNonce } from '../../src/vault/layout.ts'
import { openRangeInto } from '../../src/vault/open.ts'
import { writePayloadFile } from '../../src/vault/payload-file.ts'
import { openPayload, plainLength, sealedLength, sealPayload } from '../../src/vault/payload.ts'

const fileKey = randomBytes(32)
const context = randomBytes(32)

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = []
  for await (const bytes of source) copies.push(Buffer.from(bytes))
  return Buffer.concat(copies)
}

test('two payloads of the same bytes share nothing but their length', async () => {
  const plain = Buffer.alloc(20_000, 1)
  const one = await collect(sealPayload([plain], fileKey, context))
  const two = await collect(sealPayload([plain], fileKey, context))
  expect(one.length).toBe(two.length)
  for (let at = 0; at + 16 <= one.length; at += 16) {
    expect(one.subarray(at, at + 16).equals(two.subarray(at, at + 16))).toBe(false)
  }
})

test('a yielded plaintext is zeros once the next is asked for, and after an early end', async () => {
  const sealed = await collect(sealPayload([Buffer.alloc(40_000, 7)], fileKey, context))
  const kept: Buffer[] = []
  for await (const plain of openPayload([sealed], fileKey, context)) {
    expect(plain.every((byte) => byte === 7)).toBe(true)
    expect(kept.every((old) => old.every((byte) => byte === 0))).toBe(true)
    kept.push(plain)
    if (kept.length === 2) break
  }
  expect(kept.flatMap((old) => [...new Set(old)])).toEqual([0, 0])
})

test('a source that fails passes its own error on', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(20_000)
    throw new Error('the pipe broke')
  }
  await expect(collect(sealPayload(failing(), fileKey, context))).rejects.toThrow('the pipe broke')
  await expect(collect(openPayload(failing(), fileKey, context))).rejects.toThrow(/not made with/)
})

test('resealing goes through openPayload without a plaintext in between', async () => {
  const other = randomBytes(32)
  const plain = randomBytes(50_001)
  const first = await collect(sealPayload([plain], other, Buffer.alloc(0)))
  const again = sealPayload(openPayload([first], other, Buffer.alloc(0)), fileKey, context)
  const second = await collect(again)
  expect(await collect(openPayload([second], fileKey, context))).toEqual(plain)
})

test('nonces: the number sits in the last 38 bits, and never beyond', () => {
  const base = Buffer.from('00112233445566ff778899aa', 'hex')
  const nonce = Buffer.alloc(12)
  const of = (chunk: number) => {
    writeNonce(nonce, base, chunk)
    return nonce.toString('hex')
  }
  expect(of(0)).toBe('00112233445566ff778899aa')
  expect(of(1)).toBe('00112233445566ff778899ab')
  expect(of(2 ** 31)).toBe('00112233445566fff78899aa')
  expect(of(2 ** 32)).toBe('00112233445566fe778899aa')
  expect(of(2 ** 38 - 1)).toBe('00112233445566c088776655')
  expect(() => of(MAX_CHUNKS)).toThrow(/2\^38/)
})

test.each([
  [0, 72],
  [16_383, 56 + 16_399],
  [16_384, 56 + 16_400 + 16],
  [5 * 2 ** 30 + 3, 56 + 327_680 * 16_400 + 19],
  [MAX_PLAIN_BYTES, 56 + MAX_CHUNKS * 16_400 - 1],
])('%d bytes are %d sealed ones, and back', (plainBytes, sealedBytes) => {
  expect(sealedLength(plainBytes)).toBe(sealedBytes)
  expect(plainLength(sealedBytes)).toBe(plainBytes)
})

test.each([
  -1,
  0,
  55,
  56,
  71,
  56 + 16_400,
  56 + 16_400 + 15,
  56 + MAX_CHUNKS * 16_400 + 16,
  NaN,
  72.5,
])('no payload is %d bytes long', (sealedBytes) => {
  expect(() => plainLength(sealedBytes)).toThrow(expect.objectContaining({ code: 'VAULT_DAMAGED' }))
})

test.each([-1, 0.5, NaN, MAX_PLAIN_BYTES + 1])('%d bytes cannot be sealed', (plainBytes) => {
  expect(() => sealedLength(plainBytes)).toThrow(RangeError)
})

test('a range is refused before a byte moves when its address or its numbers are not sane', () => {
  const sane = { descriptor: -1, sealedBytes: 72, fileKey, context, plainBytes: 0, chunks: 1 }
  for (const wrong of [
    { address: 0n, firstChunk: 0 },
    { address: -4096n, firstChunk: 0 },
    { address: 2n ** 53n, firstChunk: 0, plainBytes: 1 },
    { address: 4096n, firstChunk: -1 },
    { address: 4096n, firstChunk: 0.5 },
  ]) {
    expect(() => {
      openRangeInto({ ...sane, ...wrong })
    }).toThrow(RangeError)
  }
})

test('derived keys are zeros after wipe', async () => {
  const sealed = await collect(sealPayload([], fileKey, context))
  const keys = keysOfHeader(sealed.subarray(0, 56), fileKey, context)
  expect(new Set(keys.key).size).toBeGreaterThan(1)
  keys.wipe()
  expect([...keys.key, ...keys.baseNonce].every((byte) => byte === 0)).toBe(true)
})

test('a payload file is written whole or not at all, and never over another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vault-payload-'))
  try {
    const path = join(folder, 'model.gguf.sealed')
    const plain = randomBytes(40_000)
    const written = await writePayloadFile(path, sealPayload([plain], fileKey, context))
    expect(written).toBe(sealedLength(plain.length))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const before = readFileSync(path)
    await expect(
      writePayloadFile(path, sealPayload([plain], fileKey, context)),
    ).rejects.toMatchObject({ code: 'EEXIST' })
    expect(readFileSync(path).equals(before)).toBe(true)

    async function* broken(): AsyncGenerator<Buffer> {
      yield plain
      throw new Error('hung up')
    }
    const other = join(folder, 'other')
    await expect(writePayloadFile(other, sealPayload(broken(), fileKey, context))).rejects.toThrow(
      'hung up',
    )
    expect(() => {
      closeSync(openSync(other, 'r'))
    }).toThrow(/ENOENT/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
