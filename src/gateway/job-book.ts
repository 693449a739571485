/**
 * The jobs of one engine connection: which frames may come next, and how much of it.
 *
 * An engine runs a stranger's model, so it is a stranger: a frame for a job it was not given, out of
 * order, or beyond what was asked for is `WIRE_BROKEN`, and the owner closes the connection. Frames
 * for a job that was cancelled are expected, and dropped.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { BodyOf, FrameFrom } from '../wire/frames.ts'
import { VectorProgress, type ExpectedVectors } from './embeddings/vector-progress.ts'
import { FrameQueue } from './frame-queue.ts'

export type EngineFrame = FrameFrom<'engine', 'gateway'>
export type JobFrame = Exclude<EngineFrame, { readonly name: 'engine.ready' }>

/** Why a job was stopped from our side. Said to nobody but the record. */
export type CancelReason = 'hung-up' | 'slow-client' | 'not-recorded' | 'stopping' | 'abandoned'

export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  readonly reason: CancelReason
  constructor(reason: CancelReason) {
    super(`cancelled: ${reason}`)
    this.reason = reason
  }
}

/** No tokenizer has a longer token in ordinary text; runs of spaces reach 128. */
const MAX_TOKEN_CHARS = 256
/** Answer that waits for a client that reads too slowly, before its job is cancelled. */
const MAX_QUEUED_FRAMES = 16_384

interface Job {
  readonly frames: FrameQueue<JobFrame>
  readonly settle: () => void
  readonly maxTokens: number
  readonly maxPromptTokens: number
  /** Of a job for embeddings, which has no other frames. */
  readonly vectors: VectorProgress | null
  phase: 'sent' | 'started' | 'cancelled'
  tokens: number
  chars: number
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

  open(maxTokens: number | null, contextTokens: number): OpenedJob {
    return this.#open({
      maxTokens: Math.min(maxTokens ?? contextTokens, contextTokens),
      maxPromptTokens: contextTokens,
      vectors: null,
    })
  }

  openVectors(expected: ExpectedVectors): OpenedJob {
    const vectors = new VectorProgress(expected)
    return this.#open({ maxTokens: 0, maxPromptTokens: expected.contextTokens, vectors })
  }

  #open(about: Pick<Job, 'maxTokens' | 'maxPromptTokens' | 'vectors'>): OpenedJob {
    const id = ++this.#lastId
    const frames = new FrameQueue<JobFrame>()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#jobs.set(id, {
      frames,
      settle: () => {
        resolve(undefined)
      },
      ...about,
      phase: 'sent',
      tokens: 0,
      chars: 0,
    })
    return { id, frames, settled: promise }
  }

  /** @returns false when the job has already ended: there is nothing to cancel. */
  cancel(id: number, reason: CancelReason): boolean {
    const job = this.#jobs.get(id)
    if (job === undefined || job.phase === 'cancelled') return false
    job.phase = 'cancelled'
    job.frames.abort(new Cancelled(reason))
    return true
  }

  has(id: number): boolean {
    return this.#jobs.has(id)
  }

  /** @throws Fault `WIRE_BROKEN`. */
  accept(frame: JobFrame): void {
    const job = this.#jobs.get(frame.body.job)
    if (job === undefined) throw broken(frame, 'for a job the engine does not have')
    if (job.phase !== 'cancelled') checkFrame(job, frame)
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

function checkFrame(job: Job, frame: JobFrame): void {
  const isVectors = frame.name === 'vectors.told' || frame.name === 'vectors.done'
  if (job.vectors !== null && frame.name !== 'job.failed') job.vectors.accept(frame)
  else if (isVectors) throw broken(frame, 'for a job that asked for none')
  else checkAnswer(job, frame)
}

function checkAnswer(job: Job, frame: JobFrame): void {
  switch (frame.name) {
    case 'job.started':
      if (job.phase === 'started') throw broken(frame, 'twice')
      checkPrompt(job, frame, frame.body)
      job.phase = 'started'
      return
    case 'job.progress':
      if (job.phase === 'sent') throw broken(frame, 'before job.started')
      return
    case 'job.text':
      checkText(job, frame, frame.body)
      return
    case 'job.done':
      if (job.phase === 'sent') throw broken(frame, 'before job.started')
      checkPrompt(job, frame, frame.body)
      if (frame.body.completionTokens > job.maxTokens) throw broken(frame, 'with too many tokens')
      return
    case 'job.failed':
      return
  }
}

function checkPrompt(
  job: Job,
  frame: JobFrame,
  body: { promptTokens: number; cachedTokens: number },
): void {
  if (body.promptTokens > job.maxPromptTokens || body.cachedTokens > body.promptTokens) {
    throw broken(frame, 'with impossible counts')
  }
}

function checkText(job: Job, frame: JobFrame, body: BodyOf<'job.text'>): void {
  if (job.phase === 'sent') throw broken(frame, 'before job.started')
  job.tokens += body.chars.length
  job.chars += body.text.length
  // One more of each: the token that ends an answer, and a character that waited for its bytes.
  const maxChars = (job.maxTokens + 1) * MAX_TOKEN_CHARS
  if (job.tokens > job.maxTokens + 1 || job.chars > maxChars) {
    throw broken(frame, 'with more text than was asked for')
  }
}

function broken(frame: JobFrame, why: string): Fault {
  return new Fault('WIRE_BROKEN', `${frame.name} ${why}`)
}
