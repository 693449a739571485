/**
 * Which tokens go into the next batch: a pure decision from the state of the jobs.
 *
 * Every running stream gets one token; what the time allows beside them goes to prompts, in turns, so
 * that a long prompt never stops a stream and never keeps a short prompt waiting. A prompt is cut at
 * multiples of 32 tokens where the time allows it: the last digits of llama.cpp's results depend on
 * where a prompt is cut, and 8, 16 and 32 agree.
 *
 * @packageDocumentation
 */

/** Prompts are cut where their position is a multiple of this. */
export const ALIGNED_TOKENS = 32

/** The least that a prompt gets in a batch, however slow the machine. */
const LEAST_TOKENS = 8

/** A prompt alone is cut too, so that it can be cancelled. */
export const ALONE_SLICE_MS = 400

export interface JobView {
  readonly slot: number
  /** Tokens of the prompt that are not decoded yet; 0 for a running stream. */
  readonly promptTokensLeft: number
  /** Tokens that the slot holds. */
  readonly position: number
  /** The step in which the job was last in a batch. */
  readonly servedStep: number
  /** `fixed`: cut at every multiple of 32, whatever the time, and alone in its batch. */
  readonly cuts: 'fixed' | 'fast'
}

export interface BatchLimits {
  /** Of the whole batch. */
  readonly batchTokens: number
  /** Of all prompts together in it; from `promptRoom`. */
  readonly promptTokens: number
}

export interface PlannedPart {
  readonly slot: number
  /** 1 for a stream. */
  readonly tokens: number
}

export interface Pace {
  /** Measured time for one prompt token, or null before the first measurement. */
  readonly promptMsPerToken: number | null
  /** How long prompts may hold a running stream up. */
  readonly sliceMs: number
  readonly batchTokens: number
}

/** Prompt tokens that fit into the time of a slice: a multiple of 32 from 32 on. */
export function promptRoom(pace: Pace, streams: number): number {
  const { promptMsPerToken, sliceMs, batchTokens } = pace
  const budgetMs = streams > 0 ? Math.min(sliceMs, ALONE_SLICE_MS) : ALONE_SLICE_MS
  // The first slice measures the machine, so it is a short one.
  const fitting = promptMsPerToken === null ? ALIGNED_TOKENS : budgetMs / promptMsPerToken
  const bounded = Math.min(Math.max(Math.floor(fitting), LEAST_TOKENS), batchTokens)
  return bounded < ALIGNED_TOKENS ? bounded : bounded - (bounded % ALIGNED_TOKENS)
}

/** Those first that have waited longest; of new ones the shortest. */
function byTurn(a: JobView, b: JobView): number {
  return a.servedStep - b.servedStep || a.promptTokensLeft - b.promptTokensLeft || a.slot - b.slot
}

/** The whole prompt when it fits, else up to the last aligned position that fits. */
function cutTokens(job: JobView, room: number): number {
  if (job.promptTokensLeft <= room) return job.promptTokensLeft
  const beyondAligned = (job.position + room) % ALIGNED_TOKENS
  return Math.max(room - beyondAligned, 0)
}

/** Prompts in turns: one that was cut stands behind all others in the next batch. */
function sharePromptRoom(prompts: readonly JobView[], room: number): PlannedPart[] {
  const parts: PlannedPart[] = []
  let left = room
  for (const job of prompts) {
    const aligned = cutTokens(job, left)
    // A slow machine: less than an aligned piece, but never nothing.
    const tokens = aligned === 0 && parts.length === 0 ? left : aligned
    if (tokens === 0) continue
    parts.push({ slot: job.slot, tokens })
    left -= tokens
  }
  return parts
}

/**
 * A piece of a prompt with fixed cuts when it has waited longest. llama.cpp's last digits follow the
 * place and the length of a piece, so it is the same under any load: up to the next multiple of 32,
 * and nobody beside it, because a batch of several slots is cut again inside llama.cpp.
 */
function fixedPart(jobs: readonly JobView[], limits: BatchLimits): PlannedPart | null {
  const [first] = jobs.toSorted(byTurn)
  if (first === undefined || first.promptTokensLeft === 0 || first.cuts === 'fast') return null
  const toAligned = ALIGNED_TOKENS - (first.position % ALIGNED_TOKENS)
  const tokens = Math.min(first.promptTokensLeft, toAligned, limits.batchTokens)
  return { slot: first.slot, tokens }
}

/**
 * The next batch: ascending slots, each once, never more than `batchTokens`.
 *
 * @param jobs - Jobs that may run now, each with its own slot.
 */
export function planBatch(jobs: readonly JobView[], limits: BatchLimits): PlannedPart[] {
  const alone = fixedPart(jobs, limits)
  if (alone !== null) return [alone]
  const streams = jobs.filter((job) => job.promptTokensLeft === 0).sort(byTurn)
  const prompts = jobs.filter((job) => job.promptTokensLeft > 0 && job.cuts === 'fast').sort(byTurn)
  // More streams than a batch holds take turns, and never leave a prompt without a token.
  const keptForPrompts = prompts.length > 0 ? 1 : 0
  const running = streams.slice(0, Math.max(limits.batchTokens - keptForPrompts, 0))
  const room = Math.min(limits.promptTokens, limits.batchTokens - running.length)
  const parts = running.map(({ slot }): PlannedPart => ({ slot, tokens: 1 }))
  parts.push(...sharePromptRoom(prompts, room))
  // llama.cpp cuts a batch wherever the next slot is not the last one plus 1.
  return parts.sort((a, b) => a.slot - b.slot)
}

/** What steps have taken lately. */
export interface Speed {
  readonly promptMsPerToken: number | null
  /** A step of streams alone. */
  readonly streamStepMs: number
}

export const UNKNOWN_SPEED: Speed = { promptMsPerToken: null, streamStepMs: 0 }

const halfway = (known: number | null, found: number) =>
  known === null ? found : 0.5 * known + 0.5 * found

/** A slower machine is believed at once, a faster one by and by: too long a slice is felt. */
const slowest = (known: number | null, found: number) =>
  known === null || found > known ? found : 0.75 * known + 0.25 * found

/** Follows the time of a prompt token, without what the streams beside it took. */
export function learnSpeed(
  speed: Speed,
  step: {
    readonly promptTokens: number
    readonly streams: number
    readonly stepMs: number
  },
): Speed {
  const { promptTokens, streams, stepMs } = step
  if (promptTokens === 0) return { ...speed, streamStepMs: halfway(speed.streamStepMs, stepMs) }
  // Short pieces say more about their fixed cost than about prompts.
  if (promptTokens < LEAST_TOKENS) return speed
  // Never less than half: a stream's step may have been slow only then.
  const streamMs = streams > 0 ? Math.min(speed.streamStepMs, stepMs / 2) : 0
  const found = (stepMs - streamMs) / promptTokens
  return { ...speed, promptMsPerToken: slowest(speed.promptMsPerToken, found) }
}
