/**
 * The loop that runs all jobs: one batch after the other, as the scheduler plans it.
 *
 * What it gives: slots for waiting jobs, shared by clients, streams that never stop for a prompt,
 * jobs that end within one batch of being cancelled, threads that follow the machine. What it does
 * not give: bounds on how many jobs wait (`session.ts`), what a prompt is (`prompt/`), what follows a decoded batch
 * (`answering.ts`).
 *
 * @packageDocumentation
 */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Fault } from '../errors.ts'
import { Answering } from './answering.ts'
import type { BatchContext } from './batch-context.ts'
import { Branch } from './branch.ts'
import { Job, type JobListener, type JobRequest } from './job.ts'
import type { LoadedModel } from './llama.ts'
import { samplerConfig } from './sampling.ts'
import { learnSpeed, UNKNOWN_SPEED, type Speed } from './scheduler.ts'
import { faultOf } from './session-rules.ts'
import { SlotTable } from './slot-table.ts'
import { chooseSlot, holeToClose, type SlotChoice } from './slots.ts'
import { planStep, type Running } from './step.ts'
import { followMachine, startThreads, type ThreadState } from './threads.ts'
import { nextTurn } from './turns.ts'

/** While every reader is behind. */
const BEHIND_WAIT_MS = 10
/** Steps with scattered slots before one is moved, and tokens an answer must still have to be worth it. */
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

export class DecodeLoop {
  readonly #context: BatchContext
  readonly #model: LoadedModel
  readonly #options: LoopOptions
  readonly #table: SlotTable
  readonly #answering: Answering
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
    this.#answering = new Answering(model.vocabulary, context, this.#table)
    this.#threads = startThreads(options.maxThreads)
  }

  /**
   * Waits for its slots, then runs. The prompt becomes the job's and is zeroed at its end.
   *
   * @throws RangeError for a prompt that would fail a batch, and with it other jobs.
   */
  add(request: JobRequest, listener: JobListener): Job {
    const { prompt, choices } = request
    if (prompt.length < 1 || prompt.length >= this.#context.contextTokens) {
      throw new RangeError(`a prompt of ${prompt.length} tokens`)
    }
    if (!prompt.every((id) => this.#model.vocabulary.has(id))) {
      throw new RangeError('a prompt with an id that is out of range')
    }
    if (choices < 1 || choices > this.#context.slots) {
      throw new RangeError(`${choices} answers in ${this.#context.slots} slots`)
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
      job.finish(nowMs)
    }
    for (const job of this.#waiting.filter(({ cancelled }) => cancelled)) {
      this.#waiting.splice(this.#waiting.indexOf(job), 1)
      job.finish(nowMs)
    }
  }

  #leave(job: Job): void {
    this.#active.delete(job)
    for (const { slot } of job.branches) this.#table.release(slot)
  }

  async #admit(): Promise<void> {
    for (;;) {
      const at = this.#nextWaiting()
      const job = this.#waiting[at]
      if (job === undefined) return
      const { client, prompt, prefix, cuts, choices } = job.request
      // A prompt that is told with its chances is computed from its first token on.
      const told = job.request.echo === 'tokens' && job.request.topLogprobs !== null
      const constant = told ? new Uint32Array() : this.#options.constant
      const wish = {
        client,
        prompt,
        prefix: told ? 'fresh' : prefix,
        cuts,
        slots: choices,
      } as const
      const choice = chooseSlot(this.#table.states(), wish, constant)
      if (choice === null) return
      this.#waiting.splice(at, 1)
      this.#lastTurns.set(client, ++this.#turns)
      await this.#take(job, choice)
    }
  }

  async #take(job: Job, choice: SlotChoice): Promise<void> {
    const { slot, others } = choice
    const { client, prompt } = job.request
    const fixedTokens = choice.overwrite ? choice.keep : this.#table.fixedTokens(slot)
    if (choice.overwrite) await this.#context.copySlot(this.#context.reservedSlot, slot)
    const kept = this.#context.truncate(slot, choice.keep)
    this.#table.take(slot, client, prompt.subarray(0, kept), fixedTokens)
    // Held until the prompt is read; then the first slot is copied over them.
    for (const other of others) this.#table.hold(other)
    try {
      const branches = [slot, ...others].map((at, index) => this.#branchOf(job, at, index))
      for (const branch of branches) branch.servedStep = this.#step
      const [first] = branches
      if (first !== undefined) first.position = kept
      this.#active.add(job)
      job.start(branches, kept, performance.now())
      if (job.request.echo === 'tokens' && job.request.topLogprobs === null) {
        job.listener.prompt(Array.from(prompt, (id) => ({ id, chance: null })))
      }
    } catch (thrown) {
      // A grammar that llama.cpp does not take.
      for (const at of [slot, ...others]) this.#table.release(at)
      job.fail(faultOf(thrown))
    }
  }

  #branchOf(job: Job, slot: number, choice: number): Branch {
    const { sampling, plan } = job.request
    // Each answer has a seed of its own, made from the one that was given.
    const seed = (sampling.seed + choice * SEED_STEP) >>> 0
    const sampler = this.#model.createSampler(
      samplerConfig({ ...sampling, seed }, job.answerTokens),
    )
    const { answerTokens } = job
    const tokenize = (text: string) => this.#model.vocabulary.tokenize(text, 'plain')
    return new Branch({ choice, slot, sampler, plan, answerTokens, tokenize })
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
    let logits: number[][]
    try {
      logits = await this.#context.decode(parts.map(({ part }) => part))
    } catch (thrown) {
      for (const job of new Set(parts.map((running) => running.job))) this.#fail(job, thrown)
      return
    }
    const nowMs = performance.now()
    this.#learn(parts, nowMs - startMs, nowMs)
    for (const { job, branch, part } of parts) {
      this.#table.append(part.slot, part.ids)
      branch.advance(part.ids.length)
      job.tellProgress(nowMs)
    }
    await Promise.all(parts.map((running, at) => this.#answer(running, logits[at] ?? [])))
    this.#endOver(parts)
  }

  async #answer(running: Running, logits: readonly number[]): Promise<void> {
    try {
      await this.#answering.answer(running, logits)
    } catch (thrown) {
      this.#fail(running.job, thrown)
    }
  }

  /** Answers that ended give their slots back; jobs whose answers all ended say so. */
  #endOver(parts: readonly Running[]): void {
    for (const job of new Set(parts.map((running) => running.job))) {
      if (!this.#active.has(job) || !job.isOver) continue
      this.#leave(job)
      job.finish(performance.now())
    }
  }

  #planParts(runnable: readonly Job[]): Running[] {
    const { batchTokens } = this.#context
    const { prefillSliceMs: sliceMs } = this.#options
    const { promptMsPerToken } = this.#speed
    return planStep(runnable, { promptMsPerToken, sliceMs, batchTokens }, ++this.#step)
  }

  /** Called while the branches are still at their old positions. */
  #learn(parts: readonly Running[], stepMs: number, nowMs: number): void {
    const tokens = parts.reduce((sum, { part }) => sum + part.ids.length, 0)
    const streams = parts.filter(({ job }) => !job.isReadingPrompt).length
    this.#speed = learnSpeed(this.#speed, { promptTokens: tokens - streams, streams, stepMs })
    const othersRunnable = this.#options.readOthersRunnable()
    this.#threads = followMachine(this.#threads, { nowMs, tokens, stepMs, othersRunnable })
  }

  #fail(job: Job, thrown: unknown): void {
    // Two of its answers may fail in one step.
    if (!this.#active.delete(job)) return
    const fault = faultOf(thrown)
    for (const { slot } of job.branches) {
      this.#table.forget(slot)
      this.#context.truncate(slot, 0)
    }
    job.fail(fault)
    if (fault.code === 'ENGINE_BUG') this.#options.onFault(fault)
  }

  /** Batches are cut where slots are not consecutive; moving one answer costs a copy of its slice. */
  async #closeHole(): Promise<void> {
    const hole = holeToClose(this.#table.states())
    this.#scatteredSteps = hole === null ? 0 : this.#scatteredSteps + 1
    if (hole === null || this.#scatteredSteps < SCATTERED_STEPS) return
    const branch = [...this.#active]
      .flatMap((job) => job.running)
      .find(({ slot }) => slot === hole.from)
    if (branch === undefined || branch.tokensLeft < WORTH_MOVING_TOKENS || branch.position === 0) {
      return
    }
    await this.#context.copySlot(hole.from, hole.to)
    this.#table.move(hole.from, hole.to)
    branch.slot = hole.to
    this.#scatteredSteps = 0
  }
}

/** Any odd number: the seeds of a job's answers differ, and are the same every time. */
const SEED_STEP = 0x9e37_79b1
