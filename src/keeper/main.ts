/**
 * The keeper process: holds the wrapping keys and the record.
 *
 *     node --jitless dist/keeper/main.js --state DIR [--config FILE] [--set key.path=value]…
 *         [--engine NAME=FOLDER]…
 *
 * It is given its listening sockets: `gateway`, `cli`, and `engine-NAME` for each model. It opens
 * no connection, but to the desktop's keychain. Ends with 0 after SIGTERM or SIGINT; a fault is one
 * line on stderr and an exit code of errors.ts.
 *
 * @packageDocumentation
 */
import { join } from 'node:path'
import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { EXIT, Fault } from '../errors.ts'
import { inheritedDescriptors } from '../sandbox/descriptors.ts'
import type { LayerState } from '../sandbox/layers.ts'
import { lockMemory } from '../sandbox/memory.ts'
import { probeLayers } from '../sandbox/probe.ts'
import { hardenProcess, lockFolder } from '../sandbox/process.ts'
import { applyFinalFilter } from '../sandbox/seccomp.ts'
import { errnoOf, placeOnDisk } from './append-file.ts'
import { parseKeeperArguments } from './arguments.ts'
import type { Keeper } from './keeper.ts'
import { Listeners } from './listeners.ts'
import { LogFile } from './log-file.ts'
import { createLogger, logFatal } from './logs.ts'
import { parseSocketName, type SocketName } from './permits.ts'
import { openKeyStore } from './stores/open-store-file.ts'

const logger = createLogger()

async function main(): Promise<void> {
  const { models, ...options } = parseKeeperArguments(process.argv.slice(2))
  const loaded = loadConfig({ ...options, env: process.env })
  const { config, statePath } = loaded
  const hardened = hardenProcess()
  const locked = lockMemory(config.memory.lock, 'keeper')
  if (locked.state !== 'enforced') {
    logger.warn(`of the keeper only keys are locked in memory; ${locked.detail}`)
  }
  const probed = [...hardened, locked, ...probeLayers('keeper', config.sandbox.layers)]
  const sockets = namedSockets()
  takeFolder(statePath)
  const log = await openLog(loaded)
  const store = await openStore(loaded, log, probed)
  const layers = [...probed, ...finalLayers(loaded)]
  const modelsPath = join(statePath, 'models')
  const keeper: Keeper = { log, store, layers, modelsPath, modelFolders: models }
  log.note({ type: 'keeper.started', codes: [store.kind], layers }, 'keeper')
  await log.flush()
  const listeners = new Listeners(keeper, logger)
  log.watchHealth(() => {
    listeners.announce()
  })
  for (const [name, descriptor] of sockets) listeners.listen(name, descriptor)
  for (const warning of store.warnings) logger.warn({ store: store.kind }, warning)
  stopOnSignal(keeper, listeners)
  logger.info({ store: store.kind, records: log.records, auditHealthy: log.healthy }, 'ready')
}

/** @throws Fault `SANDBOX_DESCRIPTORS` for a descriptor that is no socket of the keeper. */
function namedSockets(): Map<SocketName, number> {
  const sockets = new Map<SocketName, number>()
  for (const [text, descriptor] of inheritedDescriptors()) {
    const name = parseSocketName(text)
    if (name === null) throw new Fault('SANDBOX_DESCRIPTORS', `the keeper has no socket "${text}"`)
    sockets.set(name, descriptor)
  }
  if (sockets.size > 0) return sockets
  throw new Fault('SANDBOX_DESCRIPTORS', 'the keeper was given no socket')
}

/** Held until the process ends: two keepers would write one log. */
function takeFolder(statePath: string): void {
  let lock: number | null
  try {
    lock = lockFolder(join(statePath, 'audit/keeper.lock'))
  } catch (cause) {
    if (errnoOf(cause) === null) throw cause
    throw new Fault('STATE_UNSAFE', `the audit folder: ${String(errnoOf(cause))}`, { cause })
  }
  if (lock !== null) return
  throw new Fault('KEEPER_BUSY', 'another keeper writes the audit log of this state folder')
}

async function openLog({ config, statePath }: LoadedConfig): Promise<LogFile> {
  const place = placeOnDisk(join(statePath, 'audit/audit.jsonl'))
  const log = await LogFile.open(place, { commitDelayMs: config.audit.commitDelayMs })
  log.watchHealth((healthy) => {
    if (healthy) logger.info('the audit log is written')
    else logger.error({ code: 'AUDIT_UNAVAILABLE' }, 'the audit log cannot be written')
  })
  return log
}

/** A keeper without a key store ends; the record says why. */
async function openStore({ config, statePath }: LoadedConfig, log: LogFile, layers: LayerState[]) {
  const { keys, profile } = config
  try {
    return await openKeyStore({ statePath, setting: keys.store, profile, env: process.env })
  } catch (thrown) {
    const codes = thrown instanceof Fault ? [thrown.code] : ['INTERNAL']
    log.note({ type: 'keeper.failed', codes, layers }, 'keeper')
    await log.stop()
    throw thrown
  }
}

/** After the keychain has been asked, which may start threads but no program. */
function finalLayers({ config }: LoadedConfig): LayerState[] {
  return config.sandbox.layers.seccomp === 'off' ? [] : [applyFinalFilter('keeper')]
}

function stopOnSignal({ log, store }: Keeper, listeners: Listeners): void {
  let isStopping = false
  const stop = (signal: NodeJS.Signals) => {
    // A second signal means now.
    if (isStopping) process.exit(EXIT.ok)
    isStopping = true
    logger.info({ signal }, 'stopping')
    listeners.close()
    store.close()
    log.note({ type: 'keeper.stopped' }, 'keeper')
    log.stop().then(() => process.exit(EXIT.ok), endWith)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function endWith(thrown: unknown): never {
  process.exit(logFatal(logger, thrown))
}

process.on('uncaughtException', endWith)
process.on('unhandledRejection', endWith)
main().catch(endWith)
