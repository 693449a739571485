/**
 * The gateway put together: two links inward, one HTTP server outward, and an orderly end.
 *
 * @packageDocumentation
 */
import { join } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { ServedModel } from '../config/load.ts'
import type { Event, LayerState } from '../wire/frames.ts'
import { buildApp, type GatewaySettings } from './app.ts'
import { ClientsFile } from './clients-file.ts'
import { EngineLink } from './engine-link.ts'
import { createEngines } from './engines.ts'
import type { Guards } from './guard-port.ts'
import { KeeperLink } from './keeper-link.ts'
import { RefusalRecord } from './refusal-record.ts'

export interface GatewayOptions {
  readonly settings: GatewaySettings & { readonly loadWaitMs: number }
  /** The default one first. */
  readonly models: readonly ServedModel[]
  readonly statePath: string
  /** An inherited listening socket, TCP or Unix. */
  readonly descriptor: number
  readonly guards: Guards
  /** What this process found of its own confinement. */
  readonly layers: readonly LayerState[]
  readonly log: FastifyBaseLogger
}

export interface RunningGateway {
  /** Takes no more requests, lets answers finish for a bounded time, and resolves when all is over. */
  readonly stop: () => Promise<void>
}

/** How long running answers may go on after a stop, and how long the record may take after that. */
const DRAIN_MS = 10_000
const RECORD_MS = 2_000
const BREAK_OFF_MS = 500

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { settings, log, guards, layers } = options
  const draining = new AbortController()
  const stopping = new AbortController()
  const keeper = createKeeperLink(options)
  const refusals = new RefusalRecord(keeper)
  const links = options.models.map((model) =>
    createEngineLink(model, options, { keeper, draining: draining.signal }),
  )
  const directory = new ClientsFile(join(options.statePath, 'clients/clients.json'))
  const app: FastifyInstance = await buildApp({
    settings,
    port: () => portOf(app),
    log,
    directory,
    engines: createEngines(links),
    keeper,
    refusals,
    guards,
    health: () => ({
      models: Object.fromEntries(links.map(({ model, state }) => [model, state])),
      audit: keeper.state,
      clients: directory.state,
      layers: {
        gateway: layers,
        ...layersOf(links),
        keeper: keeper.ready?.layers ?? [],
      },
    }),
    draining: draining.signal,
    stopping: stopping.signal,
  })
  directory.refresh()
  keeper.record({ type: 'gateway.started', layers: [...layers] })
  keeper.open()
  for (const link of links) link.open()
  await app.ready()
  await listen(app, options.descriptor)
  log.info({ port: portOf(app) }, 'listening')
  const stop = async () => {
    draining.abort()
    await closeServer(app, stopping)
    refusals.close()
    keeper.record({ type: 'gateway.stopped' })
    await keeper.close(RECORD_MS)
    for (const link of links) link.close()
  }
  return { stop }
}

function createKeeperLink({ statePath, log }: GatewayOptions): KeeperLink {
  return new KeeperLink({
    path: join(statePath, 'run/keeper-gateway.sock'),
    onReady: ({ store, auditHealthy }) => {
      log.info({ store, auditHealthy }, 'the keeper is there')
    },
    onHealth: (auditHealthy) => {
      if (auditHealthy) log.info('the record is written again')
      else log.error({ code: 'AUDIT_UNAVAILABLE' }, 'the record cannot be written')
    },
    onLost: (refused) => {
      log.error({ refused: refused?.message }, 'the keeper was lost')
    },
    onDropped: (type) => {
      log.error({ type }, 'an event for the record was given up')
    },
  })
}

/** The default model's engine has the name of its kind, as everywhere. */
function layersOf(links: readonly EngineLink[]): Record<string, readonly LayerState[]> {
  const named = links.map(({ model, ready }, at): [string, readonly LayerState[]] => [
    at === 0 ? 'engine' : `engine-${model}`,
    ready?.layers ?? [],
  ])
  return Object.fromEntries(named)
}

function createEngineLink(
  { name: model, kind, load }: ServedModel,
  { statePath, settings, log }: GatewayOptions,
  { keeper, draining }: { readonly keeper: KeeperLink; readonly draining: AbortSignal },
): EngineLink {
  return new EngineLink({
    path: join(statePath, `run/engine-${model}.sock`),
    ...{ model, kind, loadWaitMs: settings.loadWaitMs },
    dial: load === 'demand' ? 'on-demand' : 'always',
    onUnloaded: () => {
      log.info({ model }, 'the engine was unloaded')
    },
    onReady: ({ loadMs, contextTokens, slots }) => {
      log.info({ model, loadMs, contextTokens, slots }, 'the engine is ready')
    },
    onLost: ({ jobs, refused }) => {
      log.error({ model, jobs, refused: refused?.message }, 'the engine was lost')
      if (draining.aborted && refused === undefined) return
      const event: Event = { type: 'engine.lost', model, counts: { jobs } }
      keeper.record(
        refused === undefined ? event : { ...event, type: 'wire.refused', codes: [refused.code] },
      )
    },
  })
}

function portOf(app: FastifyInstance): number | null {
  const address = app.server.address()
  return typeof address === 'object' ? (address?.port ?? null) : null
}

async function listen(app: FastifyInstance, descriptor: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  app.server.once('error', reject)
  app.server.listen({ fd: descriptor }, () => {
    resolve(undefined)
  })
  await promise
  app.server.off('error', reject)
}

/** Stops accepting at once; breaks off what still runs after `DRAIN_MS`. */
async function closeServer(app: FastifyInstance, stopping: AbortController): Promise<void> {
  const closed = app.close()
  // A connection whose answer has just ended is idle only now.
  const sweep = setInterval(() => {
    app.server.closeIdleConnections()
  }, 50)
  const breakOff = setTimeout(() => {
    stopping.abort()
  }, DRAIN_MS)
  const cut = setTimeout(() => {
    app.server.closeAllConnections()
  }, DRAIN_MS + BREAK_OFF_MS)
  await closed
  for (const timer of [sweep, breakOff, cut]) clearTimeout(timer)
}
