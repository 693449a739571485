/**
 * A wrapping key in memory of its own: locked, between guard pages, unreadable while nobody uses it.
 *
 * @packageDocumentation
 */
import sodium from 'sodium-native'
import { Fault } from '../../errors.ts'
import { keyIdOf, WRAPPING_KEY_BYTES } from '../../vault/slots.ts'

export class HeldKey {
  readonly #memory: Buffer
  #isWiped = false
  /** Short and public; see `keyIdOf`. */
  readonly keyId: string

  private constructor(memory: Buffer) {
    this.#memory = memory
    this.keyId = keyIdOf(memory)
    sodium.sodium_mprotect_noaccess(memory)
  }

  /** @param bytes - 32 bytes; they are zeroed here. */
  static take(bytes: Uint8Array): HeldKey {
    try {
      if (bytes.length !== WRAPPING_KEY_BYTES) {
        throw new Fault('KEY_STORE_MISSING', `the store holds ${bytes.length} bytes, not a key`)
      }
      const memory = sodium.sodium_malloc(WRAPPING_KEY_BYTES)
      memory.set(bytes)
      return new HeldKey(memory)
    } finally {
      bytes.fill(0)
    }
  }

  /** Lets a worker thread write the key straight into its place. */
  static async fill(write: (memory: Uint8Array) => Promise<void>): Promise<HeldKey> {
    const memory = sodium.sodium_malloc(WRAPPING_KEY_BYTES)
    await write(memory)
    return new HeldKey(memory)
  }

  /**
   * Readable while `act` runs, which must neither keep it nor wait.
   *
   * @throws Fault `KEY_STORE_LOCKED` after `wipe`.
   */
  use<T>(act: (wrappingKey: Uint8Array) => T): T {
    if (this.#isWiped) throw new Fault('KEY_STORE_LOCKED', 'the key store is closed')
    sodium.sodium_mprotect_readonly(this.#memory)
    try {
      return act(this.#memory)
    } finally {
      sodium.sodium_mprotect_noaccess(this.#memory)
    }
  }

  wipe(): void {
    if (this.#isWiped) return
    this.#isWiped = true
    sodium.sodium_mprotect_readwrite(this.#memory)
    sodium.sodium_memzero(this.#memory)
    sodium.sodium_mprotect_noaccess(this.#memory)
  }
}
