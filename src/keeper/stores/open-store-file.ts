/**
 * Opens the key store of a state folder and remembers the choice.
 *
 * @packageDocumentation
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, reasonOf } from '../../errors.ts'
import { PAYLOAD_FILE, readSlots } from '../../vault/folder-file.ts'
import type { SlotKind } from '../../vault/slots.ts'
import { errnoOf } from '../append-file.ts'
import { chooseStore, type StoreQuestion } from './choice.ts'
import { openFileStore } from './file.ts'
import type { KeyStore, SealedKinds } from './key-store.ts'
import { openKeychainStore, systemEntry, type KeychainEntry } from './keychain.ts'
import { PassphraseStore } from './passphrase.ts'
import {
  readStoreMemory,
  writeStoreMemory,
  type StoreEntry,
  type StoreMemory,
} from './store-file.ts'

export interface StoreOptions {
  readonly statePath: string
  readonly setting: StoreQuestion['setting']
  readonly profile: StoreQuestion['profile']
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absent: the keychain of this machine. */
  readonly keychain?: () => KeychainEntry
}

interface Opening extends StoreOptions {
  readonly memoryPath: string
  readonly memory: StoreMemory | null
  readonly sealed: SealedKinds
}

/**
 * @throws Fault `KEY_STORE_REFUSED` when the store does not answer and no other may stand in,
 * `KEY_STORE_MISSING` when its key is gone, `STATE_UNSAFE`.
 */
export async function openKeyStore(options: StoreOptions): Promise<KeyStore> {
  try {
    return await openRemembered(options)
  } catch (thrown) {
    const why = errnoOf(thrown)
    if (why === null) throw thrown
    throw new Fault('KEY_STORE_REFUSED', `the folder of the key store: ${why}`, { cause: thrown })
  }
}

async function openRemembered(options: StoreOptions): Promise<KeyStore> {
  const memoryPath = join(options.statePath, 'keys/store.json')
  const memory = await readStoreMemory(memoryPath)
  const sealed = sealedKinds(join(options.statePath, 'models'))
  const opening = { ...options, memoryPath, memory, sealed }
  const wish = chooseStore({
    setting: options.setting,
    profile: options.profile,
    remembered: memory?.chosen ?? null,
    sealedFor: sealed.kinds,
  })
  const store = await openOrElse(opening, wish.kind, wish.otherwise)
  if (store.kind === 'passphrase') return store
  checkRemembered(opening, store)
  const { keyId } = store.key()
  remember(opening, store.kind, { keyId, created: new Date().toISOString() })
  return store
}

async function openOrElse(
  opening: Opening,
  kind: SlotKind,
  otherwise: SlotKind | null,
): Promise<KeyStore> {
  try {
    return await openKind(opening, kind)
  } catch (thrown) {
    // A fault is ours and certain; anything else came from the keychain, which does not answer.
    if (thrown instanceof Fault || kind !== 'keychain') throw thrown
    if (otherwise !== null) return openKind(opening, otherwise)
    const why = reasonOf(thrown).slice(0, 160)
    throw new Fault('KEY_STORE_REFUSED', `no keychain answers: ${why}`, { cause: thrown })
  }
}

async function openKind(opening: Opening, kind: SlotKind): Promise<KeyStore> {
  const { statePath, sealed, memory, env, keychain } = opening
  switch (kind) {
    case 'file':
      return openFileStore(join(statePath, 'keys/wrapping.key'), sealed)
    case 'keychain':
      return openKeychainStore(keychain === undefined ? systemEntry(env) : keychain(), sealed)
    case 'passphrase':
      return new PassphraseStore({
        known: memory?.stores.passphrase,
        sealed,
        remember: (entry) => {
          remember(opening, 'passphrase', entry)
        },
      })
  }
}

/** Another key than before is fine only while no model needs the old one. */
function checkRemembered({ memory, sealed }: Opening, store: KeyStore): void {
  const known = memory?.stores[store.kind]?.keyId
  const { keyId } = store.key()
  const isNeeded = sealed.kinds.has(store.kind) || sealed.unreadable > 0
  if (known === undefined || known === keyId || !isNeeded) return
  store.close()
  throw new Fault(
    'KEY_STORE_MISSING',
    `the ${store.kind} store holds key ${keyId}, models are sealed for key ${known}`,
  )
}

function remember({ memory, memoryPath }: Opening, kind: SlotKind, entry: StoreEntry): void {
  const isKnown = memory?.stores[kind]?.keyId === entry.keyId
  if (isKnown && memory.chosen === kind) return
  const stores = isKnown ? memory.stores : { ...memory?.stores, [kind]: entry }
  writeStoreMemory(memoryPath, { chosen: kind, stores })
}

/** Reads which stores the sealed models need; folders being made are not models yet. */
export function sealedKinds(modelsPath: string): SealedKinds {
  const kinds = new Set<SlotKind>()
  let unreadable = 0
  for (const entry of readdirSync(modelsPath, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    const folder = join(modelsPath, entry.name)
    try {
      for (const { kind } of readSlots(folder)) kinds.add(kind)
    } catch {
      // A folder without sealed bytes is no model, and needs no key.
      if (existsSync(join(folder, PAYLOAD_FILE))) unreadable++
    }
  }
  return { kinds, unreadable }
}
