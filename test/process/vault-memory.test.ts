/**
 * Opening as the engine does it: `node --jitless`, dist/, straight into a map. Another process then
 * looks through all of its memory for what should be nowhere.
 */
import koffi from 'koffi'
import { type ChildProcess, spawn } from 'node:child_process'
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import { deriveKeys } from '../../src/vault/derivation.ts'
import { chunkOffset, writeNonce } from '../../src/vault/layout.ts'
import { openRangeInto } from '../../src/vault/open.ts'
import { CHUNK_BYTES, sealedLength, sealPayload } from '../../src/vault/payload.ts'

const DIST = join(import.meta.dirname, '../../dist/vault/open.js')
const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'vault-memory-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const context = randomBytes(32)

/** Says each step on stdout and waits for a byte on stdin before the next. */
const CHILD = `
import koffi from 'koffi'
import { createHash } from 'node:crypto'
import { fstatSync, openSync, readSync } from 'node:fs'
import { availableCipher, openPayloadInto } from ${JSON.stringify(DIST)}
const [path, contextHex, plainBytes] = [process.argv[1], process.argv[2], Number(process.argv[3])]
const mmap = koffi.load(null).func('void *mmap(void *, size_t, int, int, int, int64_t)')
const address = mmap(null, plainBytes, 3, 0x22, -1, 0)
const wait = () => readSync(0, Buffer.alloc(1), 0, 1, null)
const fileKey = Buffer.alloc(32)
for (let held = 0; held < 32; ) held += readSync(0, fileKey, held, 32 - held, null)
console.log('holding')
wait()
const descriptor = openSync(path, 'r')
const context = Buffer.from(contextHex, 'hex')
let code = 'none'
try {
  openPayloadInto({ descriptor, sealedBytes: fstatSync(descriptor).size, fileKey, context, address, plainBytes })
} catch (thrown) {
  code = thrown.code
}
fileKey.fill(0)
const sha256 = createHash('sha256').update(new Uint8Array(koffi.view(address, plainBytes))).digest('hex')
console.log(JSON.stringify({ code, sha256, cipher: availableCipher(), jitless: typeof WebAssembly === 'undefined' }))
wait()
`

/** How often each needle is in the writable memory of a process. */
function countInMemory(pid: number, needles: readonly Buffer[]): number[] {
  const counts = needles.map(() => 0)
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1
  for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
    const found = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line)
    if (found === null || line.includes('[v')) continue
    const [start, end] = [Number(`0x${found[1]!}`), Number(`0x${found[2]!}`)]
    for (let at = start; at < end; at += 16 * 2 ** 20) {
      const piece = Buffer.alloc(Math.min(16 * 2 ** 20 + overlap, end - at))
      try {
        readSync(memory, piece, 0, piece.length, at)
      } catch {
        continue
      }
      needles.forEach((needle, i) => (counts[i]! += occurrences(piece, needle)))
    }
  }
  closeSync(memory)
  return counts
}

function occurrences(piece: Buffer, needle: Buffer): number {
  let count = 0
  for (let at = piece.indexOf(needle); at !== -1; at = piece.indexOf(needle, at + 1)) count++
  return count
}

class Opener {
  readonly child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(path: string, plainBytes: number) {
    const flags = ['--jitless', '--input-type=module', '-e', CHILD]
    const argv = [...flags, path, context.toString('hex'), String(plainBytes)]
    this.child = spawn(process.execPath, argv, { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
  }

  async step(bytes: Buffer): Promise<string> {
    this.child.stdin!.write(bytes)
    const line = await this.#lines.next()
    return line.done === true ? 'the child ended' : line.value
  }

  async end(): Promise<void> {
    this.child.stdin!.end('x')
    if (this.child.exitCode === null) await once(this.child, 'exit')
  }
}

async function sealToFile(plain: Buffer, fileKey: Buffer): Promise<string> {
  const path = join(folder, `sealed-${randomBytes(4).toString('hex')}`)
  const pieces: Buffer[] = []
  for await (const bytes of sealPayload([plain], fileKey, context)) pieces.push(bytes)
  writeFileSync(path, Buffer.concat(pieces))
  return path
}

test('under --jitless the plaintext is in the map alone, and no key is left anywhere', async () => {
  const fileKey = randomBytes(32)
  const plain = randomBytes(40 * CHUNK_BYTES + 77)
  const path = await sealToFile(plain, fileKey)
  const keys = deriveKeys(fileKey, readFileSync(path).subarray(0, 24), context)
  const marks = [5_000, 300_000, plain.length - 40].map((at) => plain.subarray(at, at + 32))
  const needles = [fileKey, keys.key, keys.baseNonce, ...marks]

  const opener = new Opener(path, plain.length)
  try {
    expect(await opener.step(fileKey)).toBe('holding')
    const before = countInMemory(opener.child.pid!, needles)
    expect(before[0], 'the search finds a key that is there').toBeGreaterThan(0)
    expect(before.slice(1)).toEqual([0, 0, 0, 0, 0])

    const said: unknown = JSON.parse(await opener.step(Buffer.of(1)))
    const sha256 = createHash('sha256').update(plain).digest('hex')
    expect(said).toEqual({ code: 'none', sha256, cipher: 'evp', jitless: true })
    expect(countInMemory(opener.child.pid!, needles)).toEqual([0, 0, 0, 1, 1, 1])
  } finally {
    await opener.end()
  }
})

test('after a damaged final chunk neither a key nor a byte of plaintext is left', async () => {
  const fileKey = randomBytes(32)
  const plain = randomBytes(100 * CHUNK_BYTES + 5)
  const path = await sealToFile(plain, fileKey)
  const sealed = readFileSync(path)
  sealed[sealed.length - 1]! ^= 1
  writeFileSync(path, sealed)
  const keys = deriveKeys(fileKey, sealed.subarray(0, 24), context)
  const marks = [5_000, 99 * CHUNK_BYTES].map((at) => plain.subarray(at, at + 32))

  const opener = new Opener(path, plain.length)
  try {
    expect(await opener.step(fileKey)).toBe('holding')
    const said: unknown = JSON.parse(await opener.step(Buffer.of(1)))
    expect(said).toMatchObject({ code: 'VAULT_DAMAGED' })
    const counts = countInMemory(opener.child.pid!, [fileKey, keys.key, keys.baseNonce, ...marks])
    expect(counts).toEqual([0, 0, 0, 0, 0])
  } finally {
    await opener.end()
  }
})

test('beyond 4 GiB: a chunk is read, numbered and written at its place', () => {
  const [chunk, plainBytes] = [327_680, 5 * 2 ** 30 + 3]
  const fileKey = randomBytes(32)
  const keys = deriveKeys(fileKey, Buffer.alloc(24, 9), context)
  const nonce = Buffer.alloc(12)
  writeNonce(nonce, keys.baseNonce, chunk)
  const cipher = createCipheriv('aes-256-gcm', keys.key, nonce)
  const final = Buffer.concat([cipher.update('end'), cipher.final(), cipher.getAuthTag()])

  // A file with a hole, and a map of which one page is ever touched.
  const descriptor = openSync(join(folder, 'large'), 'w+')
  ftruncateSync(descriptor, sealedLength(plainBytes))
  writeSync(descriptor, Buffer.concat([Buffer.alloc(24, 9), keys.commitment]), 0, 56, 0)
  writeSync(descriptor, final, 0, final.length, chunkOffset(chunk))
  const library = koffi.load(null)
  const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)')
  const munmap = library.func('int munmap(void *, size_t)')
  const address = mmap(null, plainBytes, 3, 0x4022, -1, 0) as bigint
  try {
    const sealedBytes = sealedLength(plainBytes)
    const common = { descriptor, sealedBytes, fileKey, context, address, plainBytes }
    for (const cipherName of ['evp', 'node'] as const) {
      const range = { ...common, firstChunk: chunk, chunks: 1, cipher: cipherName }
      openRangeInto(range)
      const written = Buffer.from(koffi.view(address + BigInt(chunk * CHUNK_BYTES), 3))
      expect(written.toString()).toBe('end')
      written.fill(0)
      expect(() => {
        openRangeInto({ ...range, firstChunk: chunk - 1 })
      }).toThrow(expect.objectContaining({ code: 'VAULT_DAMAGED' }))
    }
  } finally {
    munmap(address, plainBytes)
    closeSync(descriptor)
  }
})
