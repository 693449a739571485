/**
 * Which key store to use: what the operator set, what was used before, what models need.
 *
 * The rule behind the table: a store that was in use is never quietly replaced by a weaker one. A
 * keychain that stops answering is a refusal, not a new key in a file.
 *
 * Pure.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { SlotKind } from '../../vault/slots.ts'

export interface StoreQuestion {
  readonly setting: 'auto' | SlotKind
  readonly profile: 'development' | 'production'
  /** From keys/store.json. */
  readonly remembered: SlotKind | null
  /** What sealed models have slots for. */
  readonly sealedFor: ReadonlySet<SlotKind>
}

export interface StoreWish {
  readonly kind: SlotKind
  /** What to take when `kind` does not answer; null: refuse. */
  readonly otherwise: SlotKind | null
}

/** Most trusted first: what a model is sealed for, when the memory of the choice is lost. */
const BY_TRUST = ['keychain', 'passphrase', 'file'] as const satisfies readonly SlotKind[]

/** @throws Fault `KEY_STORE_REFUSED` for the file store in production. */
export function chooseStore(question: StoreQuestion): StoreWish {
  const { setting, profile, remembered, sealedFor } = question
  const used = remembered ?? BY_TRUST.find((kind) => sealedFor.has(kind))
  const kind = setting === 'auto' ? (used ?? 'keychain') : setting
  if (kind === 'file') checkFileAllowed(profile)
  const isFree = setting === 'auto' && used === undefined && profile === 'development'
  return { kind, otherwise: isFree ? 'file' : null }
}

function checkFileAllowed(profile: StoreQuestion['profile']): void {
  if (profile === 'development') return
  throw new Fault('KEY_STORE_REFUSED', 'a key in a file is refused when profile is "production"')
}
