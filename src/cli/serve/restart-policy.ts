/**
 * What happens when a process of the daemon dies: start it again, later each time, or stop all.
 *
 * Pure: no clock, no processes.
 *
 * @packageDocumentation
 */
import { EXIT } from '../../errors.ts'

export interface Death {
  readonly exitCode: number | null
  readonly signal: string | null
}

export interface History {
  /** Deaths of this process before this one, in milliseconds of any steady clock. */
  readonly deathsMs: readonly number[]
  readonly nowMs: number
  /** Whether the whole daemon has answered since it was started. */
  readonly served: boolean
}

export type Decision =
  | { readonly kind: 'restart'; readonly afterMs: number }
  | { readonly kind: 'stop'; readonly why: 'permanent' | 'never-served' }
  /** It is started again when somebody needs it, not before this time is over. */
  | { readonly kind: 'rest'; readonly afterMs: number }

const FIRST_BACKOFF_MS = 200
const LAST_BACKOFF_MS = 10_000
/** A process that lived this long has earned the shortest back-off again. */
const FORGET_AFTER_MS = 60_000
/** A daemon that never answered does not get better by itself, and somebody waits for it. */
const DEATHS_BEFORE_SERVING = 5

export function decideRestart(death: Death, { deathsMs, nowMs, served }: History): Decision {
  if (death.exitCode === EXIT.permanent || death.exitCode === EXIT.usage) {
    return { kind: 'stop', why: 'permanent' }
  }
  if (!served && deathsMs.length + 1 >= DEATHS_BEFORE_SERVING) {
    return { kind: 'stop', why: 'never-served' }
  }
  return { kind: 'restart', afterMs: backOffMs(countInRow(deathsMs, nowMs)) }
}

/** For a process that is started on demand: it takes nobody with it. */
export function decideRest(death: Death, { deathsMs, nowMs }: History): Decision {
  if (death.exitCode === EXIT.ok) return { kind: 'rest', afterMs: 0 }
  return { kind: 'rest', afterMs: backOffMs(countInRow(deathsMs, nowMs)) }
}

/** Earlier deaths without a quiet time between them and now. */
function countInRow(deathsMs: readonly number[], nowMs: number): number {
  let count = 0
  let laterMs = nowMs
  for (const atMs of deathsMs.toReversed()) {
    if (laterMs - atMs >= FORGET_AFTER_MS) break
    laterMs = atMs
    count++
  }
  return count
}

function backOffMs(earlier: number): number {
  return Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(earlier, 10))
}

/** How a death reads in a log: `signal SIGKILL`, `exit code 75`. */
export function describeDeath({ exitCode, signal }: Death): string {
  return signal === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signal}`
}
