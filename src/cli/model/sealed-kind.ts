/**
 * What a sealed folder says it holds: a model, or an adapter for one.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { readManifest } from '../../vault/folder-file.ts'

export type SealedKind = 'model' | 'adapter'

/** Undefined for a manifest that cannot be read: whoever opens the folder says why. */
export function sealedKind(folder: string): SealedKind | undefined {
  try {
    return readManifest(folder).manifest.kind ?? 'model'
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
}
