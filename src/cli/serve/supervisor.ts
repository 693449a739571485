/**
 * The supervisor: keeps keeper, engines and gateway running, and ends them in order.
 *
 * What it gives: restarts by the policy, the fault of a process that no restart mends, an orderly
 * stop. What it does not give: sockets, readiness, signals (serve.ts), models on demand (engines.ts).
 *
 * @packageDocumentation
 */
import { EXIT, Fault } from '../../errors.ts'
import { Child, nameOf, type Ending, type ProcessPlan, type ProcessRole } from './child.ts'
import { decideRest, decideRestart, describeDeath, type Decision } from './restart-policy.ts'

/** Who reads the network goes first, who keeps the record goes last. */
const STOP_ORDER: readonly ProcessRole[] = ['gateway', 'engine', 'keeper']
const REMEMBERED_DEATHS = 16

/** All are told the name of the process. */
export interface SupervisorHandlers {
  readonly onLine: (name: string, line: string) => void
  readonly onDeath: (name: string, ending: Ending, decision: Decision) => void
  readonly onStart?: (name: string, child: Child) => void
}

interface Kept {
  readonly plan: ProcessPlan
  child: Child | undefined
  timer: NodeJS.Timeout | undefined
  deathsMs: number[]
}

export class Supervisor {
  readonly #handlers: SupervisorHandlers
  readonly #decide: typeof decideRestart
  readonly #kept = new Map<string, Kept>()
  readonly #ended = Promise.withResolvers<Fault | undefined>()
  #stopping: Promise<void> | undefined
  #served = false

  constructor(handlers: SupervisorHandlers, decide: typeof decideRestart = decideRestart) {
    this.#handlers = handlers
    this.#decide = decide
  }

  /** Resolves once nothing runs any more: with the fault that ended it, or without one. */
  get ended(): Promise<Fault | undefined> {
    return this.#ended.promise
  }

  /** The pids of what runs right now, by name. */
  get pids(): Partial<Record<string, number>> {
    const pairs = [...this.#kept].flatMap(([name, { child }]) =>
      child?.pid === undefined ? [] : [[name, child.pid] as const],
    )
    return Object.fromEntries(pairs)
  }

  /** Earlier deaths of a process of that name are remembered. */
  start(plan: ProcessPlan): void {
    if (this.#stopping !== undefined) return
    const deathsMs = this.#kept.get(nameOf(plan))?.deathsMs ?? []
    const kept: Kept = { plan, child: undefined, timer: undefined, deathsMs }
    this.#kept.set(nameOf(plan), kept)
    this.#run(kept)
  }

  /** From now on the daemon has answered, and a death is worth any number of restarts. */
  markServed(): void {
    this.#served = true
  }

  stop(fault?: Fault): Promise<void> {
    this.#stopping ??= this.#stopAll(fault)
    return this.#stopping
  }

  /** Nothing may clean up any more. */
  kill(): void {
    for (const { child } of this.#kept.values()) child?.kill()
  }

  #run(kept: Kept): void {
    const { plan } = kept
    const child = new Child(plan, (line) => {
      this.#handlers.onLine(nameOf(plan), line)
    })
    kept.child = child
    this.#handlers.onStart?.(nameOf(plan), child)
    void child.ended.then((ending) => {
      kept.child = undefined
      if (this.#stopping === undefined) this.#onDeath(kept, ending)
    })
  }

  #onDeath(kept: Kept, ending: Ending): void {
    const nowMs = performance.now()
    const decide = kept.plan.life === 'once' ? decideRest : this.#decide
    const decision = decide(ending, { deathsMs: kept.deathsMs, nowMs, served: this.#served })
    if (decision.kind !== 'rest' || ending.exitCode !== EXIT.ok) {
      kept.deathsMs = [...kept.deathsMs, nowMs].slice(-REMEMBERED_DEATHS)
    }
    const name = nameOf(kept.plan)
    this.#handlers.onDeath(name, ending, decision)
    if (decision.kind === 'stop') void this.stop(ending.fault ?? lostProcess(name, ending))
    if (decision.kind !== 'restart') return
    kept.timer = setTimeout(() => {
      kept.timer = undefined
      if (this.#stopping === undefined) this.#run(kept)
    }, decision.afterMs)
  }

  async #stopAll(fault: Fault | undefined): Promise<void> {
    for (const { timer } of this.#kept.values()) clearTimeout(timer)
    for (const role of STOP_ORDER) {
      const running = [...this.#kept.values()].flatMap(({ plan, child }) =>
        plan.role === role && child !== undefined ? [child] : [],
      )
      await Promise.all(running.map((child) => child.stop()))
    }
    this.#ended.resolve(fault)
  }
}

function lostProcess(name: string, ending: Ending): Fault {
  return new Fault('SERVE_FAILED', `${name} ended with ${describeDeath(ending)}`)
}
