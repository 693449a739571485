/**
 * One process of the daemon as the supervisor sees it: started, heard, ended.
 *
 * A child is the leader of its own session, so that Ctrl-C at the terminal reaches the supervisor
 * alone and the order of stopping is ours. The launcher asks the kernel to end it with us.
 *
 * @packageDocumentation
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createInterface } from 'node:readline'
import { EXIT, type Fault } from '../../errors.ts'
import { faultOf } from './log-line.ts'
import type { Death } from './restart-policy.ts'

export type ProcessRole = 'keeper' | 'engine' | 'gateway'

export interface ProcessPlan {
  readonly role: ProcessRole
  /** One of its kind; the role, when there is only one. */
  readonly name?: string
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]]
  /** Passed on as descriptors 3, 4, … in this order, with their names in the environment. */
  readonly listeners: readonly { readonly name: string; readonly descriptor: number }[]
  /** How long it may take to stop by itself. */
  readonly stopMs: number
  /** `kept`, as when not given: started again when it dies. `once`: somebody starts it again. */
  readonly life?: 'kept' | 'once'
  /** Whether it gets one end of a socket pair, named `supervisor`. */
  readonly line?: 'pair' | 'none'
}

export function nameOf({ role, name }: ProcessPlan): string {
  return name ?? role
}

export interface Ending extends Death {
  /** What its last fatal line said. */
  readonly fault: Fault | undefined
}

/** After an exit, the last lines are on their way; a stranger may hold the pipe for longer. */
const LAST_WORDS_MS = 500

export class Child {
  /** Our end of the pair. */
  readonly line: Socket | undefined
  readonly ended: Promise<Ending>
  readonly #process: ChildProcess
  readonly #name: string
  readonly #stopMs: number
  #fault: Fault | undefined

  constructor(plan: ProcessPlan, onLine: (line: string) => void) {
    this.#name = nameOf(plan)
    this.#stopMs = plan.stopMs
    const [file, ...args] = plan.command
    this.#process = spawn(file, args, {
      detached: true,
      env: environmentFor(plan),
      stdio: [
        ...(['ignore', 'ignore', 'pipe'] as const),
        ...plan.listeners.map(({ descriptor }) => descriptor),
        ...(plan.line === 'pair' ? (['pipe'] as const) : []),
      ],
    })
    const last = this.#process.stdio.at(-1)
    this.line = plan.line === 'pair' && last instanceof Socket ? last : undefined
    const heard = this.#hear(onLine)
    this.ended = this.#watch(heard)
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** SIGTERM, and SIGKILL when its time is over. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    const late = new AbortController()
    const waited = delay(this.#stopMs, undefined, { signal: late.signal }).then(
      () => {
        this.kill()
      },
      () => undefined,
    )
    await this.ended
    late.abort()
    await waited
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async #hear(onLine: (line: string) => void): Promise<void> {
    const { stderr } = this.#process
    // stdio[2] is a pipe; a spawn that failed at once has none.
    if (stderr === null) return
    const lines = createInterface({ input: stderr })
    lines.on('line', (line) => {
      this.#fault = faultOf(this.#name, line) ?? this.#fault
      onLine(line)
    })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    lines.once('close', () => {
      resolve(undefined)
    })
    await promise
  }

  async #watch(heard: Promise<void>): Promise<Ending> {
    const { promise, resolve } = Promise.withResolvers<Death>()
    this.#process.once('exit', (exitCode, signal) => {
      resolve({ exitCode, signal })
    })
    // Could not be started at all: no pid, no exit.
    this.#process.once('error', () => {
      resolve({ exitCode: EXIT.bug, signal: null })
    })
    const death = await promise
    await Promise.race([heard, delay(LAST_WORDS_MS, undefined, { ref: false })])
    return { ...death, fault: this.#fault }
  }
}

function environmentFor({ listeners, line }: ProcessPlan): NodeJS.ProcessEnv {
  const names = [...listeners.map(({ name }) => name), ...(line === 'pair' ? ['supervisor'] : [])]
  const environment: NodeJS.ProcessEnv = { ...process.env }
  // Ours, if systemd started us, and not for a child.
  delete environment.LISTEN_PID
  delete environment.NOTIFY_SOCKET
  environment.LISTEN_FDS = String(names.length)
  environment.LISTEN_FDNAMES = names.join(':')
  return environment
}
