/**
 * `model pull`, `model import`.
 *
 * @packageDocumentation
 */
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { EXIT, Fault, type ExitCode } from '../../errors.ts'
import { withKeeper } from '../keeper-session.ts'
import { catalogEntry } from '../model/catalog.ts'
import { importModel, nameFromFile, type ImportOptions } from '../model/import.ts'
import { readPlainFile } from '../model/plain-stream.ts'
import { pullModel } from '../model/pull.ts'
import { checkNotThere } from '../model/staging.ts'
import { checkModelName, openSession, type Invocation } from '../session.ts'

export async function pullCommand(invocation: Invocation): Promise<ExitCode> {
  const session = openSession(invocation)
  const entry = catalogEntry(checkModelName(invocation.positionals[0] ?? session.config.model))
  const { store } = await pullModel(session, entry, (act) =>
    withKeeper(session, { engines: {} }, act),
  )
  session.terminal.note(`model ${entry.name}: sealed, its key is in the ${store} store`)
  return EXIT.ok
}

const DEFAULT_TRIAL_SECONDS = 120
const MAX_TRIAL_SECONDS = 3600

export async function importCommand(invocation: Invocation): Promise<ExitCode> {
  const [file = '-'] = invocation.positionals
  const options = importOptions(invocation, file)
  const session = openSession(invocation)
  checkNotThere(session.paths, options.name)
  const plain = file === '-' ? readInput(session.signal) : readPlainFile(file)
  const { manifest, store } = await importModel(session, plain, options)
  const { terminal } = session
  if (invocation.options.has('json')) terminal.out(JSON.stringify(manifest))
  const { kind = 'model', name } = manifest
  terminal.note(`${kind} ${name}: sealed, its key is in the ${store} store`)
  return EXIT.ok
}

const baseOption = (name: string | undefined) =>
  name === undefined ? undefined : checkModelName(name)

function importOptions({ options }: Invocation, file: string): ImportOptions {
  const given = options.text('name')
  if (given === undefined && file === '-') {
    throw new Fault('CLI_USAGE', 'a model from a pipe needs --name NAME')
  }
  const limit = { min: 1, max: MAX_TRIAL_SECONDS }
  const trialSeconds = options.count('trial-seconds', limit) ?? DEFAULT_TRIAL_SECONDS
  return {
    name: checkModelName(given ?? nameFromFile(basename(file))),
    version: options.text('version') ?? '1',
    licence: options.text('licence') ?? 'unknown',
    source: options.text('source') ?? 'import',
    templateSha256: hashOption(options.text('template-sha256'), 'template-sha256') ?? null,
    sha256: hashOption(options.text('sha256'), 'sha256'),
    trialMs: trialSeconds * 1000,
    base: baseOption(options.text('base')),
    expectedBytes: file === '-' ? 0 : sizeOf(file),
  }
}

function hashOption(text: string | undefined, name: string): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/.test(text)) return text
  throw new Fault('CLI_USAGE', `--${name} takes 64 hex digits in lower case`)
}

function sizeOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new Fault('CLI_USAGE', `there is no file ${file}`)
  if (stat.isDirectory()) throw new Fault('CLI_USAGE', `${file} is a folder`)
  return stat.size
}

/** A pipe that says nothing must not keep Ctrl-C waiting. */
function readInput(signal: AbortSignal): AsyncIterable<Uint8Array> {
  if (process.stdin.isTTY) throw new Fault('CLI_USAGE', 'pipe the model in: COMMAND | secure-llm …')
  return addAbortSignal(signal, process.stdin) as AsyncIterable<Buffer>
}
