/**
 * The jobs of one engine connection: which frames may come next, and how much of it.
 *
 * An engine runs a stranger's model, so it is a stranger: a frame for a job it was not given, out of
 * order, or beyond what was asked for (job-terms.ts) is `WIRE_BROKEN`, and the owner closes the
 * connection. Frames for a job that was cancelled are expected, and dropped.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { BodyOf, FrameFrom } from '../wire/frames.ts'
import { VectorProgress, type ExpectedVectors } from './embeddings/vector-progress.ts'
import { FrameQueue } from './frame-queue.ts'
import { JobTerms } from './job-terms.ts'

export type EngineFrame = FrameFrom<'engine', 'gateway'>
export type JobFrame = Exclude<EngineFrame, { readonly name: 'engine.ready' }>
export type JobOrder = Omit<BodyOf<'job.start'>, 'job'>

/** Why a job was stopped from our side. Said to nobody but the record. */
export type CancelReason =
  'hung-up' | 'slow-client' | 'not-recorded' | 'stopping' | 'abandoned' | 'filtered'

export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  readonly reason: CancelReason
  constructor(reason: CancelReason) {
    super(`cancelled: ${reason}`)
    this.reason = reason
  }
}

/** Answer that waits for a client that reads too slowly, before its job is cancelled. */
const MAX_QUEUED_FRAMES = 16_384

/** @throws Fault `WIRE_BROKEN` for a frame that may not come now, or not at all. */
interface Terms {
  check(frame: JobFrame): void
}

interface Job {
  readonly frames: FrameQueue<JobFrame>
  readonly settle: () => void
  readonly terms: Terms
  isCancelled: boolean
}

export interface OpenedJob {
  readonly id: number
  readonly frames: FrameQueue<JobFrame>
  /** Resolves when the engine has finished with the job, also after a cancel. */
  readonly settled: Promise<void>
}

export class JobBook {
  readonly #jobs = new Map<number, Job>()
  readonly #onOverflow: (id: number) => void
  #lastId = 0

  constructor(onOverflow: (id: number) => void) {
    this.#onOverflow = onOverflow
  }

  get size(): number {
    return this.#jobs.size
  }

  /** Jobs and questions are numbered together, and no number comes twice on a connection. */
  takeNumber(): number {
    return ++this.#lastId
  }

  open(order: JobOrder, contextTokens: number): OpenedJob {
    return this.#open(new JobTerms(order, contextTokens))
  }

  openVectors(expected: ExpectedVectors): OpenedJob {
    return this.#open(new VectorProgress(expected))
  }

  #open(terms: Terms): OpenedJob {
    const id = this.takeNumber()
    const frames = new FrameQueue<JobFrame>()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#jobs.set(id, {
      frames,
      settle: () => {
        resolve(undefined)
      },
      terms,
      isCancelled: false,
    })
    return { id, frames, settled: promise }
  }

  /** @returns false when the job has already ended: there is nothing to cancel. */
  cancel(id: number, reason: CancelReason): boolean {
    const job = this.#jobs.get(id)
    if (job === undefined || job.isCancelled) return false
    job.isCancelled = true
    job.frames.abort(new Cancelled(reason))
    return true
  }

  has(id: number): boolean {
    return this.#jobs.has(id)
  }

  /** @throws Fault `WIRE_BROKEN`. */
  accept(frame: JobFrame): void {
    const job = this.#jobs.get(frame.body.job)
    if (job === undefined) {
      throw new Fault('WIRE_BROKEN', `${frame.name} for a job the engine does not have`)
    }
    if (!job.isCancelled) job.terms.check(frame)
    if (LAST_FRAMES.includes(frame.name)) {
      this.#jobs.delete(frame.body.job)
      job.settle()
    }
    job.frames.push(frame)
    if (job.frames.length > MAX_QUEUED_FRAMES) this.#onOverflow(frame.body.job)
  }

  /** The connection is gone: every job ends with the fault, after the text that had come. */
  failAll(fault: Fault): void {
    for (const job of this.#jobs.values()) {
      job.frames.fail(fault)
      job.settle()
    }
    this.#jobs.clear()
  }
}

const LAST_FRAMES: readonly string[] = ['job.done', 'job.failed', 'vectors.done']
