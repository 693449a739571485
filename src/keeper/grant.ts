/**
 * From slots and a store to the file key of one model.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { unwrapFileKey, type Slot } from '../vault/slots.ts'
import type { KeyStore } from './stores/key-store.ts'

/**
 * The slot of this store and this key.
 *
 * @throws Fault `VAULT_SLOT_MISSING` when no slot is for this kind of store, `KEY_STORE_MISSING`
 * when those that are were made with another key.
 */
export function pickSlot(slots: readonly Slot[], kind: Slot['kind'], keyId: string): Slot {
  const ofKind = slots.filter((slot) => slot.kind === kind)
  if (ofKind.length === 0) {
    const kinds = [...new Set(slots.map((slot) => slot.kind))].join(', ')
    throw new Fault('VAULT_SLOT_MISSING', `the model is sealed for ${kinds}, not for ${kind}`)
  }
  const slot = ofKind.find((candidate) => candidate.keyId === keyId)
  if (slot !== undefined) return slot
  throw new Fault('KEY_STORE_MISSING', `the model is sealed for another key than ${keyId}`)
}

/**
 * @returns The file key, which the caller zeroes.
 * @throws Fault of `pickSlot`; `VAULT_WRONG_KEY` for another context; `KEY_STORE_LOCKED`.
 */
export function openFileKey(store: KeyStore, slots: readonly Slot[], context: Uint8Array): Buffer {
  const key = store.key()
  const slot = pickSlot(slots, store.kind, key.keyId)
  return key.use((wrappingKey) => unwrapFileKey(slot, wrappingKey, context))
}
