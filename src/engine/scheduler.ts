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

const byTurn = (a: JobView, b: JobView) => a.servedStep - b.servedStep || a.slot - b.slot

/** Up to the next aligned position, or to the end of the prompt. */
function unitTokens(job: JobView, given: number): number {
  const toAligned = ALIGNED_TOKENS - ((job.position + given) % ALIGNED_TOKENS)
  return Math.min(toAligned, job.promptTokensLeft - given)
}

/** Shares the room among prompts, a unit each in turn, those first that have waited longest. */
function sharePromptRoom(prompts: readonly JobView[], room: number): Map<number, number> {
  const given = new Map<number, number>()
  let left = room
  let gave = true
  while (gave && left > 0) {
    gave = false
    for (const job of prompts) {
      const already = given.get(job.slot) ?? 0
      const unit = unitTokens(job, already)
      // A slow machine: less than a unit, but never nothing.
      const tokens = unit <= left || given.size > 0 ? unit : left
      if (tokens === 0 || tokens > left) continue
      given.set(job.slot, already + tokens)
      left -= tokens
      gave = true
    }
  }
  return given
}

/**
 * The next batch: ascending slots, each once, never more than `batchTokens`.
 *
 * @param jobs - Jobs that may run now, each with its own slot.
 */
export function planBatch(jobs: readonly JobView[], limits: BatchLimits): PlannedPart[] {
  const streams = jobs.filter((job) => job.promptTokensLeft === 0).sort(byTurn)
  const prompts = jobs.filter((job) => job.promptTokensLeft > 0).sort(byTurn)
  // More streams than a batch holds take turns, and never leave a prompt without a token.
  const keptForPrompts = prompts.length > 0 ? 1 : 0
  const running = streams.slice(0, Math.max(limits.batchTokens - keptForPrompts, 0))
  const room = Math.min(limits.promptTokens, limits.batchTokens - running.length)
  const parts = running.map(({ slot }) => ({ slot, tokens: 1 }))
  for (const [slot, tokens] of sharePromptRoom(prompts, room)) parts.push({ slot, tokens })
  // llama.cpp cuts a batch wherever the next slot is not the last one plus 1.
  return parts.sort((a, b) => a.slot - b.slot)
}

/** Follows the time of a prompt token: quickly when it gets slower, as a long context does. */
export function learnPromptPace(
  known: number | null,
  step: { readonly tokens: number; readonly stepMs: number },
): number | null {
  // Short batches say more about their fixed cost than about prompts.
  if (step.tokens < LEAST_TOKENS) return known
  const perToken = step.stepMs / step.tokens
  return known === null ? perToken : 0.5 * known + 0.5 * perToken
}
