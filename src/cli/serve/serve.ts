/**
 * `serve`: the daemon for machines without systemd, desktops and containers.
 *
 * @packageDocumentation
 */
import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { servedModels } from '../../config/load.ts'
import { EXIT, Fault, type ExitCode } from '../../errors.ts'
import { writeAtomically } from '../../vault/folder-file.ts'
import { createClock } from '../progress.ts'
import { sealedKind, type SealedKind } from '../model/sealed-kind.ts'
import type { Session } from '../session.ts'
import { removeStaging, whileLocked, type StatePaths } from '../state-folder.ts'
import { startDaemon, type Daemon } from './daemon.ts'
import { bringClient, bringModel } from './quickstart.ts'
import { groupLayers, originOf, type Readiness } from './readiness.ts'
import { sampleText } from './sample-text.ts'

export interface ServeOptions {
  readonly quickstart: boolean
  readonly readyFile: string | undefined
  /** When the command began, on `performance.now`'s clock. */
  readonly startMs: number
}

/**
 * Runs until a signal or a fault ends it.
 *
 * @throws Fault `STATE_IN_USE`, `MODEL_UNKNOWN`, `MODEL_KIND`, `LISTEN_REFUSED`, or what ended a process for good.
 */
export async function serve(session: Session, options: ServeOptions): Promise<ExitCode> {
  const { paths } = session
  const readyFile = options.readyFile === undefined ? undefined : resolve(options.readyFile)
  // Of an earlier run: whoever waits for it must not find it.
  if (readyFile !== undefined) rmSync(readyFile, { force: true })
  return whileLocked(paths.serveLock, 'another daemon', async () => {
    if (options.quickstart) await bringModel(session)
    await clearLeftovers(session)
    checkModels(session)
    const daemon = await startDaemon(session)
    stopOnSignals(session, daemon)
    try {
      await reportReady(session, daemon, { ...options, readyFile })
      const fault = await daemon.supervisor.ended
      if (fault !== undefined) throw fault
      return EXIT.ok
    } finally {
      daemon.closeEngines()
      await daemon.supervisor.stop()
      daemon.closeSockets()
      rmSync(paths.served, { force: true })
    }
  })
}

function stopOnSignals({ signal, hurry }: Session, { supervisor }: Daemon): void {
  if (signal.aborted) void supervisor.stop()
  signal.addEventListener('abort', () => void supervisor.stop())
  hurry.addEventListener('abort', () => {
    supervisor.kill()
  })
}

async function reportReady(
  session: Session,
  daemon: Daemon,
  { startMs, readyFile, quickstart }: ServeOptions,
): Promise<void> {
  const { terminal, config, paths } = session
  const readiness = await becomeReady(session, daemon)
  if (readiness === undefined) return
  const startupMs = Math.round(performance.now() - startMs)
  const url = originOf(daemon.address)
  terminal.note(`ready in ${(startupMs / 1000).toFixed(1)} s: ${url}`)
  if (quickstart) {
    const key = await bringClient(session)
    for (const line of sampleText(daemon.address, config.model, key)) terminal.out(line)
  }
  const { pids } = daemon.supervisor
  const report = { url, processes: pids, startupMs, sandbox: groupLayers(readiness) }
  const bytes = Buffer.from(`${JSON.stringify(report, null, 2)}\n`)
  for (const path of [paths.served, ...(readyFile === undefined ? [] : [readyFile])]) {
    writeAtomically(path, bytes, 0o600)
  }
}

/** Undefined when a signal stopped it before: an orderly end, not a fault. */
async function becomeReady({ terminal }: Session, daemon: Daemon): Promise<Readiness | undefined> {
  const clock = createClock(terminal, 'load')
  try {
    return await daemon.ready
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'CLI_INTERRUPTED') return undefined
    throw thrown
  } finally {
    clock.end()
  }
}

/** Half-made models, unless a command is making one right now. */
async function clearLeftovers({ paths }: Session): Promise<void> {
  try {
    await whileLocked(paths.modelsLock, 'another command', async () => {
      removeStaging(paths)
    })
  } catch (thrown) {
    if (!(thrown instanceof Fault && thrown.code === 'STATE_IN_USE')) throw thrown
  }
}

function checkModels({ paths, config }: Session): void {
  for (const { base, adapter } of servedModels(config)) {
    checkSealed(paths, base, 'model')
    if (adapter !== undefined) checkSealed(paths, adapter, 'adapter')
  }
}

/** What is broken otherwise, the engine tells; it can tell only its own. */
function checkSealed(paths: StatePaths, name: string, kind: SealedKind): void {
  if (!existsSync(paths.model(name))) {
    throw new Fault(
      'MODEL_UNKNOWN',
      `there is no ${kind} ${name} yet: \`secure-llm model pull ${name}\` or \`model import\` brings one`,
    )
  }
  const found = sealedKind(paths.model(name)) ?? kind
  if (found === kind) return
  const where = kind === 'model' ? 'name it in `adapters` of its base' : 'take it out of `adapters`'
  throw new Fault('MODEL_KIND', `${name} is sealed as “${found}”: ${where}`)
}
