/**
 * The `keychain` store: the wrapping key in the desktop's own keyring.
 *
 * On Linux the entry is pinned to the Secret Service: unpinned, the library falls back to the
 * kernel's keyring without a word, which forgets at reboot. A throw means that no store answers;
 * null means no entry, and only because the read is pinned.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import keyring from '@napi-rs/keyring'
import { Fault } from '../../errors.ts'
import { WRAPPING_KEY_BYTES } from '../../vault/slots.ts'
import { HeldKey } from './held-key.ts'
import { checkNewKey, OpenStore, type KeyStore, type SealedKinds } from './key-store.ts'

export const SERVICE = 'secure-llm'
export const ACCOUNT = 'wrapping-key'

/** A person may have to allow it in a dialog of the desktop. */
const ANSWER_MS = 60_000

/** One entry of a keychain. Every call throws when no keychain answers. */
export interface KeychainEntry {
  read(): Promise<Uint8Array | null>
  write(secret: Uint8Array): Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws Error when this machine has no keychain to ask. */
export function systemEntry(env: Environment): KeychainEntry {
  // Without an address the library would start a bus of its own (dbus-launch).
  if (process.platform === 'linux' && !hasSessionBus(env))
    throw new Error('there is no session bus')
  const entry = new keyring.AsyncEntry(SERVICE, ACCOUNT, { linux: { store: 'secret-service' } })
  return {
    read: async () => {
      const numbers = await answered(entry.getSecret())
      if (numbers === null) return null
      const bytes = Uint8Array.from(numbers)
      numbers.fill(0)
      return bytes
    },
    write: (secret) => answered(entry.setSecret(secret)),
  }
}

function hasSessionBus({ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR }: Environment): boolean {
  if (DBUS_SESSION_BUS_ADDRESS !== undefined && DBUS_SESSION_BUS_ADDRESS !== '') return true
  return XDG_RUNTIME_DIR?.startsWith('/') === true && existsSync(`${XDG_RUNTIME_DIR}/bus`)
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`no answer in ${ANSWER_MS / 1000} s`))
  }, ANSWER_MS)
  answer.catch(() => undefined)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Takes the key out of the entry, or makes one.
 *
 * @throws Fault `KEY_STORE_MISSING` when models are sealed for a key that is gone,
 * `KEY_STORE_REFUSED` when the keychain does not keep what it is given; and what the entry throws.
 */
export async function openKeychainStore(
  entry: KeychainEntry,
  sealed: SealedKinds,
): Promise<KeyStore> {
  const found = await entry.read()
  if (found !== null) return new OpenStore('keychain', HeldKey.take(found), [])
  checkNewKey('keychain', sealed)
  const key = randomBytes(WRAPPING_KEY_BYTES)
  await entry.write(key)
  const made = HeldKey.take(key)
  const kept = await entry.read()
  if (kept === null || HeldKey.take(kept).keyId !== made.keyId) {
    throw new Fault('KEY_STORE_REFUSED', 'the keychain did not keep the new key')
  }
  return new OpenStore('keychain', made, [])
}
