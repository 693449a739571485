/**
 * `model import`: a model, or an adapter for one, from a file or a pipe, sealed without a plain byte on the disk.
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
import { recogniseAdapter, RECOGNISED_BYTES } from '../../gguf/adapter.ts'
import { manifestContext, type Manifest } from '../../vault/manifest.ts'
import { openPayload, sealPayload } from '../../vault/payload.ts'
import { writePayloadFile } from '../../vault/payload-file.ts'
import { recordEvent, withKeeper } from '../keeper-session.ts'
import { createProgress } from '../progress.ts'
import type { Session } from '../session.ts'
import type { KeeperLink } from '../keeper-link.ts'
import { adapterTrial, checkBase, withTrialKeeper } from './adapter-trial.ts'
import { addSlot } from './add-slot.ts'
import {
  checkPlain,
  keepStart,
  measurePlain,
  readPlainFile,
  type PlainDigest,
} from './plain-stream.ts'
import { addedEvent, interruptible } from './pull.ts'
import { recordMismatch, type KeeperAccess } from './refusal.ts'
import { makeModel, withNewKey, writeSealed } from './staging.ts'
import { tryWithKey, type Trial, type TrialVerdict } from './trial.ts'

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
  /** The model that an adapter is tried on; undefined: the default one. */
  readonly base: string | undefined
  /** 0 when it comes from a pipe. */
  readonly expectedBytes: number
}

/** @throws Fault `MODEL_REFUSED`, `MODEL_EXISTS`, `MODEL_UNKNOWN`, `DOWNLOAD_MISMATCH`, or the keeper's. */
export async function importModel(
  session: Session,
  plain: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<{ manifest: Manifest; store: string; keyId: string }> {
  return makeModel(session.paths, options.name, (folder) =>
    withNewKey(async (fileKey) => {
      const keeperAccess: KeeperAccess = (act) => withKeeper(session, { engines: {} }, act)
      const manifest = await recordMismatch(session, options.name, keeperAccess, () =>
        sealTwice(session, plain, { folder, fileKey, options }),
      )
      const trial = trialOf(session, manifest, { folder, options })
      // Of an adapter we hold the key, but not that of its base.
      const folders = trial.adapter === undefined ? {} : { [trial.name]: trial.folder }
      return withTrialKeeper(session, folders, (keeper) =>
        keepIfSound(session, keeper, { manifest, trial, folder, fileKey }),
      )
    }),
  )
}

interface Sealed extends Omit<Sealing, 'options'> {
  readonly manifest: Manifest
  readonly trial: Trial
}

async function keepIfSound(
  session: Session,
  keeper: KeeperLink,
  { manifest, trial, folder, fileKey }: Sealed,
): Promise<{ manifest: Manifest; store: string; keyId: string }> {
  const context = manifestContext(manifest)
  const slot = await addSlot(keeper, folder, fileKey, context)
  const verdict = await tryWithKey(session, trial, { fileKey, context })
  await recordEvent(
    keeper,
    verdict.ok ? addedEvent(manifest, context) : refusedEvent(manifest, verdict),
  )
  if (verdict.ok) return { manifest, ...slot }
  if (verdict.fault !== undefined) session.terminal.note(`hint: ${verdict.fault.remedy}`)
  throw refusal(manifest.name, verdict)
}

function trialOf(
  session: Session,
  { name, kind }: Manifest,
  { folder, options }: Pick<Sealing, 'folder' | 'options'>,
): Trial {
  const limitMs = options.trialMs
  return kind === 'adapter'
    ? adapterTrial(session, options.base, { name, folder, limitMs })
    : { name, folder, limitMs }
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
    if (manifest.kind === 'adapter') checkBase(session, options.base)
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

/** What the first pass found out. */
interface FirstLook extends PlainDigest {
  /** Of the bases of an adapter; null for a model. */
  readonly adapterFor: string | null
}

async function sealFirst(
  { terminal, signal }: Session,
  plain: AsyncIterable<Uint8Array>,
  { firstPath, firstKey, firstContext, sha256, expectedBytes }: FirstSeal,
): Promise<FirstLook> {
  const progress = createProgress(terminal, 'read', expectedBytes)
  const { chunks, start } = keepStart(interruptible(plain, signal), RECOGNISED_BYTES)
  const measured = measurePlain(chunks, progress.show)
  await writePayloadFile(firstPath, sealPayload(measured.chunks, firstKey, firstContext))
  progress.end()
  const digest = measured.digest()
  const adapterFor = recogniseAdapter(start())
  start().fill(0)
  if (sha256 !== undefined && sha256 !== digest.sha256) {
    throw new Fault('DOWNLOAD_MISMATCH', `the SHA-256 is ${digest.sha256}, not the one given`)
  }
  return { ...digest, adapterFor }
}

function manifestOf(options: ImportOptions, { bytes, sha256, adapterFor }: FirstLook): Manifest {
  const { name, version, licence, source, templateSha256 } = options
  if (adapterFor === null && options.base !== undefined) {
    throw new Fault('CLI_USAGE', 'the file is no adapter, so --base says nothing of it')
  }
  if (adapterFor !== null && templateSha256 !== null) {
    throw new Fault('CLI_USAGE', 'an adapter has no chat template, so no --template-sha256')
  }
  return {
    format: 'secure-llm/sealed-model/v1',
    ...{ name, version, licence, source, templateSha256, bytes, sha256 },
    created: new Date().toISOString(),
    ...(adapterFor === null ? {} : { kind: 'adapter', architecture: adapterFor }),
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
