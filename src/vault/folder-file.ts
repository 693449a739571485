/**
 * A sealed model on disk: a folder with model.gguf.sealed, manifest.json and slots.json.
 *
 * What it gives: files are read without following a symbolic link and never beyond their limit;
 * slots.json and manifest.json are either as before or as after a write, whatever fails in between.
 * What it does not give: protection from somebody who can write the folder and swaps whole
 * consistent models: whoever opens one compares the name in the manifest with the name asked for.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Fault, type FaultCode, reasonOf } from '../errors.ts'
import { type Manifest, manifestContext, MAX_MANIFEST_BYTES, parseManifest } from './manifest.ts'
import { plainLength } from './layout.ts'
import { MAX_SLOTS_BYTES, parseSlots, type Slot } from './slots.ts'

export const PAYLOAD_FILE = 'model.gguf.sealed'
export const MANIFEST_FILE = 'manifest.json'
export const SLOTS_FILE = 'slots.json'

export interface ModelFolder {
  readonly manifest: Manifest
  /** 32 bytes; see `manifestContext`. */
  readonly context: Buffer
  readonly slots: Slot[]
  readonly payloadPath: string
  readonly sealedBytes: number
}

/**
 * Reads and checks everything but the sealed bytes.
 *
 * @throws Fault `VAULT_MANIFEST_INVALID`, `VAULT_SLOTS_INVALID`, or `VAULT_DAMAGED` for a payload
 * that is missing or has not the length that the manifest says.
 */
export function readModelFolder(folder: string): ModelFolder {
  const { manifest, context } = readManifest(folder)
  const slots = readSlots(folder)
  const payload = openPayloadFile(folder, manifest)
  closeSync(payload.descriptor)
  const { payloadPath, sealedBytes } = payload
  return { manifest, context, slots, payloadPath, sealedBytes }
}

/** @throws Fault `VAULT_MANIFEST_INVALID`, also when there is no such folder or file. */
export function readManifest(folder: string): { manifest: Manifest; context: Buffer } {
  const bytes = readSmallFile(folder, MANIFEST_FILE, MAX_MANIFEST_BYTES, 'VAULT_MANIFEST_INVALID')
  const manifest = parseManifest(bytes)
  return { manifest, context: manifestContext(manifest) }
}

/** @throws Fault `VAULT_SLOTS_INVALID`, also when there is no such folder or file. */
export function readSlots(folder: string): Slot[] {
  return parseSlots(readSmallFile(folder, SLOTS_FILE, MAX_SLOTS_BYTES, 'VAULT_SLOTS_INVALID'))
}

/**
 * Opens the sealed payload for reading; the caller closes the descriptor.
 *
 * @throws Fault `VAULT_DAMAGED` when it is missing or has not the length that the manifest says.
 */
export function openPayloadFile(
  folder: string,
  manifest: Manifest,
): { descriptor: number; payloadPath: string; sealedBytes: number } {
  const payloadPath = join(folder, PAYLOAD_FILE)
  const { descriptor, bytes: sealedBytes } = openRegular(folder, PAYLOAD_FILE, 'VAULT_DAMAGED')
  try {
    const plainBytes = plainLength(sealedBytes)
    if (plainBytes === manifest.bytes) return { descriptor, payloadPath, sealedBytes }
    throw new Fault(
      'VAULT_DAMAGED',
      `${PAYLOAD_FILE} holds ${plainBytes} bytes, ${MANIFEST_FILE} says ${manifest.bytes}`,
    )
  } catch (thrown) {
    closeSync(descriptor)
    throw thrown
  }
}

/** NONBLOCK: a named pipe in the place of a file must not hang the reader. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const FOLDER_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY

function openRegular(
  folder: string,
  name: string,
  code: FaultCode,
): { descriptor: number; bytes: number } {
  let descriptor: number | undefined
  try {
    closeSync(openSync(folder, FOLDER_FLAGS))
    descriptor = openSync(join(folder, name), READ_FLAGS)
    const found = fstatSync(descriptor)
    if (found.isFile()) return { descriptor, bytes: found.size }
  } catch (cause) {
    throw new Fault(code, `cannot read ${name}: ${errorCodeOf(cause)}`, { cause })
  }
  closeSync(descriptor)
  throw new Fault(code, `${name} is not a regular file`)
}

function readSmallFile(folder: string, name: string, maxBytes: number, code: FaultCode): Buffer {
  const { descriptor, bytes } = openRegular(folder, name, code)
  try {
    if (bytes > maxBytes) {
      throw new Fault(code, `${name} has ${bytes} bytes, ${maxBytes} are allowed`)
    }
    return readUpTo(descriptor, maxBytes + 1)
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown
    throw new Fault(code, `cannot read ${name}: ${errorCodeOf(thrown)}`, { cause: thrown })
  } finally {
    closeSync(descriptor)
  }
}

/** One byte more than the limit is enough for the parser to refuse a file that grew. */
function readUpTo(descriptor: number, maxBytes: number): Buffer {
  const into = Buffer.alloc(maxBytes)
  let held = 0
  for (;;) {
    const read = readSync(descriptor, into, held, maxBytes - held, held)
    held += read
    if (read === 0 || held === maxBytes) return into.subarray(0, held)
  }
}

function errorCodeOf(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') {
    return thrown.code
  }
  return reasonOf(thrown)
}

/** The calls a write makes, as a table, so that tests can let each of them fail. */
export interface FileCalls {
  readonly open: (path: string, flags: number, mode?: number) => number
  readonly write: (descriptor: number, bytes: Uint8Array, at: number) => number
  readonly sync: (descriptor: number) => void
  readonly close: (descriptor: number) => void
  readonly rename: (from: string, to: string) => void
  readonly unlink: (path: string) => void
}

const SYSTEM_CALLS: FileCalls = {
  open: openSync,
  write: (descriptor, bytes, at) => writeSync(descriptor, bytes, at),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  unlink: unlinkSync,
}

const NEW_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Replaces a file: written beside it, made durable, renamed over it, the folder made durable.
 *
 * When this returns, the new bytes survive a power cut. When it throws, the file is the old one or
 * the new one, whole. A process killed in between may leave `.NAME.tmp-XXXX` behind; nobody reads it.
 *
 * @param mode - Permission bits, such as 0o600; the umask may take some away.
 * @throws The error of the call that failed.
 */
export function writeAtomically(
  path: string,
  bytes: Uint8Array,
  mode: number,
  calls: FileCalls = SYSTEM_CALLS,
): void {
  const folder = dirname(path)
  const beside = join(folder, `.${basename(path)}.tmp-${randomBytes(6).toString('hex')}`)
  try {
    withDescriptor(calls, calls.open(beside, NEW_FLAGS, mode), (descriptor) => {
      for (let at = 0; at < bytes.length;) at += calls.write(descriptor, bytes, at)
      calls.sync(descriptor)
    })
    calls.rename(beside, path)
  } catch (thrown) {
    removeLeftOver(calls, beside)
    throw thrown
  }
  syncFolder(folder, calls)
}

/** Makes names in a folder durable: new, renamed and removed ones. */
export function syncFolder(folder: string, calls: FileCalls = SYSTEM_CALLS): void {
  withDescriptor(calls, calls.open(folder, constants.O_RDONLY | constants.O_DIRECTORY), calls.sync)
}

function withDescriptor(
  calls: FileCalls,
  descriptor: number,
  act: (descriptor: number) => void,
): void {
  try {
    act(descriptor)
  } finally {
    calls.close(descriptor)
  }
}

function removeLeftOver(calls: FileCalls, path: string): void {
  try {
    calls.unlink(path)
  } catch {
    // The failure that brought us here is the one to tell.
  }
}
