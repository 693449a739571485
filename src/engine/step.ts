/**
 * One step of the loop, from the jobs that may run to the parts of a batch: `scheduler.ts` decides,
 * this says what its words mean for jobs and their branches.
 *
 * @packageDocumentation
 */
import type { BatchPart } from './batch-context.ts'
import type { Branch } from './branch.ts'
import type { Job } from './job.ts'
import { planBatch, promptRoom, type JobView, type Pace } from './scheduler.ts'

/** A part of a batch, and whose it is. */
export interface Running {
  readonly job: Job
  readonly branch: Branch
  readonly part: BatchPart
}

/** @param step - Its number, which the branches that are served remember. */
export function planStep(runnable: readonly Job[], pace: Pace, step: number): Running[] {
  const owners = new Map(
    runnable.flatMap((job) => job.running.map((branch) => [branch.slot, { job, branch }])),
  )
  const views = [...owners.values()].map(({ job, branch }) => viewOf(job, branch))
  const streams = views.filter(({ promptTokensLeft }) => promptTokensLeft === 0).length
  const { batchTokens } = pace
  const plan = planBatch(views, { batchTokens, promptTokens: promptRoom(pace, streams) })
  return plan.flatMap(({ slot, tokens }) => {
    const owner = owners.get(slot)
    if (owner === undefined) return []
    owner.branch.servedStep = step
    return [partOf(owner.job, owner.branch, tokens)]
  })
}

function viewOf(job: Job, branch: Branch): JobView {
  const { slot, position, servedStep, queue } = branch
  return {
    slot,
    position,
    servedStep,
    promptTokensLeft: job.isReadingPrompt || queue.length > 1 ? queue.length : 0,
    cuts: job.isReadingPrompt ? job.request.cuts : 'fast',
  }
}

function partOf(job: Job, branch: Branch, tokens: number): Running {
  const { slot, position, queue } = branch
  const ids = queue.subarray(0, tokens)
  const toldAll = job.isReadingPrompt && job.request.echo === 'tokens'
  const isLast = queue.length <= tokens
  const logits = toldAll && job.request.topLogprobs !== null ? 'all' : isLast ? 'last' : 'none'
  return { job, branch, part: { slot, position, ids, logits } }
}
