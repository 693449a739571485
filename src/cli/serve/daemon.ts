/**
 * The daemon under `serve`: its sockets, its three processes, its readiness.
 *
 * @packageDocumentation
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../errors.ts'
import { parseListen } from '../../config/load.ts'
import { withKeeperLink, type KeeperLink } from '../keeper-link.ts'
import type { Session } from '../session.ts'
import { needsPassphrase, unlockStore } from '../unlock.ts'
import type { ProcessPlan, ProcessRole } from './child.ts'
import { createHandlers } from './daemon-events.ts'
import { listenOnPath, listenOnPort, type ListeningSocket } from './listening-sockets.ts'
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
  /** After the supervisor has ended. */
  readonly closeSockets: () => void
}

type Sockets = Readonly<
  Record<'api' | 'gateway' | 'cli' | 'keeperEngine' | 'engine', ListeningSocket>
>

/** Binds everything and starts everything. The caller holds the serve lock. */
export async function startDaemon(session: Session): Promise<Daemon> {
  const { sockets, address } = await openSockets(session)
  const closeSockets = () => {
    for (const socket of Object.values(sockets)) socket.close()
  }
  const supervisor = new Supervisor(createHandlers(session))
  const plans = plansFor(session, sockets, address)
  supervisor.start(plans.keeper)
  supervisor.start(plans.gateway)
  const ready = becomeReady(session, { supervisor, address, engine: plans.engine })
  return { address, supervisor, ready, closeSockets }
}

async function openSockets(session: Session) {
  const { paths, config } = session
  const opened: ListeningSocket[] = []
  const open = async (name: string, path: string) => {
    const socket = await listenOnPath(name, path)
    opened.push(socket)
    return socket
  }
  try {
    const { api, address } = await openApi(config.gateway.listen)
    opened.push(api)
    const sockets: Sockets = {
      api,
      gateway: await open('gateway', paths.keeperGateway),
      cli: await open('cli', paths.keeperCli),
      keeperEngine: await open(`engine-${config.model}`, paths.keeperEngine(config.model)),
      engine: await open('engine', paths.engine(config.model)),
    }
    return { sockets, address }
  } catch (thrown) {
    for (const socket of opened) socket.close()
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

function plansFor(
  { commandFor, paths, config: { model } }: Session,
  sockets: Sockets,
  address: ApiAddress,
): Record<ProcessRole, ProcessPlan> {
  // The port that was asked for may have been 0.
  const listen = address.kind === 'tcp' ? [`gateway.listen=${hostAndPort(address)}`] : []
  return {
    keeper: {
      role: 'keeper',
      command: commandFor('keeper', { args: ['--engine', `${model}=${paths.model(model)}`] }),
      listeners: [sockets.gateway, sockets.cli, sockets.keeperEngine],
      stopMs: STOP_MS.keeper,
    },
    engine: {
      role: 'engine',
      command: commandFor('engine', {
        connect: [`keeper=${paths.keeperEngine(model)}`],
        args: ['--model', model],
      }),
      listeners: [sockets.engine],
      stopMs: STOP_MS.engine,
    },
    gateway: {
      role: 'gateway',
      command: commandFor('gateway', { sets: listen }),
      listeners: [sockets.api],
      stopMs: STOP_MS.gateway,
    },
  }
}

interface Starting {
  readonly supervisor: Supervisor
  readonly address: ApiAddress
  readonly engine: ProcessPlan
}

/** The engine asks for its key at once, so a locked store is opened before it starts. */
async function becomeReady(session: Session, starting: Starting): Promise<Readiness> {
  const { supervisor, address, engine } = starting
  const over = new AbortController()
  const lost = supervisor.ended.then((fault) => {
    throw fault ?? new Fault('CLI_INTERRUPTED', 'stopped before it was ready')
  })
  const locked = needsPassphrase(session)
  if (!locked) supervisor.start(engine)
  lost.catch(() => undefined)
  const ready = openKeeper(session, over.signal).then(() => {
    if (locked) supervisor.start(engine)
    return waitUntilReady(address, over.signal)
  })
  // Whichever comes second has nobody to tell.
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
