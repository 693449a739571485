/** Archives made by hand and by Python's zipfile: the good ones are read, the bad ones refused. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findMember, readMember } from '../../src/cli/model/zip.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-zip-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const PLAIN = Buffer.from('a model file '.repeat(20_000))
const NAME = 'pack/model.gguf'
const MAX = 1 << 20

interface Parts {
  name?: string
  localName?: string
  method?: number
  localMethod?: number
  flags?: number
  crc?: number
  packed?: Buffer
  packedBytes?: number
  plainBytes?: number
  localOffset?: number
  copies?: number
  count?: number
  disk?: number
  directoryShift?: number
  tail?: Buffer
  gap?: Buffer
  comment?: string
}

function build(parts: Parts = {}): Buffer {
  const name = Buffer.from(parts.name ?? NAME)
  const localName = Buffer.from(parts.localName ?? parts.name ?? NAME)
  const packed = parts.packed ?? deflateRawSync(PLAIN)
  const method = parts.method ?? 8
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(parts.localMethod ?? method, 8)
  local.writeUInt16LE(localName.length, 26)
  const body = Buffer.concat([local, localName, packed, parts.gap ?? Buffer.alloc(0)])
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(parts.flags ?? 0, 8)
  entry.writeUInt16LE(method, 10)
  entry.writeUInt32LE(parts.crc ?? crc32(PLAIN), 16)
  entry.writeUInt32LE(parts.packedBytes ?? packed.length, 20)
  entry.writeUInt32LE(parts.plainBytes ?? PLAIN.length, 24)
  entry.writeUInt16LE(name.length, 28)
  entry.writeUInt32LE(parts.localOffset ?? 0, 42)
  const copies = parts.copies ?? 1
  const directory = Buffer.concat(Array.from({ length: copies }, () => [entry, name]).flat())
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(parts.disk ?? 0, 4)
  end.writeUInt16LE(parts.count ?? copies, 8)
  end.writeUInt16LE(parts.count ?? copies, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(body.length + (parts.directoryShift ?? 0), 16)
  const comment = Buffer.from(parts.comment ?? '')
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([body, directory, end, comment, parts.tail ?? Buffer.alloc(0)])
}

async function read(bytes: Buffer, name = NAME, maxBytes = MAX): Promise<Buffer> {
  const path = join(folder, 'a.zip')
  writeFileSync(path, bytes)
  const file = await open(path)
  try {
    const chunks: Buffer[] = []
    for await (const chunk of readMember(file, await findMember(file, name, maxBytes))) {
      chunks.push(Buffer.from(chunk))
    }
    return Buffer.concat(chunks)
  } finally {
    await file.close()
  }
}

function byPython(script: string): Buffer {
  const path = join(folder, 'python.zip')
  execFileSync('python3', ['-c', `import sys, zipfile\npath = sys.argv[1]\n${script}`, path])
  return execFileSync('cat', [path])
}

describe('a good archive', () => {
  test.each<{ what: string; bytes: () => Buffer }>([
    { what: 'deflated', bytes: () => build() },
    { what: 'stored', bytes: () => build({ method: 0, packed: PLAIN }) },
    { what: 'with a comment', bytes: () => build({ comment: 'made PK\x05\x06 here' }) },
    {
      what: 'by Python, deflated, among others',
      bytes: () =>
        byPython(`with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('pack/__init__.py', 'x')
    z.writestr('pack/model.gguf', b'a model file ' * 20000)`),
    },
    {
      what: 'by Python, streamed with a data descriptor',
      bytes: () =>
        byPython(`class Pipe:
    def __init__(self, file): self.file = file
    def write(self, b): return self.file.write(b)
    def flush(self): self.file.flush()
with open(path, 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('pack/model.gguf', b'a model file ' * 20000)`),
    },
  ])('$what', async ({ bytes }) => {
    expect((await read(bytes())).equals(PLAIN)).toBe(true)
  })

  test('an empty member is empty', async () => {
    const bytes = build({ packed: deflateRawSync(Buffer.alloc(0)), crc: 0, plainBytes: 0 })
    expect((await read(bytes)).length).toBe(0)
  })
})

const packed = deflateRawSync(PLAIN)

describe('a bad archive is refused', () => {
  test.each<{ what: string; bytes: Buffer; says: string }>([
    { what: 'empty', bytes: Buffer.alloc(0), says: 'not a zip file' },
    { what: 'no zip', bytes: Buffer.alloc(5000, 7), says: 'not a zip file' },
    { what: 'missing member', bytes: build({ name: 'pack/other.gguf' }), says: 'no member' },
    { what: 'another case', bytes: build({ name: 'pack/Model.gguf' }), says: 'no member' },
    { what: 'two members', bytes: build({ copies: 2 }), says: '2 members' },
    { what: 'wrong CRC', bytes: build({ crc: 1 }), says: 'another CRC' },
    { what: 'size too small', bytes: build({ plainBytes: 10 }), says: 'larger than it says' },
    { what: 'size too large', bytes: build({ plainBytes: PLAIN.length + 1 }), says: 'smaller' },
    { what: 'a bomb', bytes: build({ plainBytes: MAX + 1 }), says: 'at most' },
    { what: 'encrypted', bytes: build({ flags: 1 }), says: 'encrypted' },
    { what: 'masked headers', bytes: build({ flags: 0x2000 }), says: 'encrypted' },
    { what: 'method 12', bytes: build({ method: 12 }), says: 'method 12' },
    { what: 'zip64 size', bytes: build({ plainBytes: 0xffff_ffff }), says: 'at most' },
    { what: 'zip64 packed', bytes: build({ packedBytes: 0xffff_ffff }), says: 'zip64' },
    { what: 'zip64 count', bytes: build({ count: 0xffff }), says: 'zip64' },
    { what: 'several disks', bytes: build({ disk: 1 }), says: 'several files' },
    { what: 'fewer than counted', bytes: build({ count: 2 }), says: 'cut' },
    { what: 'more than counted', bytes: build({ copies: 2, count: 1 }), says: 'no member' },
    { what: 'shifted directory', bytes: build({ directoryShift: 1 }), says: 'does not end' },
    { what: 'bytes at the end', bytes: build({ tail: Buffer.alloc(3) }), says: 'not a zip file' },
    { what: 'another local name', bytes: build({ localName: 'pack/madel.gguf' }), says: 'header' },
    { what: 'another local method', bytes: build({ localMethod: 0 }), says: 'header' },
    {
      what: 'offset in the directory',
      bytes: build({ localOffset: packed.length + 1 }),
      says: 'outside',
    },
    { what: 'offset far away', bytes: build({ localOffset: 0x7fff_ffff }), says: 'outside' },
    { what: 'packed too long', bytes: build({ packedBytes: packed.length + 1 }), says: 'outside' },
    {
      what: 'bytes after the stream',
      bytes: build({ gap: Buffer.alloc(9), packedBytes: packed.length + 9 }),
      says: 'bytes after its end',
    },
    {
      what: 'packed too short',
      bytes: build({ packedBytes: packed.length - 5 }),
      says: 'unpacked',
    },
    { what: 'broken stream', bytes: build({ packed: Buffer.alloc(99, 0xff) }), says: 'unpacked' },
    {
      what: 'stored with two sizes',
      bytes: build({ method: 0, packed: PLAIN, plainBytes: PLAIN.length - 1 }),
      says: 'two sizes',
    },
    { what: 'cut in half', bytes: build().subarray(0, 200), says: 'not a zip file' },
  ])('$what', async ({ bytes, says }) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'DOWNLOAD_MISMATCH',
      message: expect.stringContaining(says) as string,
    })
  })

  test('by Python, zip64', async () => {
    const bytes = byPython(`with zipfile.ZipFile(path, 'w') as z:
    with z.open('pack/model.gguf', 'w', force_zip64=True) as f: f.write(b'x' * 99)
raw = bytearray(open(path, 'rb').read())
at = raw.rindex(b'PK\\x01\\x02')
raw[at + 24:at + 28] = b'\\xff' * 4
open(path, 'wb').write(raw)`)
    await expect(read(bytes, NAME, 2 ** 33)).rejects.toThrow('zip64')
  })

  test('cut at every length', async () => {
    const whole = build({
      method: 0,
      packed: Buffer.from('tiny'),
      crc: crc32('tiny'),
      plainBytes: 4,
    })
    expect((await read(whole)).toString()).toBe('tiny')
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.subarray(0, length))).rejects.toMatchObject({
        code: 'DOWNLOAD_MISMATCH',
      })
    }
  })

  test('one flipped bit of the directory never gives other bytes', async () => {
    const whole = build({
      method: 0,
      packed: Buffer.from('tiny'),
      crc: crc32('tiny'),
      plainBytes: 4,
    })
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bent = Buffer.from(whole)
      bent[bit >> 3]! ^= 1 << (bit & 7)
      const got = await read(bent).catch((thrown: unknown) => thrown)
      if (Buffer.isBuffer(got)) expect(got.toString()).toBe('tiny')
      else expect(got).toMatchObject({ code: 'DOWNLOAD_MISMATCH' })
    }
  })
})
