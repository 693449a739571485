/**
 * The engine: holds one model's weights, with an adapter or without, and the prompts of the moment.
 *
 * Order: config → no core, no readers → locked memory → key → weights → llama.cpp → self-test →
 * last filter → record → ready. A fault before that ends the process with one line and a code; after
 * the filter too, and always through `exitNow`.
 *
 * @packageDocumentation
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { loadConfig, servedModel, type Config, type ServedModel } from '../config/load.ts'
import { EXIT, Fault } from '../errors.ts'
import { inheritedDescriptors } from '../sandbox/descriptors.ts'
import type { LayerState } from '../sandbox/layers.ts'
import { lockMemory } from '../sandbox/memory.ts'
import { probeLayers } from '../sandbox/probe.ts'
import { exitNow, hardenProcess } from '../sandbox/process.ts'
import { applyEngineFilter } from '../sandbox/seccomp.ts'
import { closeReason } from '../wire/connection.ts'
import type { BodyOf, Event } from '../wire/frames.ts'
import type { AdapterOptions } from './adapter.ts'
import { parseArguments, type EngineArguments } from './arguments.ts'
import { openHouse } from './house.ts'
import { KeeperLink } from './keeper-link.ts'
import { loadEngine, type LoadedEngine } from './load.ts'
import { watchLoad } from './load-average-file.ts'
import { createLogger, logFatal } from './logs.ts'
import { EngineServer } from './server.ts'
import { SupervisorLine } from './supervisor-line.ts'
import { TRIAL_CONTEXT_TOKENS, TRIAL_SLOTS, tryEngine } from './trial.ts'
import type { OpenedWeights } from './weights.ts'
import { WorkWatch } from './work-watch.ts'

/** How soon it is seen that work begins and ends. */
const WORK_LOOK_MS = 100

interface Start {
  readonly args: EngineArguments
  readonly config: Config
  readonly served: ServedModel
  readonly logger: Logger
  readonly keeper: KeeperLink
  readonly adapter: AdapterOptions | undefined
  /** Absent in a trial and under systemd. */
  readonly line: SupervisorLine | undefined
  readonly folder: string
}

function descriptorNamed(descriptors: ReadonlyMap<string, number>, name: string): number {
  const descriptor = descriptors.get(name)
  if (descriptor !== undefined) return descriptor
  throw new Fault('SANDBOX_DESCRIPTORS', `the engine was not given “${name}”`)
}

/** All layers but the last filter, which comes after the load. */
function confine(config: Config): LayerState[] {
  const hardened = hardenProcess()
  const memory = lockMemory(config.memory.lock, 'engine')
  return [...hardened, memory, ...probeLayers('engine', config.sandbox.layers)]
}

function applyLastFilter(config: Config): LayerState[] {
  return config.sandbox.layers.seccomp === 'off' ? [] : [applyEngineFilter()]
}

async function load(start: Start): Promise<LoadedEngine> {
  const { args, config, served, logger, keeper, adapter, folder, line } = start
  const { contextTokens, slots, batchTokens } = served
  const limits = args.isTrial
    ? {
        contextTokens: Math.min(contextTokens, TRIAL_CONTEXT_TOKENS),
        slots: TRIAL_SLOTS,
        batchTokens,
      }
    : { contextTokens, slots, batchTokens }
  return await loadEngine({
    folder,
    name: args.model,
    adapter,
    lock: config.memory.lock,
    // A trial comes before anybody served it.
    kind: args.isTrial ? 'auto' : served.kind,
    limits,
    maxThreads: config.engine.maxThreads,
    requestKey: (context) => keeper.requestKey(context),
    askMemory: async (bytes) => line?.askMemory(bytes),
    onLog: (text) => {
      logger.warn({ from: 'llama.cpp' }, text)
    },
  })
}

function loadedEvent(start: Start, engine: LoadedEngine, ready: BodyOf<'engine.ready'>): Event {
  const { weights, adapter, model, unlockedBytes } = engine
  const { contextTokens, slots, weightBytes, lockedBytes, loadMs, layers, kind } = ready
  const counts = { contextTokens, slots, weightBytes, lockedBytes, loadMs, unlockedBytes }
  return {
    type: 'engine.loaded',
    model: start.served.name,
    codes: [kind],
    counts: { ...counts, threads: model.maxThreads },
    hashes: {
      manifest: weights.context.toString('hex'),
      weights: weights.manifest.sha256,
      ...(adapter === undefined ? {} : hashesOfAdapter(adapter)),
    },
    layers,
  }
}

const hashesOfAdapter = ({ context, manifest }: OpenedWeights) => ({
  adapterManifest: context.toString('hex'),
  adapter: manifest.sha256,
})

function abilitiesOf(engine: LoadedEngine): BodyOf<'engine.ready'>['abilities'] {
  if (engine.kind === 'embedding') return { thinking: 'never', infill: false }
  return { thinking: engine.prompts.renderer.thinking, infill: engine.prompts.canFill }
}

function readyFrame(
  start: Start,
  engine: LoadedEngine,
  found: { readonly layers: LayerState[]; readonly loadMs: number },
): BodyOf<'engine.ready'> {
  const { weights, context } = engine
  return {
    model: start.served.name,
    created: Math.floor(Date.parse(weights.manifest.created) / 1000),
    kind: engine.kind,
    contextTokens: context.contextTokens,
    slots: engine.kind === 'chat' ? engine.context.slots : 1,
    vocabularyTokens: engine.model.vocabulary.size,
    dimensions: engine.kind === 'chat' ? 0 : engine.context.dimensions,
    abilities: abilitiesOf(engine),
    layers: found.layers,
    weightBytes: weights.memory.bytes,
    lockedBytes: weights.memory.lockedBytes,
    loadMs: found.loadMs,
  }
}

/** Under `memory.lock: preferred` the daemon serves all the same, and says what may reach swap. */
function warnUnlocked(logger: Logger, engine: LoadedEngine, layers: readonly LayerState[]): void {
  const { weights, unlockedBytes } = engine
  if (unlockedBytes === 0) return
  const { bytes, lockedBytes } = weights.memory
  const why = layers.find(({ layer }) => layer === 'memory-lock')?.detail ?? ''
  logger.warn(
    { unlockedBytes },
    `${lockedBytes} of ${bytes} bytes of the weights are locked in memory, ${unlockedBytes} bytes of the engine are not; ${why}`,
  )
}

async function serve(start: Start, layers: LayerState[], listener: number): Promise<void> {
  const { config, logger, keeper, served } = start
  const startMs = performance.now()
  const readOthersRunnable = watchLoad()
  const engine = await load(start)
  const server = await EngineServer.listen(listener)
  const loadMs = Math.round(performance.now() - startMs)
  const ready = readyFrame(start, engine, {
    layers: [...layers, ...applyLastFilter(config)],
    loadMs,
  })
  warnUnlocked(logger, engine, layers)
  await keeper.record(loadedEvent(start, engine, ready))
  keeper.close()
  const idleMs = served.load === 'demand' ? served.idleMs : 0
  const watch = new WorkWatch({ idleMs, nowMs: performance.now() })
  const begin = openHouse(engine, {
    ready,
    prefillSliceMs: config.engine.prefillSliceMs,
    readOthersRunnable,
    onFault: ({ code, message }) => {
      logger.error({ code }, message)
    },
    onBroken: (fault) => {
      logger.warn({ code: fault.code }, `gateway: ${closeReason(fault)}`)
    },
    isEnding: () => watch.isEnding,
  })
  server.open(begin)
  logger.info({ loadMs, threads: engine.model.maxThreads }, 'ready')
  watchWork(start, server, watch)
}

/** Tells the supervisor who idles, and ends the process when it is time. */
function watchWork({ line, logger }: Start, server: EngineServer, watch: WorkWatch): void {
  const look = () => {
    const { tell, end } = watch.look(server.work, performance.now())
    if (tell !== null) line?.tellJobs(tell)
    if (end === null) return
    logger.info({ why: end }, 'unloaded')
    exitNow(EXIT.ok)
  }
  line?.onEnd(() => {
    watch.askToEnd()
    look()
  })
  line?.tellJobs(0)
  setInterval(look, WORK_LOOK_MS)
}

async function tryOut(start: Start): Promise<never> {
  const engine = await load(start)
  start.keeper.close()
  applyLastFilter(start.config)
  await tryEngine(engine)
  exitNow(EXIT.ok)
}

/** Tells the keeper why there is no engine; a keeper that is gone does not matter any more. */
async function recordFailure({ args, served, keeper }: Start, thrown: unknown): Promise<void> {
  const code = thrown instanceof Fault ? thrown.code : 'ENGINE_BUG'
  if (args.isTrial || code === 'KEEPER_UNAVAILABLE') return
  try {
    await keeper.record({ type: 'engine.load-failed', model: served.name, codes: [code] })
  } catch {
    // The fault itself is what counts; it goes to the log.
  }
}

/** Its key comes from a socket of its own: each is bound to one sealed folder. */
function adapterOf(
  { adapter: name, adapterFolder }: EngineArguments,
  descriptors: ReadonlyMap<string, number>,
  statePath: string,
): AdapterOptions | undefined {
  if (name === undefined) return undefined
  const keeper = new KeeperLink(descriptorNamed(descriptors, 'keeper-adapter'))
  const requestKey = async (context: Uint8Array) => {
    const fileKey = await keeper.requestKey(context)
    keeper.close()
    return fileKey
  }
  return { name, folder: adapterFolder ?? join(statePath, 'models', name), requestKey }
}

async function main(args: EngineArguments, logger: Logger): Promise<void> {
  const { config, statePath } = loadConfig({
    state: args.state,
    file: args.config,
    sets: args.sets,
    env: process.env,
  })
  const layers = confine(config)
  const descriptors = inheritedDescriptors()
  const keeper = new KeeperLink(descriptorNamed(descriptors, 'keeper'))
  const folder = args.folder ?? join(statePath, 'models', args.model)
  const supervisor = descriptors.get('supervisor')
  const line = supervisor === undefined ? undefined : new SupervisorLine(supervisor)
  const served = servedModel(config, args.model, args.adapter)
  const adapter = adapterOf(args, descriptors, statePath)
  const start = { args, config, served, logger, keeper, adapter, line, folder }
  try {
    if (args.isTrial) await tryOut(start)
    else await serve(start, layers, descriptorNamed(descriptors, 'engine'))
  } catch (thrown) {
    await recordFailure(start, thrown)
    throw thrown
  }
}

function endWith(logger: Logger, thrown: unknown): never {
  exitNow(logFatal(logger, thrown))
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    exitNow(EXIT.ok)
  })
}
let logger = createLogger('')
process.on('uncaughtException', (thrown) => {
  endWith(logger, thrown)
})
process.on('unhandledRejection', (thrown) => {
  endWith(logger, thrown)
})
try {
  const args = parseArguments(process.argv.slice(2))
  logger = createLogger(args.adapter === undefined ? args.model : `${args.model}:${args.adapter}`)
  await main(args, logger)
} catch (thrown) {
  endWith(logger, thrown)
}
