import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { HeldKey } from '../../src/keeper/stores/held-key.ts'
import { PassphraseStore } from '../../src/keeper/stores/passphrase.ts'
import type { StoreEntry } from '../../src/keeper/stores/store-file.ts'
import { keyIdOf, type SlotKind } from '../../src/vault/slots.ts'

describe('the passphrase store', () => {
  const sealed = { kinds: new Set<SlotKind>(), unreadable: 0 }
  const cost = { opsLimit: 1, memLimitBytes: 8192 }

  test('the first passphrase makes it, only that one opens it, and its bytes are zeroed', async () => {
    let entry: StoreEntry | undefined
    const remember = (made: StoreEntry) => (entry = made)
    const first = new PassphraseStore({ known: undefined, sealed, remember, cost })
    expect(() => first.key()).toThrow(
      expect.objectContaining({ code: 'KEY_STORE_LOCKED' }) as Error,
    )
    const words = Buffer.from('correct horse')
    await first.unlock(words)
    expect(words).toEqual(Buffer.alloc(words.length))
    expect(first.slotParams).toEqual(entry?.params)

    const later = new PassphraseStore({ known: entry, sealed, remember })
    const wrong = later.unlock(Buffer.from('correct horsf'))
    await expect(wrong).rejects.toMatchObject({ code: 'KEY_STORE_PASSPHRASE' })
    expect(() => later.key()).toThrow()
    await later.unlock(Buffer.from('correct horse'))
    expect(later.key().keyId).toBe(first.key().keyId)
    later.close()
    expect(() => later.key().use(() => 0)).toThrow()
  })

  test('a store that cannot be remembered is not opened', async () => {
    const remember = () => {
      throw new Error('disk full')
    }
    const store = new PassphraseStore({ known: undefined, sealed, remember, cost })
    await expect(store.unlock(Buffer.from('long enough'))).rejects.toThrow('disk full')
    expect(() => store.key()).toThrow()
  })

  // Worked out with Python's `cryptography`: Argon2id, then HKDF-SHA-512.
  test('Argon2id as in libsodium: a frozen key id for known words, salt and cost', async () => {
    const salt = Buffer.alloc(16, 1).toString('base64')
    const params = { salt, opsLimit: 2, memLimitBytes: 65_536 }
    const known = { keyId: '5d3ed4ea770d0dc8', created: '', params }
    const store = new PassphraseStore({ known, sealed, remember: () => undefined })
    await store.unlock(Buffer.from('correct horse'))
    expect(store.key().keyId).toBe(known.keyId)
  })
})

test('a held key: what is taken is zeroed, and after wipe there is none', () => {
  const bytes = randomBytes(32)
  const copy = Buffer.from(bytes)
  const held = HeldKey.take(bytes)
  expect(bytes).toEqual(Buffer.alloc(32))
  expect(held.use((key) => Buffer.from(key))).toEqual(copy)
  expect(held.keyId).toBe(keyIdOf(copy))
  held.wipe()
  expect(() => held.use(() => 0)).toThrow(
    expect.objectContaining({ code: 'KEY_STORE_LOCKED' }) as Error,
  )
})
