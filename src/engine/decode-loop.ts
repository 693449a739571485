/**
 * The loop that runs all jobs: one batch after the other, as the scheduler plans it.
 *
 * What it gives: slots for waiting jobs, shared by clients, streams that never stop for a prompt, jobs that end within
 * one batch of being cancelled, threads that follow the machine. What it does not give: bounds on
 * how many jobs wait (`session.ts`) and what a prompt is (`prompt/`).
 *
 * @packageDocumentation
 */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { Fault, reasonOf } from '../errors.ts'
import { Job, type JobListener, type JobRequest } from './job.ts'
import type { BatchContext, BatchPart, LoadedModel } from './llama.ts'
import { samplerConfig } from './sampling.ts'
import {
  learnSpeed,
  planBatch,
  promptRoom,
  UNKNOWN_SPEED,
  type PlannedPart,
  type Speed,
} from './scheduler.ts'
import { SlotTable } from './slot-table.ts'
import { chooseSlot, holeToClose } from './slots.ts'
import { followMachine, startThreads, type ThreadState } from './threads.ts'
import { nextTurn } from './turns.ts'

/** While every reader is behind. */
const BEHIND_WAIT_MS = 10
/** Steps with scattered slots before one is moved, and tokens a job must still have to be worth it. */
const SCATTERED_STEPS = 16
const WORTH_MOVING_TOKENS = 32

export interface LoopOptions {
  readonly prefillSliceMs: number
  readonly maxThreads: number
  /** What the reserved slot holds. */
  readonly constant: Uint32Array
  /** Processes that want to run besides ourselves, or null. */
  readonly readOthersRunnable: () => number | null
  /** A fault that failed jobs and that somebody should look at. */
  readonly onFault: (fault: Fault) => void
}

const clientOf = (job: Job) => job.request.client

interface Running {
  readonly job: Job
  readonly part: BatchPart
}

export class DecodeLoop {
  readonly #context: BatchContext
  readonly #model: LoadedModel
  readonly #options: LoopOptions
  readonly #table: SlotTable
  readonly #waiting: Job[] = []
  readonly #active = new Set<Job>()
  /** By client: the number of its last turn. */
  readonly #lastTurns = new Map<string, number>()
  #turns = 0
  #threads: ThreadState
  #speed: Speed = UNKNOWN_SPEED
  #step = 0
  #scatteredSteps = 0
  #running = false

  constructor(model: LoadedModel, context: BatchContext, options: LoopOptions) {
    this.#model = model
    this.#context = context
    this.#options = options
    this.#table = new SlotTable(context.slots, context.contextTokens)
    this.#threads = startThreads(options.maxThreads)
  }

  /**
   * Waits for a slot, then runs. The prompt becomes the job's and is zeroed at its end.
   *
   * @throws RangeError for a prompt that would fail a batch, and with it other jobs.
   */
  add(request: JobRequest, listener: JobListener): Job {
    const { prompt } = request
    if (prompt.length < 1 || prompt.length >= this.#context.contextTokens) {
      throw new RangeError(`a prompt of ${prompt.length} tokens`)
    }
    if (!prompt.every((id) => this.#model.vocabulary.has(id))) {
      throw new RangeError('a prompt with an id that is out of range')
    }
    const job = new Job(request, listener, this.#context.contextTokens)
    this.#waiting.push(job)
    void this.#run()
    return job
  }

  /** Ends the job before the next batch; a job that has ended stays so. */
  cancel(job: Job): void {
    job.cancelled = true
  }

  get threads(): number {
    return this.#threads.threads
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    // A throw past this point is a bug; it rises to the process, which ends on it.
    while (this.#active.size + this.#waiting.length > 0) {
      this.#endCancelled()
      await this.#admit()
      const runnable = [...this.#active].filter((job) => !job.listener.isBehind())
      if (runnable.length > 0) await this.#runStep(runnable)
      else if (this.#active.size > 0) await setTimeout(BEHIND_WAIT_MS)
      // Sockets get their turn.
      await setImmediate()
    }
    this.#running = false
  }

  #endCancelled(): void {
    const nowMs = performance.now()
    for (const job of [...this.#active].filter(({ cancelled }) => cancelled)) {
      this.#leave(job)
      job.finish('cancelled', nowMs)
    }
    for (const job of this.#waiting.filter(({ cancelled }) => cancelled)) {
      this.#waiting.splice(this.#waiting.indexOf(job), 1)
      job.finish('cancelled', nowMs)
    }
  }

  #leave(job: Job): void {
    this.#active.delete(job)
    this.#table.release(job.slot)
  }

  async #admit(): Promise<void> {
    for (;;) {
      const at = this.#nextWaiting()
      const job = this.#waiting[at]
      if (job === undefined) return
      const { client, prompt } = job.request
      const choice = chooseSlot(this.#table.states(), { client, prompt }, this.#options.constant)
      if (choice === null) return
      this.#waiting.splice(at, 1)
      this.#lastTurns.set(client, ++this.#turns)
      const { slot } = choice
      if (choice.overwrite) await this.#context.copySlot(this.#context.reservedSlot, slot)
      const kept = this.#context.truncate(slot, choice.keep)
      this.#table.take(slot, client, prompt.subarray(0, kept))
      const config = samplerConfig(job.request.sampling, job.answerTokens)
      this.#active.add(job)
      job.servedStep = this.#step
      job.start(slot, kept, this.#model.createSampler(config), performance.now())
    }
  }

  #nextWaiting(): number {
    const active = [...this.#active].map(clientOf)
    return nextTurn(this.#waiting.map(clientOf), active, this.#lastTurns)
  }

  async #runStep(runnable: readonly Job[]): Promise<void> {
    await this.#closeHole()
    const parts = this.#planParts(runnable)
    this.#context.setThreads(this.#threads.threads)
    const startMs = performance.now()
    let logits: number[]
    try {
      logits = await this.#context.decode(parts.map(({ part }) => part))
    } catch (thrown) {
      this.#failAll(parts, thrown)
      return
    }
    const nowMs = performance.now()
    this.#learn(parts, nowMs - startMs, nowMs)
    for (const { job, part } of parts) {
      job.position += part.ids.length
      this.#table.append(part.slot, part.ids)
      job.tellProgress(nowMs)
    }
    await this.#sampleAll(
      parts.filter(({ part }) => part.ends),
      logits,
    )
  }

  #planParts(runnable: readonly Job[]): Running[] {
    const bySlot = new Map(runnable.map((job) => [job.slot, job]))
    const streams = runnable.filter((job) => job.promptTokensLeft === 0).length
    const { batchTokens } = this.#context
    const { prefillSliceMs: sliceMs } = this.#options
    const { promptMsPerToken } = this.#speed
    const room = promptRoom({ promptMsPerToken, sliceMs, batchTokens }, streams)
    const plan = planBatch(runnable, { batchTokens, promptTokens: room })
    this.#step++
    return plan.flatMap((planned) => {
      const job = bySlot.get(planned.slot)
      return job === undefined ? [] : [this.#partOf(job, planned)]
    })
  }

  #partOf(job: Job, { slot, tokens }: PlannedPart): Running {
    job.servedStep = this.#step
    const ends = job.promptTokensLeft <= tokens
    return { job, part: { slot, position: job.position, ids: job.nextIds(tokens), ends } }
  }

  /** Called while the jobs are still at their old positions. */
  #learn(parts: readonly Running[], stepMs: number, nowMs: number): void {
    const tokens = parts.reduce((sum, { part }) => sum + part.ids.length, 0)
    const streams = parts.filter(({ job }) => job.promptTokensLeft === 0).length
    this.#speed = learnSpeed(this.#speed, { promptTokens: tokens - streams, streams, stepMs })
    const othersRunnable = this.#options.readOthersRunnable()
    this.#threads = followMachine(this.#threads, { nowMs, tokens, stepMs, othersRunnable })
  }

  async #sampleAll(ending: readonly Running[], logits: readonly number[]): Promise<void> {
    await Promise.all(
      ending.map(async ({ job }, at) => {
        try {
          const id = await this.#context.sample(logits[at] ?? -1, job.sampler)
          this.#deliver(job, id)
        } catch (thrown) {
          this.#fail(job, thrown)
        }
      }),
    )
  }

  #deliver(job: Job, id: number): void {
    const { vocabulary } = this.#model
    const nowMs = performance.now()
    const finish = vocabulary.endsAnswer(id)
      ? 'stop'
      : job.accept(id, vocabulary.bytesOf(id), nowMs)
    if (finish === null) return
    this.#leave(job)
    job.finish(finish, nowMs)
  }

  #failAll(parts: readonly Running[], thrown: unknown): void {
    for (const { job } of parts) this.#fail(job, thrown)
  }

  #fail(job: Job, thrown: unknown): void {
    const fault = new Fault('ENGINE_BUG', reasonOf(thrown).slice(0, 200), { cause: thrown })
    this.#active.delete(job)
    this.#table.forget(job.slot)
    this.#context.truncate(job.slot, 0)
    job.fail(fault)
    this.#options.onFault(fault)
  }

  /** Batches are cut where slots are not consecutive; moving one job costs a copy of its slice. */
  async #closeHole(): Promise<void> {
    const hole = holeToClose(this.#table.states())
    this.#scatteredSteps = hole === null ? 0 : this.#scatteredSteps + 1
    if (hole === null || this.#scatteredSteps < SCATTERED_STEPS) return
    const job = [...this.#active].find(({ slot }) => slot === hole.from)
    if (job === undefined || job.tokensLeft < WORTH_MOVING_TOKENS || job.position === 0) return
    await this.#context.copySlot(hole.from, hole.to)
    this.#table.move(hole.from, hole.to)
    job.moveTo(hole.to)
    this.#scatteredSteps = 0
  }
}
