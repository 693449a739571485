/**
 * The `passphrase` store: the wrapping key is worked out from words that only a person knows.
 *
 * Argon2id by libsodium, in a thread. The first passphrase makes the store; it is never written
 * anywhere, and there is no way back without it.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import sodium from 'sodium-native'
import { Fault } from '../../errors.ts'
import type { SlotParams } from '../../vault/slots.ts'
import { HeldKey } from './held-key.ts'
import { checkNewKey, type KeyStore, type SealedKinds } from './key-store.ts'
import type { PassphraseParams, StoreEntry } from './store-file.ts'

export const MIN_PASSPHRASE_BYTES = 8

/** libsodium's MODERATE: 256 MiB and about a second, for each guess too. */
export const ARGON2ID: Omit<PassphraseParams, 'salt'> = {
  opsLimit: 3,
  memLimitBytes: 268_435_456,
}

export interface PassphraseOptions {
  /** As the first passphrase made it; absent before that. */
  readonly known: StoreEntry | undefined
  readonly sealed: SealedKinds
  /** Called once, when the first passphrase makes the store; a throw undoes it. */
  readonly remember: (entry: StoreEntry) => void
  readonly cost?: Omit<PassphraseParams, 'salt'>
}

export class PassphraseStore implements KeyStore {
  readonly kind = 'passphrase'
  readonly warnings: readonly string[] = []
  readonly #options: PassphraseOptions
  #params: PassphraseParams
  #knownId: string | undefined
  #key: HeldKey | undefined
  #isClosed = false

  constructor(options: PassphraseOptions) {
    this.#options = options
    this.#knownId = options.known?.keyId
    this.#params = options.known?.params ?? {
      salt: randomBytes(sodium.crypto_pwhash_SALTBYTES).toString('base64'),
      ...(options.cost ?? ARGON2ID),
    }
  }

  get slotParams(): SlotParams {
    return { ...this.#params }
  }

  key(): HeldKey {
    if (this.#key !== undefined) return this.#key
    throw new Fault('KEY_STORE_LOCKED', 'the key store waits for its passphrase')
  }

  /**
   * @throws Fault `KEY_STORE_PASSPHRASE` when it is not the one the store was made with, or too
   * short for a new store; `KEY_STORE_MISSING` when models are sealed for a store that is gone.
   */
  async unlock(passphrase: Uint8Array): Promise<void> {
    try {
      await this.#unlock(passphrase)
    } finally {
      passphrase.fill(0)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#key?.wipe()
  }

  async #unlock(passphrase: Uint8Array): Promise<void> {
    if (this.#knownId === undefined) {
      checkNewKey('passphrase', this.#options.sealed)
      if (passphrase.length < MIN_PASSPHRASE_BYTES) {
        throw new Fault('KEY_STORE_PASSPHRASE', `fewer than ${MIN_PASSPHRASE_BYTES} bytes`)
      }
    }
    const key = await this.#derive(passphrase)
    try {
      this.#accept(key)
    } catch (thrown) {
      key.wipe()
      throw thrown
    }
  }

  #accept(key: HeldKey): void {
    if (this.#isClosed) throw new Fault('KEY_STORE_LOCKED', 'the key store is closed')
    if (this.#knownId === undefined) {
      const created = new Date().toISOString()
      this.#options.remember({ keyId: key.keyId, created, params: this.#params })
      this.#knownId = key.keyId
    }
    // Key ids are public, so an ordinary comparison is enough here.
    if (key.keyId !== this.#knownId) {
      throw new Fault('KEY_STORE_PASSPHRASE', 'not the passphrase of this key store')
    }
    this.#key?.wipe()
    this.#key = key
  }

  #derive(passphrase: Uint8Array): Promise<HeldKey> {
    const { salt, opsLimit, memLimitBytes } = this.#params
    const salted = Buffer.from(salt, 'base64')
    const algorithm = sodium.crypto_pwhash_ALG_ARGON2ID13
    return HeldKey.fill((memory) =>
      sodium.crypto_pwhash_async(memory, passphrase, salted, opsLimit, memLimitBytes, algorithm),
    )
  }
}
