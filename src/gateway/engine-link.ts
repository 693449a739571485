/**
 * The link to the engine of one model: dialled by path, dialled again after every end.
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
} from './job-book.ts'
import { QuestionBook, type Question, type ToldFrame } from './question-book.ts'
import { Redial, type RedialTiming } from './redial.ts'

export type EngineReady = BodyOf<'engine.ready'>
export type { JobOrder } from './job-book.ts'

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
  /**
   * @throws Fault `ENGINE_UNAVAILABLE` when it is not ready.
   */
  start(order: JobOrder): EngineJob
  /**
   * @throws Fault `ENGINE_UNAVAILABLE` when it is not ready, `ENGINE_LOST` when it dies before it answers.
   */
  ask(question: Question): Promise<ToldFrame>
}

export interface EngineLinkOptions {
  readonly path: string
  readonly model: string
  readonly timing?: RedialTiming
  /** A cancelled job that is still not ended after this long: the engine is stuck. */
  readonly cancelGraceMs?: number
  /** The same for a question without an answer. */
  readonly answerGraceMs?: number
  readonly onReady?: (ready: EngineReady) => void
  /** The connection ended after it was ready, or because a frame was refused. */
  readonly onLost?: (loss: { jobs: number; refused: Fault | undefined }) => void
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
  #session: Session | undefined

  constructor(options: EngineLinkOptions) {
    this.model = options.model
    this.#options = options
    this.#redial = new Redial(() => {
      this.open()
    }, options.timing)
  }

  get ready(): EngineReady | undefined {
    return this.#session?.ready
  }

  open(): void {
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
    const session = this.#session
    if (session?.ready === undefined) {
      throw new Fault('ENGINE_UNAVAILABLE', `the engine of ${this.model} is not ready`)
    }
    const { id, frames, settled } = session.book.open(order, session.ready.contextTokens)
    session.connection.send('job.start', { job: id, ...order })
    return {
      next: () => frames.next(),
      cancel: (reason) => {
        this.#cancel(session, id, reason)
      },
      settled,
    }
  }

  async ask(question: Question): Promise<ToldFrame> {
    const session = this.#session
    if (session?.ready === undefined) {
      throw new Fault('ENGINE_UNAVAILABLE', `the engine of ${this.model} is not ready`)
    }
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
  }

  #onClose(session: Session, refused: Fault | undefined): void {
    const jobs = session.book.size + session.questions.size
    const lost = new Fault('ENGINE_LOST', `the engine of ${this.model} was lost`)
    session.book.failAll(lost)
    session.questions.failAll(lost)
    if (this.#session !== session) return
    this.#session = undefined
    const wasReady = session.ready !== undefined
    if (wasReady || refused !== undefined) this.#options.onLost?.({ jobs, refused })
    this.#redial.after(wasReady ? performance.now() - session.readyAtMs : 0)
  }
}
