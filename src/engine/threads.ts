/**
 * Threads follow the machine: how many threads the next batch gets, as a pure state machine.
 *
 * llama.cpp's threads wait for each other by spinning after every operation. When another process
 * takes a core, all of them wait for the one that lost it, and a stream gets 5 to 200 times slower;
 * one thread alone loses a third. So: a step that takes much longer than the best of its kind, while
 * others want to run, sends us to one thread for a while, and we go back when the run queue has been
 * short for long enough.
 *
 * Measured values and the prototype: docs/SPECIFICATION.md, “A busy machine”.
 *
 * @packageDocumentation
 */

/** A step this many times slower than the best of its kind lost a core. */
const SLOW_FACTOR = 2.5
/** So did one that is this many times slower than one thread alone. */
const SLOWER_THAN_ONE_FACTOR = 1.3
const LEARN_WEIGHT = 0.1
const FIRST_HOLD_MS = 100
const LONGEST_HOLD_MS = 4000
/** After this long without a slow step the hold is short again. */
const GOOD_MS = 3000
const RECHECK_MS = 50
const LOAD_SAMPLES = 8
/** Mean of processes that want to run besides ourselves. */
const QUIET_LOAD = 0.6

/** Steps are compared with steps of about the same width. */
const WIDTHS = [1, 4, 16, 64] as const

export interface ThreadState {
  readonly maxThreads: number
  readonly threads: number
  /** Usual time for one token, by thread count and width, slow steps left out. */
  readonly bestMs: ReadonlyMap<string, number>
  /** Until then nothing is tried. */
  readonly holdUntilMs: number
  readonly holdMs: number
  /** When all threads were last given back; null once that has proved good. */
  readonly raisedAtMs: number | null
  readonly loads: readonly number[]
}

export interface StepSample {
  readonly nowMs: number
  readonly tokens: number
  readonly stepMs: number
  /** Processes that want to run besides ourselves, or null where the system does not say. */
  readonly othersRunnable: number | null
}

export function startThreads(maxThreads: number): ThreadState {
  return {
    maxThreads,
    // All of them after the first step, if the machine is quiet: it may be busy at the start too.
    threads: 1,
    bestMs: new Map(),
    holdUntilMs: 0,
    holdMs: FIRST_HOLD_MS,
    raisedAtMs: null,
    loads: [],
  }
}

function kindOf(threads: number, tokens: number): string {
  return `${threads}:${WIDTHS.find((width) => tokens <= width) ?? 'wide'}`
}

function learnBest(state: ThreadState, kind: string, perTokenMs: number) {
  const best = state.bestMs.get(kind)
  const moved =
    best === undefined ? perTokenMs : (1 - LEARN_WEIGHT) * best + LEARN_WEIGHT * perTokenMs
  return new Map(state.bestMs).set(kind, moved)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)
}

/** One thread, held for twice as long as the last time. */
function yieldCores(state: ThreadState, nowMs: number): ThreadState {
  return {
    ...state,
    threads: 1,
    holdUntilMs: nowMs + state.holdMs,
    holdMs: Math.min(2 * state.holdMs, LONGEST_HOLD_MS),
    raisedAtMs: null,
  }
}

function tryCoresAgain(state: ThreadState, nowMs: number): ThreadState {
  if (meanOf(state.loads) >= QUIET_LOAD) return { ...state, holdUntilMs: nowMs + RECHECK_MS }
  return { ...state, threads: state.maxThreads, raisedAtMs: nowMs }
}

function isSlow(state: ThreadState, tokens: number, perTokenMs: number): boolean {
  const best = state.bestMs.get(kindOf(state.threads, tokens)) ?? Infinity
  const alone = state.bestMs.get(kindOf(1, tokens)) ?? Infinity
  return perTokenMs > Math.min(SLOW_FACTOR * best, SLOWER_THAN_ONE_FACTOR * alone)
}

/** Whether somebody else wants the cores; where nobody can say, a slow step says so. */
function isContended(loads: readonly number[], othersRunnable: number | null): boolean {
  return othersRunnable === null || othersRunnable > 0 || meanOf(loads) >= QUIET_LOAD
}

/** The state after a step; `threads` of it is for the next batch. */
export function followMachine(state: ThreadState, sample: StepSample): ThreadState {
  const { nowMs, tokens, stepMs, othersRunnable } = sample
  const perTokenMs = stepMs / tokens
  const loads =
    othersRunnable === null ? state.loads : [...state.loads, othersRunnable].slice(-LOAD_SAMPLES)
  const slow = isSlow(state, tokens, perTokenMs)
  // On a quiet machine a slow step is a longer context, not a lost core: it is learnt from.
  if (state.threads > 1 && slow && isContended(loads, othersRunnable)) {
    return yieldCores({ ...state, loads }, nowMs)
  }
  const kind = kindOf(state.threads, tokens)
  const next = { ...state, loads, bestMs: learnBest(state, kind, perTokenMs) }
  if (state.threads < state.maxThreads && nowMs > state.holdUntilMs) {
    return tryCoresAgain(next, nowMs)
  }
  if (state.raisedAtMs !== null && nowMs - state.raisedAtMs > GOOD_MS) {
    return { ...next, holdMs: FIRST_HOLD_MS, raisedAtMs: null }
  }
  return next
}

/** Pure: the count of other runnable processes in the text of `/proc/loadavg`, or null. */
export function othersRunnable(loadavg: string): number | null {
  const running = /^\S+ \S+ \S+ (\d+)\//.exec(loadavg)?.[1]
  return running === undefined ? null : Math.max(Number(running) - 1, 0)
}
