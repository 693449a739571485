/**
 * The inputs of all embedding jobs, one after the other.
 *
 * What it gives: one input of each job in turn, so that a long list does not stop a short one; jobs
 * that end between two inputs when they are cancelled; threads that follow the machine. What it does
 * not give: bounds on jobs (`vector-session.ts`).
 *
 * @packageDocumentation
 */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { Fault, reasonOf } from '../../errors.ts'
import { followMachine, startThreads, type ThreadState } from '../threads.ts'

/** While every reader is behind. */
const BEHIND_WAIT_MS = 10

/** What the queue needs of an embedding context. */
export interface Embedder {
  setThreads(threads: number): void
  /** One framed input to a vector of length 1. */
  embed(ids: Uint32Array): Promise<Float32Array>
}

export interface VectorListener {
  readonly told: (index: number, tokens: number, vector: Float32Array) => void
  readonly done: (tokens: number) => void
  readonly failed: (fault: Fault) => void
  /** Whether the reader is so far behind that the job should wait. */
  readonly isBehind: () => boolean
}

export class VectorJob {
  readonly listener: VectorListener
  cancelled = false
  tokens = 0
  #next = 0
  /** Zeroed as they are done. */
  readonly #inputs: readonly Uint32Array[]

  constructor(inputs: readonly Uint32Array[], listener: VectorListener) {
    this.#inputs = inputs
    this.listener = listener
  }

  get isOver(): boolean {
    return this.cancelled || this.#next >= this.#inputs.length
  }

  take(): { readonly index: number; readonly ids: Uint32Array } {
    const index = this.#next++
    const ids = this.#inputs[index]
    if (ids === undefined) throw new RangeError('a job without a next input')
    return { index, ids }
  }

  forget(): void {
    for (const ids of this.#inputs) ids.fill(0)
  }
}

export interface QueueOptions {
  readonly maxThreads: number
  readonly readOthersRunnable: () => number | null
  readonly onFault: (fault: Fault) => void
}

export class VectorQueue {
  readonly #embedder: Embedder
  readonly #options: QueueOptions
  #jobs: VectorJob[] = []
  #threads: ThreadState
  #running = false

  constructor(embedder: Embedder, options: QueueOptions) {
    this.#embedder = embedder
    this.#options = options
    this.#threads = startThreads(options.maxThreads)
  }

  add(job: VectorJob): void {
    this.#jobs.push(job)
    void this.#run()
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    // A throw past this point is a bug; it rises to the process, which ends on it.
    while (this.#jobs.length > 0) {
      this.#endFinished()
      const job = this.#jobs.find(({ listener }) => !listener.isBehind())
      if (job !== undefined) await this.#runOne(job)
      else if (this.#jobs.length > 0) await setTimeout(BEHIND_WAIT_MS)
      // Sockets get their turn.
      await setImmediate()
    }
    this.#running = false
  }

  #endFinished(): void {
    const finished = this.#jobs.filter((job) => job.isOver)
    this.#jobs = this.#jobs.filter((job) => !job.isOver)
    for (const job of finished) {
      job.forget()
      job.listener.done(job.tokens)
    }
  }

  async #runOne(job: VectorJob): Promise<void> {
    const { index, ids } = job.take()
    const tokens = ids.length
    try {
      this.#embedder.setThreads(this.#threads.threads)
      const startMs = performance.now()
      const vector = await this.#embedder.embed(ids)
      this.#learn(tokens, performance.now() - startMs)
      ids.fill(0)
      job.tokens += tokens
      if (!job.cancelled) job.listener.told(index, tokens, vector)
    } catch (thrown) {
      this.#fail(job, thrown)
      return
    }
    // Behind the others.
    this.#jobs = [...this.#jobs.filter((other) => other !== job), job]
  }

  #learn(tokens: number, stepMs: number): void {
    const nowMs = performance.now()
    const othersRunnable = this.#options.readOthersRunnable()
    this.#threads = followMachine(this.#threads, { nowMs, tokens, stepMs, othersRunnable })
  }

  #fail(job: VectorJob, thrown: unknown): void {
    const fault = new Fault('ENGINE_BUG', reasonOf(thrown).slice(0, 200), { cause: thrown })
    this.#jobs = this.#jobs.filter((other) => other !== job)
    job.forget()
    job.listener.failed(fault)
    this.#options.onFault(fault)
  }
}
