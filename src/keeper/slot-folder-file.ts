/**
 * Wraps a new file key into `slots.json` of a model folder that is being made.
 *
 * @packageDocumentation
 */
import { lstatSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Fault } from '../errors.ts'
import { readSlots, SLOTS_FILE, writeAtomically } from '../vault/folder-file.ts'
import {
  serializeSlots,
  unwrapFileKey,
  wrapFileKey,
  WRAPPING_KEY_BYTES,
  type Slot,
} from '../vault/slots.ts'
import { errnoOf } from './append-file.ts'
import { BrokenRule } from './permits.ts'
import type { KeyStore } from './stores/key-store.ts'

const FILE_KEY_BYTES = WRAPPING_KEY_BYTES
const FOLDER_NAME = /^(?:[a-z0-9][a-z0-9._-]{0,63}|\.staging-[A-Za-z0-9]{1,32})$/

export interface SlotRequest {
  /** A view of the frame: zeroed with it. */
  readonly fileKey: Uint8Array
  readonly folder: string
  readonly context: string
}

/** The body of `slot.add`: 32 bytes of file key, then JSON. @throws BrokenRule `malformed-frame`. */
export function parseSlotRequest(body: Uint8Array): SlotRequest {
  const fileKey = body.subarray(0, FILE_KEY_BYTES)
  let about: unknown
  try {
    about = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        body.subarray(FILE_KEY_BYTES),
      ),
    )
  } catch {
    throw new BrokenRule('malformed-frame', 'slot.add does not end in JSON')
  }
  const fields = typeof about === 'object' && about !== null ? { ...about } : {}
  const { folder, context, ...rest } = fields as Record<string, unknown>
  const isWhole = Object.keys(rest).length === 0 && fileKey.length === FILE_KEY_BYTES
  if (isWhole && typeof folder === 'string' && isHex32(context)) return { fileKey, folder, context }
  throw new BrokenRule('malformed-frame', 'slot.add has wrong fields')
}

function isHex32(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/**
 * The folder, when it lies right under `models` and is one: no link leads out.
 *
 * @throws BrokenRule `folder-outside`; Fault `MODEL_UNKNOWN` when there is none.
 */
export function checkModelFolder(modelsPath: string, folder: string): string {
  const name = basename(folder)
  const own = join(modelsPath, name)
  if (folder !== own || !FOLDER_NAME.test(name)) {
    throw new BrokenRule('folder-outside', 'a slot is added only right under state/models')
  }
  const found = lstatSync(own, { throwIfNoEntry: false })
  if (found === undefined) throw new Fault('MODEL_UNKNOWN', 'there is no such model folder')
  if (found.isDirectory()) return own
  throw new BrokenRule('folder-outside', 'a slot is added only to a folder, not through a link')
}

/**
 * Adds a slot, or replaces the one of the same key.
 *
 * @throws Fault `VAULT_WRONG_KEY` when a slot of this key is there and holds another file key:
 * replacing it would lose the model. `KEY_STORE_LOCKED`; `VAULT_SLOTS_INVALID`.
 */
export function addSlot(store: KeyStore, folder: string, request: SlotRequest): Slot {
  const context = Buffer.from(request.context, 'hex')
  const { kind, slotParams } = store
  const key = store.key()
  const before = slotsIn(folder)
  const same = before.find((slot) => slot.kind === kind && slot.keyId === key.keyId)
  const slot = key.use((wrappingKey) => {
    if (same !== undefined) checkSameKey(unwrapFileKey(same, wrappingKey, context), request.fileKey)
    const created = new Date().toISOString()
    const about = { kind, keyId: key.keyId, created, params: slotParams, context }
    return wrapFileKey(request.fileKey, wrappingKey, about)
  })
  const slots = [...before.filter((other) => other !== same), slot]
  writeAtomically(join(folder, SLOTS_FILE), serializeSlots(slots), 0o600)
  return slot
}

function checkSameKey(held: Buffer, given: Uint8Array): void {
  const isSame = held.equals(given)
  held.fill(0)
  if (!isSame) throw new Fault('VAULT_WRONG_KEY', 'the folder has a slot for another file key')
}

function slotsIn(folder: string): Slot[] {
  const path = join(folder, SLOTS_FILE)
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? [] : readSlots(folder)
}

/** A disk that is full or refuses: said as a fault, because the command line can mend it. */
export function diskFault(thrown: unknown): unknown {
  const why = errnoOf(thrown)
  return why === null
    ? thrown
    : new Fault('VAULT_SLOTS_INVALID', `slots.json cannot be written: ${why}`, { cause: thrown })
}
