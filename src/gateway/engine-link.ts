/**
 * The link to the engine of one model: dialled by path, and dialled again after every end; for a model
 * on demand, dialled when somebody asks, because dialling is what loads it.
 *
 * What it gives: jobs whose frames were checked for order, ownership and size, and that end with a
 * fault when the engine is lost. What it does not give: trust in their text.
 *
 * @packageDocumentation
 */
import { connect } from 'node:net'
import { Fault } from '../errors.ts'
import { Connection } from '../wire/connection.ts'
import type { BodyOf } from '../wire/frames.ts'
import {
  JobBook,
  type CancelReason,
  type EngineFrame,
  type JobFrame,
  type JobOrder,
  type OpenedJob,
} from './job-book.ts'
import { QuestionBook, type Question, type ToldFrame } from './question-book.ts'
import { Redial, type RedialTiming } from './redial.ts'
import { Waiters } from './waiters.ts'

export type EngineReady = BodyOf<'engine.ready'>
export type { JobOrder } from './job-book.ts'
export type ModelKind = EngineReady['kind']
export type VectorOrder = Omit<BodyOf<'vectors.ask'>, 'job'>
/** `resting`: a model on demand that nobody asks for. */
export type EngineState = 'ready' | 'loading' | 'away' | 'resting'

export interface EngineJob {
  /**
   * @throws Fault when the engine is lost, Cancelled after `cancel`.
   */
  next(): Promise<JobFrame>
  /** Does nothing to a job that has ended. */
  cancel(reason: CancelReason): void
  readonly settled: Promise<void>
}

/** What the rest of the gateway needs of an engine. */
export interface Engine {
  /** The model it serves, whether it is there or not. */
  readonly model: string
  /** undefined until the engine has said what it loaded. */
  readonly ready: EngineReady | undefined
  readonly state: EngineState
  /**
   * Resolves when it is ready: at once when it is; a model on demand is loaded and waited for.
   *
   * @throws Fault `MODEL_KIND` for a model of another kind, `ENGINE_UNAVAILABLE` when it is not there,
   * could not be loaded, or not in time; the signal's reason when that comes first.
   */
  load(kind: ModelKind, signal: AbortSignal): Promise<EngineReady>
  /**
   * @throws Fault `ENGINE_UNAVAILABLE` when it is not ready.
   */
  start(order: JobOrder): EngineJob
  /**
   * @throws Fault `ENGINE_UNAVAILABLE` when it is not ready, `ENGINE_LOST` when it dies before it answers.
   */
  ask(question: Question): Promise<ToldFrame>
  /** Embeddings; its frames are `vectors.told` in the order of the inputs, then `vectors.done`. */
  startVectors(order: VectorOrder): EngineJob
}

export interface EngineLinkOptions {
  readonly path: string
  readonly model: string
  /** What the operator says it is. */
  readonly kind?: ModelKind | 'auto'
  /** `always`, as when not given: a model that is loaded with the daemon. */
  readonly dial?: 'always' | 'on-demand'
  /** How long a request waits for a load. */
  readonly loadWaitMs?: number
  readonly timing?: RedialTiming
  /** A cancelled job that is still not ended after this long: the engine is stuck. */
  readonly cancelGraceMs?: number
  /** The same for a question without an answer. */
  readonly answerGraceMs?: number
  readonly onReady?: (ready: EngineReady) => void
  /** The connection ended after it was ready, or because a frame was refused. */
  readonly onLost?: (loss: { jobs: number; refused: Fault | undefined }) => void
  /** An engine on demand ended without a job: it idled, or another model needed its memory. */
  readonly onUnloaded?: () => void
}

interface Session {
  readonly connection: Connection<'gateway', 'engine'>
  readonly book: JobBook
  readonly questions: QuestionBook
  ready: EngineReady | undefined
  readyAtMs: number
}

export class EngineLink implements Engine {
  readonly model: string
  readonly #options: EngineLinkOptions
  readonly #redial: Redial
  readonly #waiters: Waiters<EngineReady>
  #session: Session | undefined

  constructor(options: EngineLinkOptions) {
    this.model = options.model
    this.#options = options
    this.#redial = new Redial(() => {
      this.#dial()
    }, options.timing)
    this.#waiters = new Waiters(
      options.loadWaitMs ?? 120_000,
      () => new Fault('ENGINE_UNAVAILABLE', `the engine of ${options.model} is still being loaded`),
    )
  }

  get ready(): EngineReady | undefined {
    return this.#session?.ready
  }

  get state(): EngineState {
    if (this.ready !== undefined) return 'ready'
    if (!this.#isOnDemand) return 'away'
    return this.#session === undefined ? 'resting' : 'loading'
  }

  /** Begins to dial, unless the model is on demand. */
  open(): void {
    if (!this.#isOnDemand) this.#dial()
  }

  async load(kind: ModelKind, signal: AbortSignal): Promise<EngineReady> {
    const { model, kind: said = 'auto' } = this.#options
    if (said !== 'auto') checkKind(model, said, kind)
    const ready = this.ready ?? (await this.#arrival(signal))
    checkKind(model, ready.kind, kind)
    return ready
  }

  async #arrival(signal: AbortSignal): Promise<EngineReady> {
    if (!this.#isOnDemand) throw this.#notReady()
    if (this.#session === undefined) this.#dial()
    return await this.#waiters.wait(signal)
  }

  get #isOnDemand(): boolean {
    return this.#options.dial === 'on-demand'
  }

  #notReady(): Fault {
    return new Fault('ENGINE_UNAVAILABLE', `the engine of ${this.model} is not ready`)
  }

  #dial(): void {
    const connection: Session['connection'] = new Connection(
      connect(this.#options.path),
      { own: 'gateway', other: 'engine' },
      {
        onFrame: (frame) => {
          this.#onFrame(session, frame)
        },
        onClose: (fault) => {
          this.#onClose(session, fault)
        },
      },
    )
    const book = new JobBook((id) => {
      this.#cancel(session, id, 'slow-client')
    })
    const questions = new QuestionBook()
    const session: Session = { connection, book, questions, ready: undefined, readyAtMs: 0 }
    this.#session = session
  }

  /** For the end of the process: no dialling again, no loss reported. */
  close(): void {
    this.#redial.stop()
    const session = this.#session
    this.#session = undefined
    session?.connection.end()
  }

  start(order: JobOrder): EngineJob {
    const { session, ready } = this.#readySession()
    const opened = session.book.open(order, ready.contextTokens)
    session.connection.send('job.start', { job: opened.id, ...order })
    return this.#jobOf(session, opened)
  }

  startVectors(order: VectorOrder): EngineJob {
    const { session, ready } = this.#readySession()
    const { dimensions, contextTokens } = ready
    const opened = session.book.openVectors({
      inputs: order.inputs.length,
      ...{ dimensions, contextTokens },
    })
    session.connection.send('vectors.ask', { job: opened.id, ...order })
    return this.#jobOf(session, opened)
  }

  #readySession(): { session: Session; ready: EngineReady } {
    const session = this.#session
    if (session?.ready === undefined) throw this.#notReady()
    return { session, ready: session.ready }
  }

  #jobOf(session: Session, { id, frames, settled }: OpenedJob): EngineJob {
    return {
      next: () => frames.next(),
      cancel: (reason) => {
        this.#cancel(session, id, reason)
      },
      settled,
    }
  }

  async ask(question: Question): Promise<ToldFrame> {
    const { session } = this.#readySession()
    const job = session.book.takeNumber()
    const told = session.questions.open(job, question)
    if (question.name === 'tokens.ask')
      session.connection.send('tokens.ask', { job, ...question.body })
    else session.connection.send('text.ask', { job, ...question.body })
    this.#expect(session, () => session.questions.has(job), {
      withinMs: this.#options.answerGraceMs ?? 60_000,
      what: 'a question is not answered',
    })
    return told
  }

  /** An engine that still owes something after its time is stuck: the connection ends. */
  #expect(session: Session, owes: () => boolean, due: { withinMs: number; what: string }): void {
    const stuck = setTimeout(() => {
      if (!owes()) return
      session.connection.closeFor(new Fault('WIRE_BROKEN', `${due.what} after ${due.withinMs} ms`))
    }, due.withinMs)
    stuck.unref()
  }

  #cancel(session: Session, id: number, reason: CancelReason): void {
    if (!session.book.cancel(id, reason)) return
    session.connection.send('job.cancel', { job: id })
    this.#expect(session, () => session.book.has(id), {
      withinMs: this.#options.cancelGraceMs ?? 30_000,
      what: 'a cancelled job is not ended',
    })
  }

  #onFrame(session: Session, frame: EngineFrame): void {
    if (frame.name !== 'engine.ready') {
      if (session.ready === undefined) {
        throw new Fault('WIRE_BROKEN', `${frame.name} before engine.ready`)
      }
      const { questions, ready } = session
      if (questions.has(frame.body.job)) questions.accept(frame, ready.vocabularyTokens)
      else session.book.accept(frame)
      return
    }
    if (session.ready !== undefined) throw new Fault('WIRE_BROKEN', 'engine.ready twice')
    if (frame.body.model !== this.model || frame.body.contextTokens < 1) {
      throw new Fault('WIRE_BROKEN', 'engine.ready for another model')
    }
    session.ready = frame.body
    session.readyAtMs = performance.now()
    this.#options.onReady?.(frame.body)
    this.#waiters.resolve(frame.body)
  }

  #onClose(session: Session, refused: Fault | undefined): void {
    const jobs = session.book.size + session.questions.size
    const lost = new Fault('ENGINE_LOST', `the engine of ${this.model} was lost`)
    session.book.failAll(lost)
    session.questions.failAll(lost)
    if (this.#session !== session) return
    this.#session = undefined
    const wasReady = session.ready !== undefined
    const isOrderly = this.#isOnDemand && jobs === 0 && refused === undefined
    if (isOrderly && wasReady) this.#options.onUnloaded?.()
    else if (wasReady || refused !== undefined) this.#options.onLost?.({ jobs, refused })
    if (!this.#isOnDemand) {
      this.#redial.after(wasReady ? performance.now() - session.readyAtMs : 0)
      return
    }
    // Before `engine.ready` an end says: not now. Why, is in the supervisor's log and in the record.
    const why = `the engine of ${this.model} could not be loaded; the operator's log says why`
    this.#waiters.reject(new Fault('ENGINE_UNAVAILABLE', why))
  }
}

function checkKind(model: string, found: ModelKind, wanted: ModelKind): void {
  if (found === wanted) return
  throw new Fault('MODEL_KIND', `${model} is a model for ${found}, not for ${wanted}`)
}
