/**
 * The daemon under `serve`: its sockets, its processes, its readiness.
 *
 * @packageDocumentation
 */
import { freemem } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../errors.ts'
import { parseListen, sealedNames, servedModels, type ServedModel } from '../../config/load.ts'
import { readManifest } from '../../vault/folder-file.ts'
import { withKeeperLink, type KeeperLink } from '../keeper-link.ts'
import type { Session } from '../session.ts'
import { needsPassphrase, unlockStore } from '../unlock.ts'
import type { ProcessPlan } from './child.ts'
import { createHandlers, noteWarning, recordOrWarn } from './daemon-events.ts'
import { Engines, type EngineUnit } from './engines.ts'
import { listenOnPath, listenOnPort, type ListeningSocket } from './listening-sockets.ts'
import { budgetFor, type MachineMemory } from './model-memory.ts'
import { hostAndPort, waitUntilReady, type ApiAddress, type Readiness } from './readiness.ts'
import { Supervisor } from './supervisor.ts'

const RETRY_MS = 100

/** The gateway lets answers finish for ten seconds and the record for two. */
const STOP_MS = { gateway: 14_000, engine: 5000, keeper: 5000 } as const

export interface Daemon {
  readonly address: ApiAddress
  readonly supervisor: Supervisor
  /** Resolves when every process answers; rejects with the fault that keeps one from it. */
  readonly ready: Promise<Readiness>
  /** No engine is started any more. */
  readonly closeEngines: () => void
  /** After the supervisor has ended. */
  readonly closeSockets: () => void
}

interface Sockets {
  readonly api: ListeningSocket
  readonly gateway: ListeningSocket
  readonly cli: ListeningSocket
  /** One for each sealed folder, where engines ask for its key. */
  readonly keys: ReadonlyMap<string, ListeningSocket>
  /** One for each name that is served. */
  readonly engines: ReadonlyMap<string, ListeningSocket>
  readonly all: readonly ListeningSocket[]
}

/** Binds everything and starts everything. The caller holds the serve lock. */
export async function startDaemon(session: Session): Promise<Daemon> {
  const models = servedModels(session.config)
  const { sockets, address } = await openSockets(session, models)
  const closeSockets = () => {
    for (const socket of sockets.all) socket.close()
  }
  const supervisor = new Supervisor(createHandlers(session, () => engines))
  const engines = new Engines(unitsFor(session, models, sockets), {
    budgetBytes: budgetFor(session.config.memory.modelsBytes, machineMemory()),
    start: (plan) => {
      supervisor.start(plan)
    },
    record: (event) => {
      void recordOrWarn(session, event, `${event.type} of ${event.model ?? 'a model'}`)
    },
    warn: (fault) => {
      noteWarning(session, fault.message, undefined)
    },
  })
  supervisor.start(planForKeeper(session, models, sockets))
  supervisor.start(planForGateway(session, sockets, address))
  const ready = becomeReady(session, { supervisor, address, engines })
  const closeEngines = () => {
    engines.close()
  }
  return { address, supervisor, ready, closeEngines, closeSockets }
}

async function openSockets(session: Session, models: readonly ServedModel[]) {
  const { paths, config } = session
  const all: ListeningSocket[] = []
  const open = async (name: string, path: string) => {
    const socket = await listenOnPath(name, path)
    all.push(socket)
    return socket
  }
  try {
    const { api, address } = await openApi(config.gateway.listen)
    all.push(api)
    const gateway = await open('gateway', paths.keeperGateway)
    const cli = await open('cli', paths.keeperCli)
    const keys = new Map<string, ListeningSocket>()
    const engines = new Map<string, ListeningSocket>()
    for (const name of sealedNames(models)) {
      keys.set(name, await open(`engine-${name}`, paths.keeperEngine(name)))
    }
    for (const { name } of models) engines.set(name, await open('engine', paths.engine(name)))
    return { sockets: { api, gateway, cli, keys, engines, all }, address }
  } catch (thrown) {
    for (const socket of all) socket.close()
    throw thrown
  }
}

async function openApi(listen: string): Promise<{ api: ListeningSocket; address: ApiAddress }> {
  const where = parseListen(listen)
  if (where.kind === 'unix') {
    const api = await listenOnPath('api', where.path)
    return { api, address: { kind: 'unix', path: where.path } }
  }
  const api = await listenOnPort('api', where)
  return { api, address: { kind: 'tcp', host: where.host, port: api.port } }
}

function planForKeeper(
  { commandFor, paths }: Session,
  models: readonly ServedModel[],
  { gateway, cli, keys }: Sockets,
): ProcessPlan {
  const args = sealedNames(models).flatMap((name) => ['--engine', `${name}=${paths.model(name)}`])
  return {
    role: 'keeper',
    command: commandFor('keeper', { args }),
    listeners: [gateway, cli, ...keys.values()],
    stopMs: STOP_MS.keeper,
  }
}

function planForGateway(
  { commandFor }: Session,
  { api }: Sockets,
  address: ApiAddress,
): ProcessPlan {
  // The port that was asked for may have been 0.
  const sets = address.kind === 'tcp' ? [`gateway.listen=${hostAndPort(address)}`] : []
  return {
    role: 'gateway',
    command: commandFor('gateway', { sets }),
    listeners: [api],
    stopMs: STOP_MS.gateway,
  }
}

function unitsFor(
  { commandFor, paths, config }: Session,
  models: readonly ServedModel[],
  sockets: Sockets,
): EngineUnit[] {
  return models.flatMap((model) => {
    const { name } = model
    const listener = sockets.engines.get(name)
    if (listener === undefined) return []
    const plan: ProcessPlan = {
      role: 'engine',
      name: name === config.model ? 'engine' : `engine-${name}`,
      command: commandFor('engine', launchFor(model, paths)),
      listeners: [listener],
      stopMs: STOP_MS.engine,
      life: model.load === 'start' ? 'kept' : 'once',
      line: 'pair',
    }
    const weightBytes = sealedNames([model])
      .map((sealed) => weightBytesOf(paths.model(sealed)))
      .reduce((sum, bytes) => sum + bytes, 0)
    return [{ model, plan, descriptor: listener.descriptor, weightBytes }]
  })
}

function launchFor({ base, adapter }: ServedModel, paths: Session['paths']) {
  const connect = [`keeper=${paths.keeperEngine(base)}`]
  const args = ['--model', base]
  if (adapter === undefined) return { connect, args }
  return {
    connect: [...connect, `keeper-adapter=${paths.keeperEngine(adapter)}`],
    args: [...args, '--adapter', adapter],
  }
}

/** As the manifest says; the engine checks it, and refuses a manifest that is none. */
function weightBytesOf(folder: string): number {
  try {
    return readManifest(folder).manifest.bytes
  } catch (thrown) {
    if (thrown instanceof Fault) return 0
    throw thrown
  }
}

function machineMemory(): MachineMemory {
  const allowed = process.constrainedMemory()
  // 0: no control group, or one without a limit.
  return { availableBytes: freemem(), allowedBytes: allowed > 0 ? allowed : Infinity }
}

interface Starting {
  readonly supervisor: Supervisor
  readonly address: ApiAddress
  readonly engines: Engines
}

/** An engine asks for its key at once, so a locked store is opened before it starts. */
async function becomeReady(session: Session, starting: Starting): Promise<Readiness> {
  const { supervisor, address, engines } = starting
  const over = new AbortController()
  const lost = supervisor.ended.then((fault) => {
    throw fault ?? new Fault('CLI_INTERRUPTED', 'stopped before it was ready')
  })
  const locked = needsPassphrase(session)
  const early = locked ? undefined : engines.startAll()
  // Whichever comes second has nobody to tell.
  for (const promise of [lost, early]) promise?.catch(() => undefined)
  const ready = openKeeper(session, over.signal).then(async () => {
    await (early ?? engines.startAll())
    return waitUntilReady(address, over.signal)
  })
  ready.catch(() => undefined)
  try {
    const readiness = await Promise.race([ready, lost])
    supervisor.markServed()
    return readiness
  } finally {
    over.abort()
  }
}

/**
 * Opens the key store if it must be opened. While the keeper is
 * away, the supervisor decides what its death means, so this only tries again.
 */
async function openKeeper(session: Session, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await withKeeperLink(session.paths.keeperCli, (keeper) => greetKeeper(session, keeper))
      return
    } catch (thrown) {
      const away = thrown instanceof Fault && thrown.code === 'KEEPER_UNAVAILABLE'
      if (!away) throw thrown
      await delay(RETRY_MS, undefined, { signal })
    }
  }
}

async function greetKeeper(session: Session, keeper: KeeperLink): Promise<void> {
  await unlockStore(session, keeper)
  // Its warnings are in its log already; the answer says that it serves.
  await keeper.ask('keeper.ask', {}, 'keeper.state')
}
