/**
 * One gateway on the wire of an embedding engine: its jobs, from `vectors.ask` to their last frame.
 *
 * What it gives: job numbers checked against this connection alone, bounds before anything is
 * tokenised, one input tokenised in each turn of the event loop, and an end of all jobs with the
 * connection. What it does not give: an order among jobs (`vector-queue.ts`).
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Fault } from '../../errors.ts'
import { Connection } from '../../wire/connection.ts'
import type { BodyOf, FrameFrom } from '../../wire/frames.ts'
import type { EngineSession, Work } from '../server.ts'
import { failureOf, faultOf, MAX_JOBS, MAX_PENDING_BYTES } from '../session-rules.ts'
import { readInput, type InputReader } from './input.ts'
import { VectorJob, type VectorListener, type VectorQueue } from './vector-queue.ts'

export interface VectorSessionOptions {
  readonly ready: BodyOf<'engine.ready'>
  readonly queue: VectorQueue
  readonly reader: InputReader
  /** Whether new jobs are refused, because the process is about to end. */
  readonly isEnding: () => boolean
  readonly onClose: (fault: Fault | undefined) => void
}

type Ask = BodyOf<'vectors.ask'>

/** A job whose inputs are being tokenised. */
interface Arrival {
  readonly ask: Ask
  readonly read: Uint32Array[]
}

export class VectorSession implements EngineSession {
  readonly #options: VectorSessionOptions
  readonly #connection: Connection<'engine', 'gateway'>
  /** null while the inputs are not tokenised yet. */
  readonly #jobs = new Map<number, VectorJob | null>()
  #arrivals: Arrival[] = []
  #reading = false
  #highestJob = 0

  constructor(socket: Socket, options: VectorSessionOptions) {
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
    if (frame.name === 'job.cancel') this.#cancel(frame.body.job)
    else if (frame.name === 'vectors.ask') this.#take(frame.body)
    else {
      this.#open(frame.body.job)
      this.#fail(
        frame.body.job,
        new Fault('MODEL_KIND', 'the model makes embeddings and nothing else'),
      )
    }
  }

  #open(id: number): void {
    if (id <= this.#highestJob) throw new Fault('WIRE_BROKEN', `job ${id} was used before`)
    this.#highestJob = id
  }

  #take(ask: Ask): void {
    this.#open(ask.job)
    if (this.#jobs.size >= MAX_JOBS || this.#options.isEnding()) {
      this.#fail(ask.job, new Fault('ENGINE_UNAVAILABLE', 'the engine takes no more jobs'))
      return
    }
    this.#jobs.set(ask.job, null)
    this.#arrivals.push({ ask, read: [] })
    this.#readLater()
  }

  #readLater(): void {
    if (this.#reading || this.#arrivals.length === 0) return
    this.#reading = true
    setImmediate(() => {
      this.#reading = false
      const arrival = this.#arrivals[0]
      if (arrival !== undefined) this.#readOne(arrival)
      this.#readLater()
    })
  }

  #readOne(arrival: Arrival): void {
    const { ask, read } = arrival
    try {
      const input = ask.inputs[read.length]
      if (input !== undefined) read.push(readInput(input, read.length, this.#options.reader))
      if (read.length < ask.inputs.length) return
      this.#arrivals.shift()
      const job = new VectorJob(read, this.#listenerOf(ask.job))
      this.#jobs.set(ask.job, job)
      this.#options.queue.add(job)
    } catch (thrown) {
      this.#arrivals = this.#arrivals.filter((other) => other !== arrival)
      for (const ids of read) ids.fill(0)
      this.#fail(ask.job, faultOf(thrown))
    }
  }

  #cancel(id: number): void {
    if (id > this.#highestJob) throw new Fault('WIRE_BROKEN', `job ${id} was never started`)
    const job = this.#jobs.get(id)
    // It may have ended while the frame was on its way.
    if (job === undefined) return
    if (job !== null) {
      job.cancelled = true
      return
    }
    this.#arrivals = this.#arrivals.filter(({ ask }) => ask.job !== id)
    this.#done(id, 0)
  }

  #listenerOf(job: number): VectorListener {
    const connection = this.#connection
    return {
      told: (index, tokens, vector) => {
        connection.send('vectors.told', { job, index, tokens, vector: base64Of(vector) })
      },
      done: (tokens) => {
        this.#done(job, tokens)
      },
      failed: (fault) => {
        this.#fail(job, fault)
      },
      isBehind: () => connection.pendingBytes > MAX_PENDING_BYTES,
    }
  }

  #done(job: number, promptTokens: number): void {
    this.#jobs.delete(job)
    this.#connection.send('vectors.done', { job, promptTokens })
  }

  #fail(job: number, fault: Fault): void {
    this.#jobs.delete(job)
    this.#connection.send('job.failed', failureOf(job, fault))
  }

  #end(fault: Fault | undefined): void {
    for (const job of this.#jobs.values()) if (job !== null) job.cancelled = true
    this.#jobs.clear()
    this.#arrivals = []
    this.#options.onClose(fault)
  }
}

/** Little-endian, on every machine. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(4 * vector.length)
  vector.forEach((number, at) => bytes.writeFloatLE(number, 4 * at))
  return bytes.toString('base64')
}
