/**
 * `keys/store.json`: which key store this state folder uses, and what each needs to open again.
 *
 * It holds no secret. Stores that were used before stay in it, because models may be sealed for
 * them.
 *
 * @packageDocumentation
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Fault } from '../../errors.ts'
import { writeAtomically } from '../../vault/folder-file.ts'
import type { SlotKind } from '../../vault/slots.ts'
import { errnoOf } from '../append-file.ts'

const FORMAT = 'secure-llm/key-store/v1'
const MAX_BYTES = 16_384
export const KINDS = ['keychain', 'file', 'passphrase'] as const satisfies readonly SlotKind[]

/** Argon2id as libsodium counts it. */
export interface PassphraseParams {
  /** Base64, 16 bytes. */
  readonly salt: string
  readonly opsLimit: number
  readonly memLimitBytes: number
}

export interface StoreEntry {
  readonly keyId: string
  /** RFC 3339. */
  readonly created: string
  readonly params?: PassphraseParams
}

export interface StoreMemory {
  readonly chosen: SlotKind
  readonly stores: Readonly<Partial<Record<SlotKind, StoreEntry>>>
}

/** Null when there is none yet. @throws Fault `KEY_STORE_MISSING` when it cannot be understood. */
export async function readStoreMemory(path: string): Promise<StoreMemory | null> {
  const bytes = await readSmall(path)
  return bytes === null ? null : parseStoreMemory(bytes)
}

export function writeStoreMemory(path: string, memory: StoreMemory): void {
  const text = `${JSON.stringify({ format: FORMAT, ...memory }, null, 2)}\n`
  writeAtomically(path, Buffer.from(text), 0o600)
}

/** A file of a few bytes, or null when there is none. Never follows a link. */
export async function readSmall(path: string): Promise<Buffer | null> {
  let handle
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return null
    throw thrown
  }
  try {
    const { size } = await handle.stat()
    if (size > MAX_BYTES) throw new Fault('KEY_STORE_MISSING', `a key file of ${size} bytes`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** @throws Fault `KEY_STORE_MISSING`. */
export function parseStoreMemory(bytes: Uint8Array): StoreMemory {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw new Fault('KEY_STORE_MISSING', 'keys/store.json is not JSON', { cause })
  }
  const file = fieldsOf(value)
  const chosen = KINDS.find((kind) => kind === file.chosen)
  if (file.format !== FORMAT || chosen === undefined) {
    throw new Fault('KEY_STORE_MISSING', 'keys/store.json has another format')
  }
  const entries = Object.entries(fieldsOf(file.stores)).map(([name, entry]) => {
    const kind = KINDS.find((known) => known === name)
    if (kind === undefined) throw new Fault('KEY_STORE_MISSING', 'keys/store.json names no store')
    return [kind, parseEntry(kind, entry)] as const
  })
  return { chosen, stores: Object.fromEntries(entries) }
}

function parseEntry(kind: SlotKind, value: unknown): StoreEntry {
  const { keyId, created, params } = fieldsOf(value)
  if (typeof keyId !== 'string' || !/^[0-9a-f]{16}$/.test(keyId) || typeof created !== 'string') {
    throw new Fault('KEY_STORE_MISSING', `keys/store.json: the ${kind} store has no key id`)
  }
  return kind === 'passphrase'
    ? { keyId, created, params: parseParams(params) }
    : { keyId, created }
}

function parseParams(value: unknown): PassphraseParams {
  const { salt, opsLimit, memLimitBytes } = fieldsOf(value)
  const isSalt = typeof salt === 'string' && /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(salt)
  if (isSalt && isIn(opsLimit, 1, 16) && isIn(memLimitBytes, 8192, 1_073_741_824)) {
    return { salt, opsLimit, memLimitBytes }
  }
  throw new Fault('KEY_STORE_MISSING', 'keys/store.json: the parameters are out of their range')
}

function isIn(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
