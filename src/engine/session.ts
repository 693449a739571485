/**
 * One gateway on the wire: its jobs and questions, from the first frame to their last.
 *
 * What it gives: job numbers checked against this connection alone, bounds before anything is
 * tokenised, prompts rendered one at a time, jobs that wait for a slow reader, and an end of all jobs
 * with the connection. What it does not give: an order among jobs (`decode-loop.ts`), the words of
 * an answer on the wire (`answer-frames.ts`).
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import { Fault } from '../errors.ts'
import { Connection } from '../wire/connection.ts'
import type { BodyOf, FrameFrom, JobInput } from '../wire/frames.ts'
import { planAnswer } from './answer/answer-plan.ts'
import { AnswerFrames, type TokenWords } from './answer-frames.ts'
import type { DecodeLoop } from './decode-loop.ts'
import type { Job, JobListener } from './job.ts'
import { checkInputBytes, checkPromptTokens } from './prompt-bounds.ts'
import type { Prompts } from './prompts.ts'
import type { EngineSession, Work } from './server.ts'
import { failureOf, faultOf, MAX_JOBS, MAX_PENDING_BYTES } from './session-rules.ts'
import { nextTurn } from './turns.ts'
import type { ModelVocabulary } from './vocabulary.ts'

export interface SessionOptions {
  readonly ready: BodyOf<'engine.ready'>
  readonly loop: DecodeLoop
  readonly prompts: Pick<Prompts, 'idsOf' | 'textOf' | 'formatsOf'>
  readonly vocabulary: TokenWords & Pick<ModelVocabulary, 'has' | 'size'>
  /** Whether new jobs are refused, because the process is about to end. */
  readonly isEnding: () => boolean
  readonly onClose: (fault: Fault | undefined) => void
}

type Arrival = Exclude<FrameFrom<'gateway', 'engine'>, { readonly name: 'job.cancel' }>
type Start = BodyOf<'job.start'>

/** A question is of nobody: it takes no slot. */
const clientOf = ({ body }: Arrival) => ('client' in body ? body.client : '')

export class Session implements EngineSession {
  readonly #options: SessionOptions
  readonly #connection: Connection<'engine', 'gateway'>
  /** null while it is not looked at yet. */
  readonly #jobs = new Map<number, Job | null>()
  #arrivals: Arrival[] = []
  #looking = false
  #highestJob = 0

  constructor(socket: Socket, options: SessionOptions) {
    this.#options = options
    const peers = { own: 'engine', other: 'gateway' } as const
    this.#connection = new Connection(socket, peers, {
      onFrame: (frame) => {
        if (frame.name === 'job.cancel') this.#cancel(frame.body.job)
        else this.#arrive(frame)
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

  #arrive(arrival: Arrival): void {
    const { job: id } = arrival.body
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
    this.#arrivals.push(arrival)
    this.#lookLater()
  }

  /**
   * One prompt in each turn of the event loop, so that frames and batches go on between them; that
   * of the client with the fewest jobs first.
   */
  #lookLater(): void {
    if (this.#looking || this.#arrivals.length === 0) return
    this.#looking = true
    setImmediate(() => {
      this.#looking = false
      const [arrival] = this.#arrivals.splice(this.#nextArrival(), 1)
      if (arrival !== undefined) this.#look(arrival)
      this.#lookLater()
    })
  }

  #nextArrival(): number {
    const looked = [...this.#jobs.values()].flatMap((job) =>
      job === null ? [] : [job.request.client],
    )
    return nextTurn(this.#arrivals.map(clientOf), looked, NO_TURNS)
  }

  #look(arrival: Arrival): void {
    const { job: id } = arrival.body
    try {
      if (arrival.name === 'job.start') this.#start(arrival.body)
      else this.#tell(arrival)
    } catch (thrown) {
      this.#fail(id, faultOf(thrown))
    }
  }

  #start(start: Start): void {
    const { ready, loop, prompts } = this.#options
    const { job: id, input, form, stop: stops } = start
    const prompt = this.#idsOf(input)
    checkPromptTokens(prompt.length, ready.contextTokens)
    if (start.choices > ready.slots) {
      const message = `${start.choices} answers at once, the engine has ${ready.slots} slots`
      throw new Fault('ENGINE_UNAVAILABLE', message)
    }
    this.#checkBiases(start.sampling.biases)
    const tools = input.kind === 'chat' ? input.tools : []
    const plan = planAnswer({ stops, form, tools }, prompts.formatsOf(input))
    const { client, choices, maxTokens, sampling, topLogprobs, echo, prefix, cuts } = start
    const wish = { client, choices, maxTokens, sampling, topLogprobs, echo, prefix, cuts }
    this.#jobs.set(id, loop.add({ ...wish, prompt, plan }, this.#listenerOf(id)))
  }

  /** @throws Fault `ENGINE_CONTEXT_LENGTH`, `ENGINE_TEMPLATE` or `ENGINE_TOKENS` */
  #idsOf(input: JobInput): Uint32Array {
    checkInputBytes(input, this.#options.ready.contextTokens)
    return this.#options.prompts.idsOf(input)
  }

  #checkBiases(biases: Start['sampling']['biases']): void {
    const { vocabulary } = this.#options
    const wrong = biases.find(([id]) => !vocabulary.has(id))
    if (wrong === undefined) return
    const message = `a bias for token ${wrong[0]}, the vocabulary has ${vocabulary.size}`
    throw new Fault('ENGINE_TOKENS', message)
  }

  /** A question is answered at once, with one frame. */
  #tell(arrival: Exclude<Arrival, { readonly name: 'job.start' }>): void {
    const { job: id } = arrival.body
    if (arrival.name === 'tokens.ask') {
      const ids = this.#idsOf(arrival.body.input)
      const wanted = arrival.body.want === 'ids' ? [...ids] : []
      this.#connection.send('tokens.told', { job: id, count: ids.length, ids: wanted })
    } else if (arrival.name === 'text.ask') {
      const text = this.#options.prompts.textOf(arrival.body.ids)
      this.#connection.send('text.told', { job: id, text })
    } else {
      throw new Fault('ENGINE_UNAVAILABLE', 'this model answers; it makes no embeddings')
    }
    this.#jobs.delete(id)
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
    const arrival = this.#arrivals.find(({ body }) => body.job === id)
    this.#jobs.delete(id)
    this.#arrivals = this.#arrivals.filter((other) => other !== arrival)
    if (arrival?.name === 'job.start') {
      const choice = { finish: 'cancelled', stop: null } as const
      const choices = Array.from({ length: arrival.body.choices }, () => choice)
      this.#connection.send('job.done', { job: id, choices, ...NOTHING_DONE })
    } else {
      this.#fail(id, new Fault('ENGINE_UNAVAILABLE', 'cancelled'))
    }
  }

  #listenerOf(id: number): JobListener {
    const connection = this.#connection
    const frames = new AnswerFrames(id, connection, this.#options.vocabulary)
    return {
      started: (counts) => {
        connection.send('job.started', { job: id, ...counts })
      },
      progress: (counts) => {
        connection.send('job.progress', { job: id, ...counts })
      },
      prompt: (tokens) => {
        frames.sendPrompt(tokens)
      },
      said: (choice, event) => {
        frames.send(choice, event)
      },
      done: ({ choices, ...counts }) => {
        this.#jobs.delete(id)
        connection.send('job.done', { job: id, choices: [...choices], ...counts })
      },
      failed: (fault) => {
        this.#fail(id, fault)
      },
      isBehind: () => connection.pendingBytes > MAX_PENDING_BYTES,
    }
  }

  #fail(id: number, fault: Fault): void {
    this.#jobs.delete(id)
    this.#connection.send('job.failed', failureOf(id, fault))
  }

  #end(fault: Fault | undefined): void {
    for (const job of this.#jobs.values()) if (job !== null) this.#options.loop.cancel(job)
    this.#jobs.clear()
    this.#arrivals = []
    this.#options.onClose(fault)
  }
}

/** Rendering takes milliseconds: that a client has fewer jobs is order enough. */
const NO_TURNS: ReadonlyMap<string, number> = new Map()

const NOTHING_DONE = {
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  prefillMs: 0,
  decodeMs: 0,
} as const
