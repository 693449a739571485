/**
 * A model being made: a folder beside the finished ones that gets its name in the very last step.
 *
 * Whatever ends the process before that leaves only a staging folder, and the next command or
 * daemon removes it: there is never a half model in the store.
 *
 * @packageDocumentation
 */
import { randomFillSync } from 'node:crypto'
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../errors.ts'
import {
  MANIFEST_FILE,
  PAYLOAD_FILE,
  syncFolder,
  writeAtomically,
} from '../../vault/folder-file.ts'
import { canonicalManifest, manifestContext, type Manifest } from '../../vault/manifest.ts'
import { FILE_KEY_BYTES, sealPayload } from '../../vault/payload.ts'
import { writePayloadFile } from '../../vault/payload-file.ts'
import { removeStaging, STAGING_PREFIX, whileLocked, type StatePaths } from '../state-folder.ts'

/** @throws Fault `MODEL_EXISTS` */
export function checkNotThere(paths: StatePaths, name: string): void {
  if (!existsSync(paths.model(name))) return
  throw new Fault('MODEL_EXISTS', `there is a model ${name} already`)
}

/**
 * Makes a staging folder, lets `make` fill it, gives it its name.
 *
 * @throws Fault `MODEL_EXISTS`, `STATE_IN_USE`, and whatever `make` throws; nothing is left then.
 */
export async function makeModel<T>(
  paths: StatePaths,
  name: string,
  make: (folder: string) => Promise<T>,
): Promise<T> {
  return whileLocked(paths.modelsLock, 'another command that changes models', async () => {
    removeStaging(paths)
    checkNotThere(paths, name)
    // mkdtemp gives 0700.
    const folder = mkdtempSync(join(paths.models, STAGING_PREFIX))
    try {
      const made = await make(folder)
      syncFolder(folder)
      renameSync(folder, paths.model(name))
      syncFolder(paths.models)
      return made
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

/** Runs `act` with new random key bytes, and overwrites them afterwards. */
export async function withNewKey<T>(act: (key: Buffer) => Promise<T>): Promise<T> {
  const key = randomFillSync(Buffer.alloc(FILE_KEY_BYTES))
  try {
    return await act(key)
  } finally {
    key.fill(0)
  }
}

/** Seals the plain bytes into the folder and writes the manifest they are bound to. */
export async function writeSealed(
  folder: string,
  manifest: Manifest,
  plain: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
): Promise<void> {
  const sealed = sealPayload(plain, fileKey, manifestContext(manifest))
  await writePayloadFile(join(folder, PAYLOAD_FILE), sealed)
  writeAtomically(join(folder, MANIFEST_FILE), canonicalManifest(manifest), 0o600)
}
