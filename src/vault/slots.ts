/**
 * Slots: the file key of a sealed model, wrapped once for each key that may open it.
 *
 *     slot key = HKDF-SHA-512(ikm = wrapping key, salt = none, info = "secure-llm/slot-wrap/v1", 32)
 *     wrapped  = AES-256-GCM(slot key, nonce, file key, AAD = canonical header) with its tag
 *     header   = an object of context, created, format, keyId, kind and params
 *
 * What it gives: a slot opens with its own wrapping key, in its own model, with no field edited;
 * adding or removing one never touches the weights. What it does not give: revocation (who kept a
 * copy of slots.json and the wrapping key can still open a copy of the model), or protection from
 * a slot being deleted.
 *
 * @packageDocumentation
 * @see docs/spec/sealed-model.md
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Fault } from '../errors.ts'
import { canonicalise, parseCanonical } from './canonical.ts'
import { checkFields, instant, printable } from './fields.ts'
import { FILE_KEY_BYTES, NONCE_BYTES, TAG_BYTES } from './layout.ts'

export const SLOTS_FORMAT = 'secure-llm/slots/v1'
export const MAX_SLOTS = 16
export const MAX_SLOTS_BYTES = 256 * 1024
export const WRAPPING_KEY_BYTES = 32

const FAULT = { what: 'slots.json', code: 'VAULT_SLOTS_INVALID' } as const
const SLOT_FORMAT = 'secure-llm/slot/v1'
const CONTEXT_BYTES = 32
const CIPHER = 'aes-256-gcm'

const openParams = z
  .record(
    z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,31}$/),
    z.union([printable(0, 256), z.int(), z.null()]),
  )
  .refine((params) => Object.keys(params).length <= 8)

/** Argon2id as libsodium's crypto_pwhash counts it; the limits keep a hostile slot from eating the machine. */
const passphraseParams = z.strictObject({
  salt: z.string().regex(/^[A-Za-z0-9+/]{21}[AQgw]==$/),
  opsLimit: z.int().min(1).max(16),
  memLimitBytes: z.int().min(8192).max(1_073_741_824),
})

/** What every kind of slot has. A later kind is one more row in `SLOT`. */
const COMMON = {
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  created: instant,
  nonce: z.string().regex(/^[A-Za-z0-9+/]{16}$/),
  wrapped: z.string().regex(/^[A-Za-z0-9+/]{64}$/),
}

const SLOT = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keychain'), params: openParams, ...COMMON }),
  z.strictObject({ kind: z.literal('file'), params: openParams, ...COMMON }),
  z.strictObject({ kind: z.literal('passphrase'), params: passphraseParams, ...COMMON }),
])

const SLOTS_FILE = z.strictObject({
  format: z.literal(SLOTS_FORMAT),
  slots: z.array(SLOT).min(1).max(MAX_SLOTS),
})

export type SlotKind = 'keychain' | 'file' | 'passphrase'
export type SlotParams = Readonly<Record<string, string | number | null>>

export interface Slot {
  readonly kind: SlotKind
  /** `keyIdOf` the wrapping key: 16 hex digits. */
  readonly keyId: string
  readonly created: string
  /** For `passphrase`: salt (base64, 16 bytes), opsLimit, memLimitBytes. */
  readonly params: SlotParams
  /** Base64, 12 bytes. */
  readonly nonce: string
  /** Base64: 32 bytes of wrapped file key, 16 of tag. */
  readonly wrapped: string
}

export interface SlotHeader {
  readonly kind: SlotKind
  readonly keyId: string
  readonly created: string
  readonly params?: SlotParams
  /** 32 bytes of `manifestContext`. */
  readonly context: Uint8Array
}

/**
 * Wraps the file key under the wrapping key.
 *
 * @throws Fault `VAULT_SLOTS_INVALID` when a field of the header is not what a reader would take.
 */
export function wrapFileKey(fileKey: Uint8Array, wrappingKey: Uint8Array, about: SlotHeader): Slot {
  if (fileKey.length !== FILE_KEY_BYTES) throw new RangeError('a file key has 32 bytes')
  const { kind, keyId, created, params = {} } = about
  const nonce = randomBytes(NONCE_BYTES)
  const slotKey = slotKeyOf(wrappingKey)
  try {
    const cipher = createCipheriv(CIPHER, slotKey, nonce)
    cipher.setAAD(headerBytes({ kind, keyId, created, params }, about.context))
    const body = cipher.update(fileKey)
    cipher.final()
    const wrapped = Buffer.concat([body, cipher.getAuthTag()]).toString('base64')
    const slot = { kind, keyId, created, params, nonce: nonce.toString('base64'), wrapped }
    return checkFields(SLOT, slot, FAULT)
  } finally {
    slotKey.fill(0)
  }
}

/**
 * The file key, in a buffer of its own that the caller wipes.
 *
 * @throws Fault `VAULT_WRONG_KEY` when the key, the context or any field of the slot is not the one
 * it was wrapped with; which of them is not told.
 */
export function unwrapFileKey(slot: Slot, wrappingKey: Uint8Array, context: Uint8Array): Buffer {
  const wrapped = Buffer.from(slot.wrapped, 'base64')
  const nonce = Buffer.from(slot.nonce, 'base64')
  if (wrapped.length !== FILE_KEY_BYTES + TAG_BYTES || nonce.length !== NONCE_BYTES) {
    throw wrongKey(slot)
  }
  const slotKey = slotKeyOf(wrappingKey)
  let fileKey: Buffer | undefined
  try {
    const decipher = createDecipheriv(CIPHER, slotKey, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(headerBytes(slot, context))
    decipher.setAuthTag(wrapped.subarray(FILE_KEY_BYTES))
    fileKey = decipher.update(wrapped.subarray(0, FILE_KEY_BYTES))
    decipher.final()
    return fileKey
  } catch {
    fileKey?.fill(0)
    throw wrongKey(slot)
  } finally {
    slotKey.fill(0)
  }
}

/**
 * A short public name of a wrapping key, 16 hex digits, from which the key cannot be worked out.
 * For a passphrase it is as guessable as the passphrase itself: Argon2id stands before both.
 */
export function keyIdOf(wrappingKey: Uint8Array): string {
  return Buffer.from(expandKey(wrappingKey, 'secure-llm/key-id/v1', 8)).toString('hex')
}

/** @throws Fault `VAULT_SLOTS_INVALID` for anything but the canonical bytes of 1 to 16 slots. */
export function parseSlots(bytes: Uint8Array): Slot[] {
  const value = parseCanonical(bytes, { ...FAULT, maxBytes: MAX_SLOTS_BYTES })
  return checkFields(SLOTS_FILE, value, FAULT).slots
}

/**
 * The bytes of slots.json: canonical JSON and a line feed.
 *
 * @throws Fault `VAULT_SLOTS_INVALID` when they are none, more than 16, or not as a reader takes them.
 */
export function serializeSlots(slots: readonly Slot[]): Buffer {
  const file = checkFields(SLOTS_FILE, { format: SLOTS_FORMAT, slots: [...slots] }, FAULT)
  return Buffer.from(`${canonicalise(file)}\n`, 'latin1')
}

function wrongKey(slot: Slot): Fault {
  return new Fault('VAULT_WRONG_KEY', `the slot for key ${slot.keyId} does not open with this key`)
}

function slotKeyOf(wrappingKey: Uint8Array): Buffer {
  if (wrappingKey.length !== WRAPPING_KEY_BYTES) {
    throw new Fault('VAULT_WRONG_KEY', `a wrapping key of ${wrappingKey.length} bytes, it has 32`)
  }
  return Buffer.from(expandKey(wrappingKey, 'secure-llm/slot-wrap/v1', 32))
}

function expandKey(wrappingKey: Uint8Array, info: string, bytes: number): ArrayBuffer {
  return hkdfSync('sha512', wrappingKey, Buffer.alloc(0), info, bytes)
}

type Described = Pick<Slot, 'kind' | 'keyId' | 'created' | 'params'>

/** What the tag covers besides the key: every field of the slot, and the model it belongs to. */
function headerBytes(slot: Described, context: Uint8Array): Buffer {
  if (context.length !== CONTEXT_BYTES) throw new RangeError('a context has 32 bytes')
  const { kind, keyId, created, params } = slot
  const hex = Buffer.from(context).toString('hex')
  const header = { format: SLOT_FORMAT, kind, keyId, created, params, context: hex }
  return Buffer.from(canonicalise(header), 'latin1')
}
