/**
 * `model import`: a model from a file or a pipe, sealed without a plain byte on the disk.
 *
 * The manifest holds the hash of the whole file and the seal is bound to the manifest, so the bytes
 * pass twice: once into a first seal under a key that only this process knows, while they are
 * hashed; then from the first seal into the final one.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../errors.ts'
import { manifestContext, type Manifest } from '../../vault/manifest.ts'
import { openPayload, sealPayload } from '../../vault/payload.ts'
import { writePayloadFile } from '../../vault/payload-file.ts'
import { recordEvent, withKeeper } from '../keeper-session.ts'
import { createProgress } from '../progress.ts'
import type { Session } from '../session.ts'
import { addSlot } from './add-slot.ts'
import { checkPlain, measurePlain, readPlainFile, type PlainDigest } from './plain-stream.ts'
import { addedEvent, interruptible } from './pull.ts'
import { recordMismatch, type KeeperAccess } from './refusal.ts'
import { makeModel, withNewKey, writeSealed } from './staging.ts'
import { tryWithKey, type TrialVerdict } from './trial.ts'

const FIRST_SEAL_FILE = 'first-pass.sealed'

export interface ImportOptions {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly source: string
  readonly templateSha256: string | null
  /** What the file must be; undefined: whatever comes. */
  readonly sha256: string | undefined
  readonly trialMs: number
  /** 0 when it comes from a pipe. */
  readonly expectedBytes: number
}

/** @throws Fault `MODEL_REFUSED`, `MODEL_EXISTS`, `DOWNLOAD_MISMATCH`, or the keeper's. */
export async function importModel(
  session: Session,
  plain: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<{ manifest: Manifest; store: string; keyId: string }> {
  const keeperAccess: KeeperAccess = (act) => withKeeper(session, { engines: {} }, act)
  return makeModel(session.paths, options.name, (folder) =>
    withNewKey(async (fileKey) => {
      const manifest = await recordMismatch(session, options.name, keeperAccess, () =>
        sealTwice(session, plain, { folder, fileKey, options }),
      )
      const context = manifestContext(manifest)
      return keeperAccess(async (keeper) => {
        const slot = await addSlot(keeper, folder, fileKey, context)
        const trial = { name: manifest.name, folder, limitMs: options.trialMs }
        const verdict = await tryWithKey(session, trial, { fileKey, context })
        await recordEvent(
          keeper,
          verdict.ok ? addedEvent(manifest, context) : refusedEvent(manifest, verdict),
        )
        if (!verdict.ok) throw refusal(manifest.name, verdict)
        return { manifest, ...slot }
      })
    }),
  )
}

type Refused = TrialVerdict & { readonly ok: false }

function refusal(name: string, { fault, why }: Refused): Fault {
  const code = fault === undefined ? '' : `${fault.code}: `
  return new Fault('MODEL_REFUSED', `${name} did not pass its trial load: ${code}${why}`)
}

function refusedEvent({ name, bytes, sha256 }: Manifest, { fault }: Refused) {
  return {
    type: 'model.refused',
    model: name,
    codes: [fault?.code ?? 'MODEL_REFUSED'],
    counts: { bytes },
    hashes: { plain: sha256 },
  }
}

interface Sealing {
  readonly folder: string
  readonly fileKey: Buffer
  readonly options: ImportOptions
}

async function sealTwice(
  session: Session,
  plain: AsyncIterable<Uint8Array>,
  { folder, fileKey, options }: Sealing,
): Promise<Manifest> {
  const firstPath = join(folder, FIRST_SEAL_FILE)
  return withNewKey(async (firstKey) => {
    const firstContext = randomBytes(32)
    const digest = await sealFirst(session, plain, {
      ...options,
      firstPath,
      firstKey,
      firstContext,
    })
    const manifest = manifestOf(options, digest)
    const reread = openPayload(readPlainFile(firstPath), firstKey, firstContext)
    const progress = createProgress(session.terminal, 'seal', digest.bytes)
    const checked = checkPlain(interruptible(reread, session.signal), digest, progress.show)
    await writeSealed(folder, manifest, checked, fileKey)
    progress.end()
    rmSync(firstPath)
    return manifest
  })
}

interface FirstSeal extends ImportOptions {
  readonly firstPath: string
  readonly firstKey: Buffer
  readonly firstContext: Buffer
}

async function sealFirst(
  { terminal, signal }: Session,
  plain: AsyncIterable<Uint8Array>,
  { firstPath, firstKey, firstContext, sha256, expectedBytes }: FirstSeal,
): Promise<PlainDigest> {
  const progress = createProgress(terminal, 'read', expectedBytes)
  const measured = measurePlain(interruptible(plain, signal), progress.show)
  await writePayloadFile(firstPath, sealPayload(measured.chunks, firstKey, firstContext))
  progress.end()
  const digest = measured.digest()
  if (sha256 !== undefined && sha256 !== digest.sha256) {
    throw new Fault('DOWNLOAD_MISMATCH', `the SHA-256 is ${digest.sha256}, not the one given`)
  }
  return digest
}

function manifestOf(options: ImportOptions, { bytes, sha256 }: PlainDigest): Manifest {
  const { name, version, licence, source, templateSha256 } = options
  return {
    format: 'secure-llm/sealed-model/v1',
    ...{ name, version, licence, source, templateSha256, bytes, sha256 },
    created: new Date().toISOString(),
  }
}

/**
 * A name for a model from its file's name: `My Model.Q4.gguf` → `my-model.q4`.
 *
 * @throws Fault `CLI_USAGE` when nothing of it can be a name.
 */
export function nameFromFile(fileName: string): string {
  const name = fileName
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
  if (name !== '') return name
  throw new Fault('CLI_USAGE', 'give the model a name with --name NAME')
}
