/**
 * What every key store gives the keeper: the use of one wrapping key.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { SlotKind, SlotParams } from '../../vault/slots.ts'
import type { HeldKey } from './held-key.ts'

export interface KeyStore {
  readonly kind: SlotKind
  /** What is weaker than it could be, with the hint that mends it; for the operator. */
  readonly warnings: readonly string[]
  /** What a slot of this store says besides its key id. */
  readonly slotParams: SlotParams
  /** @throws Fault `KEY_STORE_LOCKED` before `unlock` and after `close`. */
  key(): HeldKey
  /** Does nothing for a store that needs no passphrase. Zeroes the passphrase. */
  unlock(passphrase: Uint8Array): Promise<void>
  /** Zeroes the key. */
  close(): void
}

/** A store whose key is there from the start: keychain and file. */
export class OpenStore implements KeyStore {
  readonly kind: SlotKind
  readonly warnings: readonly string[]
  readonly slotParams: SlotParams = {}
  readonly #key: HeldKey

  constructor(kind: SlotKind, key: HeldKey, warnings: readonly string[]) {
    this.kind = kind
    this.#key = key
    this.warnings = warnings
  }

  key(): HeldKey {
    return this.#key
  }

  async unlock(passphrase: Uint8Array): Promise<void> {
    passphrase.fill(0)
  }

  close(): void {
    this.#key.wipe()
  }
}

/** What the sealed models of a state folder say about the stores that must exist. */
export interface SealedKinds {
  /** Kinds of slot that some sealed model has. */
  readonly kinds: ReadonlySet<SlotKind>
  /** Sealed models whose slots cannot be read: any kind may be among them. */
  readonly unreadable: number
}

/**
 * A new key while a model is sealed under a lost one would hide the loss.
 *
 * @throws Fault `KEY_STORE_MISSING`.
 */
export function checkNewKey(kind: SlotKind, sealed: SealedKinds): void {
  if (sealed.kinds.has(kind)) {
    throw new Fault('KEY_STORE_MISSING', `models are sealed for the ${kind} store, its key is gone`)
  }
  if (sealed.unreadable > 0) {
    throw new Fault(
      'KEY_STORE_MISSING',
      `${sealed.unreadable} sealed models have slots that cannot be read, so no new key is made`,
    )
  }
}
