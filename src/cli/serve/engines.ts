/**
 * The engines of the daemon: which are loaded, which come when somebody connects, who ends for whom.
 *
 * What it gives: models loaded at start; models on demand, started by a connection that waits on
 * their socket; a memory budget that holds; a connection that ends when its model cannot be loaded.
 * What it does not give: processes (supervisor.ts), and whether an engine has work: the engine says
 * so, and it alone decides that it may end.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { ServedModel } from '../../config/load.ts'
import { descriptorsWaitedOn, dropWaiting } from '../../sandbox/waiting-connections.ts'
import type { Event } from '../../wire/frames.ts'
import { nameOf, type Child, type Ending, type ProcessPlan } from './child.ts'
import { EngineLine } from './engine-line.ts'
import { findRoom, type Resident } from './model-memory.ts'

/** How soon a connection to a model that is not loaded is seen: little beside any load. */
const LOOK_MS = 50
/** An engine that was asked to end because it idled, and then had work after all, is not waited for longer. */
const END_MS = 60_000

export interface EngineUnit {
  readonly model: ServedModel
  readonly plan: ProcessPlan
  /** Of the engine's own socket, where gateways wait. */
  readonly descriptor: number
  /** Of the sealed files: what is needed before its header can be read. */
  readonly weightBytes: number
}

export interface EnginesOptions {
  readonly budgetBytes: number
  readonly start: (plan: ProcessPlan) => void
  readonly record: (event: Event) => void
  readonly warn: (fault: Fault) => void
}

type State = 'resting' | 'loading' | 'serves' | 'ending'

interface Unit extends EngineUnit {
  state: State
  /** Granted. */
  bytes: number
  running: number
  lastWorkMs: number
  /** Not started again before. */
  restsUntilMs: number
  line: EngineLine | undefined
  /** Those who wait for its end. */
  onEnded: (() => void)[]
}

export class Engines {
  readonly #options: EnginesOptions
  readonly #units: ReadonlyMap<string, Unit>
  #timer: NodeJS.Timeout | undefined
  /** One search for room at a time, or two would count the same bytes. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(units: readonly EngineUnit[], options: EnginesOptions) {
    this.#options = options
    this.#units = new Map(
      units.map((unit) => [nameOf(unit.plan), { ...unit, ...AT_REST, onEnded: [] }]),
    )
  }

  /** @throws Fault `MEMORY_BUDGET` when a model that is loaded at start does not fit. */
  async startAll(): Promise<void> {
    for (const unit of this.#units.values()) {
      if (unit.model.load !== 'start') continue
      await this.#makeRoom(unit, unit.weightBytes)
      unit.state = 'loading'
      this.#options.start(unit.plan)
    }
    this.#timer = setInterval(() => {
      this.#look()
    }, LOOK_MS)
  }

  /** No engine is started from here on. */
  close(): void {
    clearInterval(this.#timer)
  }

  /** A process of that name was started; others than engines are no concern of ours. */
  onStart(name: string, child: Child): void {
    const unit = this.#units.get(name)
    if (unit === undefined || child.line === undefined) return
    unit.state = 'loading'
    unit.line = new EngineLine(child.line, {
      onAsk: (bytes) => this.#makeRoom(unit, bytes),
      onJobs: (running) => {
        this.#onJobs(unit, running)
      },
      onBroken: (fault) => {
        this.#options.warn(fault)
        child.kill()
      },
    })
  }

  /** @param restMs - Before it may be started again. */
  onEnd(name: string, ending: Ending, restMs: number): void {
    const unit = this.#units.get(name)
    if (unit === undefined) return
    const { state } = unit
    unit.state = 'resting'
    unit.line = undefined
    unit.running = 0
    unit.restsUntilMs = performance.now() + restMs
    // One that is kept is started again in its old room.
    if (unit.model.load === 'demand') this.#onRest(unit, state, ending)
    for (const ended of unit.onEnded.splice(0)) ended()
  }

  #onRest(unit: Unit, before: State, { exitCode }: Ending): void {
    unit.bytes = 0
    if (before === 'loading') dropWaiting(unit.descriptor)
    else if (exitCode === 0) {
      const why = before === 'ending' ? 'for-another' : 'idle'
      this.#options.record({ type: 'model.unloaded', model: unit.model.name, codes: [why] })
    }
  }

  #onJobs(unit: Unit, running: number): void {
    if (unit.state === 'loading') unit.state = 'serves'
    unit.running = running
    unit.lastWorkMs = performance.now()
  }

  #look(): void {
    const nowMs = performance.now()
    const resting = [...this.#units.values()].filter(
      ({ state, model, restsUntilMs }) =>
        state === 'resting' && model.load === 'demand' && nowMs >= restsUntilMs,
    )
    const waited = descriptorsWaitedOn(resting.map(({ descriptor }) => descriptor))
    for (const unit of resting) if (waited.includes(unit.descriptor)) void this.#load(unit)
  }

  async #load(unit: Unit): Promise<void> {
    unit.state = 'loading'
    try {
      await this.#makeRoom(unit, unit.weightBytes)
      this.#options.start(unit.plan)
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      unit.state = 'resting'
      dropWaiting(unit.descriptor)
    }
  }

  /** @throws Fault `MEMORY_BUDGET` */
  #makeRoom(unit: Unit, bytes: number): Promise<void> {
    const found = this.#turn.then(() => this.#findRoom(unit, bytes))
    this.#turn = found.catch(() => undefined)
    return found
  }

  async #findRoom(unit: Unit, bytes: number): Promise<void> {
    const { budgetBytes } = this.#options
    const untilMs = performance.now() + END_MS
    for (;;) {
      const room = findRoom(budgetBytes, bytes, this.#residentsBeside(unit))
      if (room.kind === 'fits') {
        unit.bytes = bytes
        return
      }
      const isLate = performance.now() >= untilMs
      if (room.kind !== 'ends' || isLate) {
        throw this.#refuse(
          unit,
          bytes,
          room.kind === 'ends' ? { kind: 'busy', freeBytes: 0 } : room,
        )
      }
      await this.#endAll(room.names, untilMs)
    }
  }

  #residentsBeside(asking: Unit): Resident[] {
    return [...this.#units.values()]
      .filter((unit) => unit !== asking && unit.bytes > 0)
      .map((unit) => ({
        name: nameOf(unit.plan),
        bytes: unit.bytes,
        stays: unit.model.load === 'start',
        idles: unit.state === 'serves' && unit.running === 0,
        lastWorkMs: unit.lastWorkMs,
      }))
  }

  async #endAll(names: readonly string[], untilMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(
      () => {
        resolve(undefined)
      },
      Math.max(untilMs - performance.now(), 0),
    )
    await Promise.race([Promise.all(names.map((name) => this.#end(name))), late])
    clearTimeout(timer)
  }

  async #end(name: string): Promise<void> {
    const unit = this.#units.get(name)
    if (unit?.line === undefined) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    unit.onEnded.push(() => {
      resolve(undefined)
    })
    unit.state = 'ending'
    unit.line.end()
    await promise
  }

  #refuse(
    unit: Unit,
    bytes: number,
    { kind, freeBytes }: { kind: 'busy' | 'never'; freeBytes: number },
  ): Fault {
    const { budgetBytes } = this.#options
    const { name } = unit.model
    const why =
      kind === 'never'
        ? `the models that stay leave ${freeBytes} of ${budgetBytes}`
        : `${freeBytes} of ${budgetBytes} are free while others are at work`
    const fault = new Fault('MEMORY_BUDGET', `${name} needs ${bytes} bytes, ${why}`)
    this.#options.warn(fault)
    this.#options.record({
      type: 'model.load-refused',
      model: name,
      codes: [fault.code, kind],
      counts: { needBytes: bytes, freeBytes, budgetBytes },
    })
    return fault
  }
}

const AT_REST = {
  state: 'resting' as State,
  bytes: 0,
  running: 0,
  lastWorkMs: 0,
  restsUntilMs: 0,
  line: undefined,
}
