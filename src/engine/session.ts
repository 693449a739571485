/**
 * One gateway on the wire: its jobs, from `job.start` to their last frame.
 *
 * What it gives: job numbers checked against this connection alone, bounds before anything is
 * tokenised, prompts rendered one at a time, jobs that wait for a slow reader, and an end of all jobs
 * with the connection. What it does not give: an order among jobs (`decode-loop.ts`).
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Fault, reasonOf } from '../errors.ts'
import { Connection } from '../wire/connection.ts'
import type { BodyOf, FrameFrom, JobMessage } from '../wire/frames.ts'
import type { TextPiece } from './answer-text.ts'
import type { DecodeLoop } from './decode-loop.ts'
import type { Job, JobListener } from './job.ts'
import { checkPromptTokens, checkTextBytes } from './prompt-bounds.ts'
import type { EngineSession, Work } from './server.ts'

/** The gateway admits far fewer; more is a gateway that went wrong. */
const MAX_JOBS = 256
/** A gateway that reads slower than this makes its jobs wait. */
const MAX_PENDING_BYTES = 1_048_576
/** Of `job.text`. */
const MAX_TEXT_CHARS = 16_384

export interface SessionOptions {
  readonly ready: BodyOf<'engine.ready'>
  readonly loop: DecodeLoop
  /** Messages to token ids by the model's template. @throws Fault `ENGINE_TEMPLATE` */
  readonly render: (messages: readonly JobMessage[]) => Uint32Array
  /** Whether new jobs are refused, because the process is about to end. */
  readonly isEnding: () => boolean
  readonly onClose: (fault: Fault | undefined) => void
}

type Start = BodyOf<'job.start'>

export class Session implements EngineSession {
  readonly #options: SessionOptions
  readonly #connection: Connection<'engine', 'gateway'>
  /** null while the prompt is not rendered yet. */
  readonly #jobs = new Map<number, Job | null>()
  #arrivals: Start[] = []
  #rendering = false
  #highestJob = 0

  constructor(socket: Socket, options: SessionOptions) {
    this.#options = options
    const peers = { own: 'engine', other: 'gateway' } as const
    this.#connection = new Connection(socket, peers, {
      onFrame: (frame) => {
        this.#receive(frame)
      },
      onClose: (fault) => {
        this.#end(fault)
      },
    })
    this.#connection.send('engine.ready', options.ready)
  }

  get work(): Work {
    const { pendingBytes } = this.#connection
    return { running: this.#jobs.size, started: this.#highestJob, pendingBytes }
  }

  close(): void {
    this.#connection.end()
  }

  #receive(frame: FrameFrom<'gateway', 'engine'>): void {
    if (frame.name === 'job.start') this.#start(frame.body)
    else if (frame.name === 'job.cancel') this.#cancel(frame.body.job)
    else throw new Fault('WIRE_BROKEN', `${frame.name} is not for this engine`)
  }

  #start(start: Start): void {
    const { job: id } = start
    // Numbers grow, so that one that was used is known without remembering all of them.
    if (id <= this.#highestJob) throw new Fault('WIRE_BROKEN', `job ${id} was used before`)
    this.#highestJob = id
    if (this.#jobs.size >= MAX_JOBS) {
      this.#fail(id, new Fault('ENGINE_UNAVAILABLE', `${MAX_JOBS} jobs wait already`))
      return
    }
    if (this.#options.isEnding()) {
      this.#fail(id, new Fault('ENGINE_UNAVAILABLE', 'the engine is about to end'))
      return
    }
    this.#jobs.set(id, null)
    try {
      checkTextBytes(messagesOf(start), this.#options.ready.contextTokens)
    } catch (thrown) {
      this.#fail(id, faultOf(thrown))
      return
    }
    this.#arrivals.push(start)
    this.#renderLater()
  }

  /** One prompt in each turn of the event loop, so that frames and batches go on between them. */
  #renderLater(): void {
    if (this.#rendering || this.#arrivals.length === 0) return
    this.#rendering = true
    setImmediate(() => {
      this.#rendering = false
      const start = this.#arrivals.shift()
      if (start !== undefined && this.#jobs.has(start.job)) this.#run(start)
      this.#renderLater()
    })
  }

  #run(start: Start): void {
    const { job: id, client, maxTokens, sampling, stop: stops } = start
    try {
      const prompt = this.#options.render(messagesOf(start))
      checkPromptTokens(prompt.length, this.#options.ready.contextTokens)
      const request = { client, prompt, maxTokens, sampling, stops }
      this.#jobs.set(id, this.#options.loop.add(request, this.#listenerOf(id)))
    } catch (thrown) {
      this.#fail(id, faultOf(thrown))
    }
  }

  #cancel(id: number): void {
    if (id > this.#highestJob) throw new Fault('WIRE_BROKEN', `job ${id} was never started`)
    const job = this.#jobs.get(id)
    // It may have ended while the frame was on its way.
    if (job === undefined) return
    if (job !== null) {
      this.#options.loop.cancel(job)
      return
    }
    this.#jobs.delete(id)
    this.#arrivals = this.#arrivals.filter((start) => start.job !== id)
    const choices = [{ finish: 'cancelled' as const, stop: null }]
    this.#connection.send('job.done', { job: id, choices, ...NOTHING_DONE })
  }

  #listenerOf(id: number): JobListener {
    const connection = this.#connection
    return {
      started: (counts) => {
        connection.send('job.started', { job: id, ...counts })
      },
      progress: (counts) => {
        connection.send('job.progress', { job: id, ...counts })
      },
      text: (piece) => {
        this.#sendText(id, piece)
      },
      done: ({ finish, ...counts }) => {
        this.#jobs.delete(id)
        connection.send('job.done', { job: id, choices: [{ finish, stop: null }], ...counts })
      },
      failed: (fault) => {
        this.#fail(id, fault)
      },
      isBehind: () => connection.pendingBytes > MAX_PENDING_BYTES,
    }
  }

  #sendText(id: number, { text, chars }: TextPiece): void {
    // A piece is a token, or what a stop string of 256 characters held back.
    if (text.length > MAX_TEXT_CHARS) throw new RangeError(`a piece of ${text.length} characters`)
    const piece = { choice: 0, part: 'answer' as const, text, chars: [...chars], chances: [] }
    this.#connection.send('job.text', { job: id, ...piece })
  }

  #fail(id: number, { code, message }: Fault): void {
    this.#jobs.delete(id)
    this.#connection.send('job.failed', { job: id, code, message: message.slice(0, 600) })
  }

  #end(fault: Fault | undefined): void {
    for (const job of this.#jobs.values()) if (job !== null) this.#options.loop.cancel(job)
    this.#jobs.clear()
    this.#arrivals = []
    this.#options.onClose(fault)
  }
}

function messagesOf({ input }: Start): readonly JobMessage[] {
  if (input.kind === 'chat') return input.messages
  throw new Fault('ENGINE_BUG', `a prompt of ${input.kind} is not served yet`)
}

const NOTHING_DONE = {
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  prefillMs: 0,
  decodeMs: 0,
} as const

function faultOf(thrown: unknown): Fault {
  return thrown instanceof Fault
    ? thrown
    : new Fault('ENGINE_BUG', reasonOf(thrown).slice(0, 200), { cause: thrown })
}
