/**
 * The supervisor: keeps keeper, engine and gateway running, and ends them in order.
 *
 * What it gives: restarts by the policy, the fault of a process that no restart mends, an orderly
 * stop. What it does not give: sockets, readiness, signals; serve.ts brings those.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { Child, type Ending, type ProcessPlan, type ProcessRole } from './child.ts'
import { decideRestart, describeDeath, type Decision } from './restart-policy.ts'

/** Who reads the network goes first, who keeps the record goes last. */
const STOP_ORDER: readonly ProcessRole[] = ['gateway', 'engine', 'keeper']
const REMEMBERED_DEATHS = 16

export interface SupervisorHandlers {
  readonly onLine: (role: ProcessRole, line: string) => void
  readonly onDeath: (role: ProcessRole, ending: Ending, decision: Decision) => void
  readonly onStart?: (role: ProcessRole) => void
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
  readonly #kept = new Map<ProcessRole, Kept>()
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

  /** The pids of what runs right now. */
  get pids(): Partial<Record<ProcessRole, number>> {
    const pairs = [...this.#kept].flatMap(([role, { child }]) =>
      child?.pid === undefined ? [] : [[role, child.pid] as const],
    )
    return Object.fromEntries(pairs)
  }

  start(plan: ProcessPlan): void {
    if (this.#stopping !== undefined) return
    const kept: Kept = { plan, child: undefined, timer: undefined, deathsMs: [] }
    this.#kept.set(plan.role, kept)
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
      this.#handlers.onLine(plan.role, line)
    })
    kept.child = child
    this.#handlers.onStart?.(plan.role)
    void child.ended.then((ending) => {
      kept.child = undefined
      if (this.#stopping === undefined) this.#onDeath(kept, ending)
    })
  }

  #onDeath(kept: Kept, ending: Ending): void {
    const nowMs = performance.now()
    const decision = this.#decide(ending, {
      deathsMs: kept.deathsMs,
      nowMs,
      served: this.#served,
    })
    kept.deathsMs = [...kept.deathsMs, nowMs].slice(-REMEMBERED_DEATHS)
    this.#handlers.onDeath(kept.plan.role, ending, decision)
    if (decision.kind === 'stop') {
      void this.stop(ending.fault ?? lostProcess(kept.plan.role, ending))
      return
    }
    kept.timer = setTimeout(() => {
      kept.timer = undefined
      if (this.#stopping === undefined) this.#run(kept)
    }, decision.afterMs)
  }

  async #stopAll(fault: Fault | undefined): Promise<void> {
    for (const { timer } of this.#kept.values()) clearTimeout(timer)
    for (const role of STOP_ORDER) await this.#kept.get(role)?.child?.stop()
    this.#ended.resolve(fault)
  }
}

function lostProcess(role: ProcessRole, ending: Ending): Fault {
  return new Fault('SERVE_FAILED', `${role} ended with ${describeDeath(ending)}`)
}
