/**
 * The file under the audit log: opened to be appended to, and nothing else.
 *
 * What it gives: the port that `LogFile` drives (tests bring their own, which fails on purpose),
 * and the real one over fs/promises, which never blocks the event loop. What it does not give: any
 * knowledge of records.
 *
 * @packageDocumentation
 */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../errors.ts'

export interface AppendFile {
  /** Appends; how many of the bytes were taken, at least one. */
  write(bytes: Uint8Array): Promise<number>
  /** fsync: what was written before is durable when this resolves. */
  sync(): Promise<void>
  truncate(bytes: number): Promise<void>
  sizeBytes(): Promise<number>
  read(fromByte: number, bytes: number): Promise<Uint8Array>
  close(): Promise<void>
}

export interface LogPlace {
  /** Makes the file when there is none. */
  open(): Promise<AppendFile>
  /** The whole file from its first byte; nothing when there is none. A chunk lives until the next. */
  readAll(): AsyncIterable<Uint8Array>
}

const APPEND_FLAGS =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW
const CHUNK_BYTES = 262_144

/** @param path - Of the log; its folder exists and is ours. */
export function placeOnDisk(path: string): LogPlace {
  return {
    open: () => openAppendFile(path),
    readAll: () => readChunks(path),
  }
}

/** @throws Fault `STATE_UNSAFE` when the file is not an ordinary one that is ours alone. */
async function openAppendFile(path: string): Promise<AppendFile> {
  const handle = await openSafely(path, APPEND_FLAGS)
  try {
    await checkOwnership(handle)
    await syncFolder(dirname(path))
  } catch (thrown) {
    await handle.close()
    throw thrown
  }
  return {
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    sync: () => handle.sync(),
    truncate: (bytes) => handle.truncate(bytes),
    sizeBytes: async () => (await handle.stat()).size,
    read: async (fromByte, bytes) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, fromByte)
      return buffer.subarray(0, bytesRead)
    },
    close: () => handle.close(),
  }
}

async function openSafely(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o600)
  } catch (cause) {
    if (errnoOf(cause) !== 'ELOOP') throw cause
    throw new Fault('STATE_UNSAFE', 'the audit log is a symbolic link', { cause })
  }
}

async function checkOwnership(handle: FileHandle): Promise<void> {
  const found = await handle.stat()
  if (!found.isFile() || found.nlink !== 1) {
    throw new Fault('STATE_UNSAFE', 'the audit log is not an ordinary file with one name')
  }
  const mode = found.mode & 0o777
  if (found.uid !== process.geteuid?.() || (mode & 0o077) !== 0) {
    const shown = mode.toString(8).padStart(4, '0')
    throw new Fault('STATE_UNSAFE', `the audit log has owner ${found.uid} and mode ${shown}`)
  }
}

/** A new file's name must be as durable as its first record. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  let handle: FileHandle
  try {
    handle = await openSafely(path, READ_FLAGS)
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return
    throw thrown
  }
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null)
      if (bytesRead === 0) return
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** `ENOSPC` and its like; null for what no system call said. */
export function errnoOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null
  const { code } = thrown
  return typeof code === 'string' && /^E[A-Z0-9]{1,20}$/.test(code) ? code : null
}
