/**
 * The way of the weights, of a model or of an adapter: from a sealed folder into sealed, locked memory.
 *
 * What it gives: memory that holds exactly the manifest's bytes, that nobody can change, and that a
 * strict reader found to be a model. What it does not give: a key; the keeper has it, for seconds.
 *
 * @packageDocumentation
 */
import { closeSync } from 'node:fs'
import { Fault } from '../errors.ts'
import { SealedMemory, type LockPolicy } from '../sandbox/memory.ts'
import { openPayloadFile, readManifest } from '../vault/folder-file.ts'
import type { Manifest } from '../vault/manifest.ts'
import { openPayloadInto } from '../vault/open.ts'

export interface OpenedWeights {
  readonly manifest: Manifest
  /** SHA-256 of the canonical manifest. */
  readonly context: Buffer
  readonly memory: SealedMemory
}

export interface WeightsOptions {
  readonly folder: string
  /** What the manifest must name: a folder may hold another model, whole and well sealed. */
  readonly name: string
  /** What the manifest must say it is. */
  readonly kind: 'model' | 'adapter'
  readonly lock: LockPolicy
  /** Gives 32 bytes, which are zeroed here. */
  readonly requestKey: (context: Uint8Array) => Promise<Uint8Array>
}

/** @throws Fault `VAULT_*`, `MODEL_KIND`, `MEMORY_LOCK_LIMIT`, or what `requestKey` throws. */
export async function openWeights(options: WeightsOptions): Promise<OpenedWeights> {
  const { folder, name, kind, lock, requestKey } = options
  const { manifest, context } = readManifest(folder)
  if (manifest.name !== name) {
    throw new Fault('VAULT_MANIFEST_INVALID', `manifest.json names another model than ${name}`)
  }
  const found = manifest.kind ?? 'model'
  if (found !== kind) {
    throw new Fault('MODEL_KIND', `${name} is sealed as “${found}”, not as “${kind}”`)
  }
  const { descriptor, sealedBytes } = openPayloadFile(folder, manifest)
  try {
    const memory = SealedMemory.create(manifest.bytes, kind, lock)
    const fileKey = await requestKey(context)
    try {
      const { address } = memory
      const plainBytes = manifest.bytes
      openPayloadInto({ descriptor, sealedBytes, fileKey, context, address, plainBytes })
    } finally {
      fileKey.fill(0)
    }
    memory.seal()
    return { manifest, context, memory }
  } finally {
    closeSync(descriptor)
  }
}
