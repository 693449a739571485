/**
 * `model list`, `model inspect`, `model verify`, `model remove`.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { EXIT, Fault, type ExitCode } from '../../errors.ts'
import { readModelFolder, syncFolder, type ModelFolder } from '../../vault/folder-file.ts'
import { recordAfter } from '../keeper-session.ts'
import { adapterTrial, checkBase, withTrialKeeper } from '../model/adapter-trial.ts'
import { sealedKind } from '../model/sealed-kind.ts'
import { runTrial, type TrialVerdict } from '../model/trial.ts'
import { answers } from '../serve/listening-sockets.ts'
import { checkModelName, openSession, type Invocation, type Session } from '../session.ts'
import { STAGING_PREFIX, whileLocked } from '../state-folder.ts'
import { formatTable } from '../terminal.ts'

const MEGABYTE = 1_000_000
const VERIFY_LIMIT_MS = 3_600_000

type Looked = { readonly name: string } & (
  | { readonly ok: true; readonly folder: ModelFolder }
  | { readonly ok: false; readonly fault: Fault }
)

function look(session: Session, name: string): Looked {
  try {
    return { name, ok: true, folder: readModelFolder(session.paths.model(name)) }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return { name, ok: false, fault: thrown }
  }
}

export function listModels(invocation: Invocation): ExitCode {
  const { terminal, options } = invocation
  const session = openSession(invocation)
  const names = readdirSync(session.paths.models).filter((name) => !name.startsWith('.'))
  const looked = names.sort().map((name) => look(session, name))
  if (options.has('json')) terminal.out(JSON.stringify(looked.map(describe)))
  else {
    if (names.length === 0) terminal.note('no models; `secure-llm model pull` brings one')
    for (const line of formatTable(looked.map(modelRow))) terminal.out(line)
  }
  return EXIT.ok
}

function modelRow(looked: Looked): string[] {
  if (!looked.ok) return [looked.name, '-', '-', `${looked.fault.code}: ${looked.fault.message}`]
  const { manifest, slots } = looked.folder
  const megabytes = `${(manifest.bytes / MEGABYTE).toFixed(1)} MB`
  const stores = slots.map(({ kind }) => kind).join(', ')
  const { architecture } = manifest
  const what = architecture === undefined ? [] : [`adapter for ${architecture} models`]
  return [looked.name, manifest.version, megabytes, stores, ...what]
}

/** Everything but the wrapped bytes, which only a keeper needs. */
function describe(looked: Looked) {
  if (!looked.ok)
    return { name: looked.name, fault: looked.fault.code, message: looked.fault.message }
  const { manifest, slots, sealedBytes, context } = looked.folder
  return {
    name: looked.name,
    manifest,
    manifestSha256: context.toString('hex'),
    sealedBytes,
    slots: slots.map(({ kind, keyId, created }) => ({ kind, keyId, created })),
  }
}

/** @throws Fault `MODEL_UNKNOWN` */
function existing(session: Session, name: string | undefined): string {
  const checked = checkModelName(name ?? '')
  if (existsSync(session.paths.model(checked))) return checked
  throw new Fault('MODEL_UNKNOWN', `there is no model ${checked}`)
}

export function inspectModel(invocation: Invocation): ExitCode {
  const { terminal, options, positionals } = invocation
  const session = openSession(invocation)
  const looked = look(session, existing(session, positionals[0]))
  if (!looked.ok) throw looked.fault
  if (options.has('json')) {
    terminal.out(JSON.stringify(describe(looked)))
    return EXIT.ok
  }
  const { manifest, slots, sealedBytes, context } = looked.folder
  const rows = [
    ...Object.entries(manifest).map(([name, value]) => [name, String(value ?? 'none')]),
    ['sealed', `${sealedBytes} bytes`],
    ['manifest sha256', context.toString('hex')],
    ...slots.map(({ kind, keyId, created }) => ['slot', `${kind}, key ${keyId}, since ${created}`]),
  ]
  for (const line of formatTable(rows)) terminal.out(line)
  return EXIT.ok
}

/** Opens every chunk in a confined engine and lets it decode a token. */
export async function verifyModel(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, positionals } = invocation
  const session = openSession(invocation)
  const name = existing(session, positionals[0])
  const verdict = await tryOut(session, name, options.text('base'))
  return reportVerdict(terminal.out, name, verdict)
}

function tryOut(session: Session, name: string, base: string | undefined): Promise<TrialVerdict> {
  const { paths } = session
  const itself = { name, folder: paths.model(name), limitMs: VERIFY_LIMIT_MS }
  const folders = { [name]: itself.folder }
  const key = paths.keeperEngine(name)
  if (sealedKind(itself.folder) !== 'adapter') {
    if (base !== undefined) throw new Fault('CLI_USAGE', `${name} is no adapter: no --base`)
    return withTrialKeeper(session, folders, () => runTrial(session, itself, { model: key }))
  }
  checkBase(session, base)
  const trial = adapterTrial(session, base, itself)
  return withTrialKeeper(session, { ...folders, [trial.name]: trial.folder }, () =>
    runTrial(session, trial, { model: paths.keeperEngine(trial.name), adapter: key }),
  )
}

function reportVerdict(out: (line: string) => void, name: string, verdict: TrialVerdict): ExitCode {
  if (verdict.ok) {
    out(`ok: ${name}: every chunk opens, and the model answers`)
    return EXIT.ok
  }
  const code = verdict.fault === undefined ? '' : `${verdict.fault.code}: `
  out(`bad: ${name}: ${code}${verdict.why}`)
  if (verdict.fault !== undefined) out(`  hint: ${verdict.fault.remedy}`)
  return EXIT.refused
}

export async function removeModel(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, positionals } = invocation
  const session = openSession(invocation)
  const { paths } = session
  const name = existing(session, positionals[0])
  if ((await answers(paths.keeperCli)) && existsSync(paths.keeperEngine(name))) {
    throw new Fault('STATE_IN_USE', `the daemon serves ${name}`)
  }
  if (!options.has('yes') && !(await confirm(invocation, `remove model ${name} for good?`))) {
    terminal.note('nothing was removed')
    return EXIT.refused
  }
  await whileLocked(paths.modelsLock, 'another command that changes models', async () => {
    // Renamed first: a kill in between leaves rubbish for the next start, not half a model.
    const gone = join(paths.models, `${STAGING_PREFIX}${randomBytes(4).toString('hex')}`)
    renameSync(paths.model(name), gone)
    syncFolder(paths.models)
    rmSync(gone, { recursive: true, force: true })
  })
  await recordAfter(session, { type: 'model.removed', model: name }, `model ${name} is removed`)
  terminal.note(`model ${name}: removed`)
  return EXIT.ok
}

async function confirm({ signal }: Invocation, question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Fault('CLI_USAGE', 'without a terminal, say --yes')
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`${question} [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    asking.close()
  }
}
