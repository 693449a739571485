/** A stand-in keeper and a stand-in gateway, over the real wire. */
import { randomBytes } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Manifest } from '../../src/vault/manifest.ts'
import { Connection } from '../../src/wire/connection.ts'
import type { BodyOf, Event, FrameFrom } from '../../src/wire/frames.ts'

export type EngineFrame = FrameFrom<'engine', 'gateway'>

export interface SealedModel {
  readonly fileKey: Buffer
  readonly context: Buffer
  readonly manifest: Manifest
}

export type KeyAnswer = 'grant' | 'grant-another' | 'refuse' | 'vanish'

/** Answers one engine; keeps what it was told. */
export class StandInKeeper {
  readonly events: Event[] = []
  contexts: string[] = []
  closed = 0
  readonly #server: Server

  constructor(path: string, model: SealedModel, answer: KeyAnswer) {
    this.#server = createServer((socket) => {
      const connection = new Connection<'keeper', 'engine'>(
        socket,
        { own: 'keeper', other: 'engine' },
        {
          onFrame: (frame) => {
            if (frame.name === 'engine.event') {
              this.events.push(frame.body.event)
              connection.send('engine.event-kept', { seq: this.events.length })
              return
            }
            this.contexts.push(frame.body.context)
            if (answer === 'grant') connection.send('key.grant', Buffer.from(model.fileKey))
            else if (answer === 'grant-another') connection.send('key.grant', randomBytes(32))
            else if (answer === 'vanish') socket.destroy()
            else {
              const message = 'no slot fits the store in use'
              connection.send('key.refuse', { code: 'VAULT_SLOT_MISSING', message })
            }
          },
          onClose: () => this.closed++,
        },
      )
    })
    this.#server.listen(path)
  }

  close(): void {
    this.#server.close()
  }
}

export interface JobOutcome {
  readonly text: string
  readonly chars: readonly number[]
  readonly frames: readonly EngineFrame[]
  readonly done: BodyOf<'job.done'> | undefined
  readonly failed: BodyOf<'job.failed'> | undefined
  readonly started: BodyOf<'job.started'> | undefined
}

export type JobOptions = Partial<Omit<BodyOf<'job.start'>, 'job'>> & { readonly prompt?: string }

export const GREEDY = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 1,
  biases: [],
} satisfies BodyOf<'job.start'>['sampling']

/** What a request of a test says where it says nothing else. */
export const PLAIN_JOB = {
  client: 'c-1',
  choices: 1,
  maxTokens: 24,
  sampling: GREEDY,
  stop: [],
  form: { rules: null, calls: null },
  topLogprobs: null,
  echo: 'none',
  prefix: 'reuse',
  cuts: 'fast',
} satisfies Omit<BodyOf<'job.start'>, 'job' | 'input'>

export function chatInput(content: string): BodyOf<'job.start'>['input'] {
  return { kind: 'chat', messages: [{ role: 'user', content }], tools: [], thinking: 'default' }
}

/** One connection to the engine, as the gateway has it. */
export class StandInGateway {
  readonly socket: Socket
  readonly connection: Connection<'gateway', 'engine'>
  readonly ready: Promise<BodyOf<'engine.ready'>>
  readonly closed: Promise<void>
  #nextJob = 1
  readonly #listeners = new Map<number, (frame: EngineFrame) => void>()
  #close: () => void = () => undefined

  constructor(path: string) {
    this.socket = connect(path)
    const { promise, resolve } = Promise.withResolvers<BodyOf<'engine.ready'>>()
    this.ready = promise
    this.closed = new Promise((done) => {
      this.#close = done
    })
    this.connection = new Connection<'gateway', 'engine'>(
      this.socket,
      { own: 'gateway', other: 'engine' },
      {
        onFrame: (frame) => {
          if (frame.name === 'engine.ready') resolve(frame.body)
          else this.#listeners.get(frame.body.job)?.(frame)
        },
        onClose: () => {
          this.#close()
        },
      },
    )
  }

  /** Starts a job; `outcome` resolves with its last frame. */
  start(options: JobOptions = {}): {
    readonly job: number
    readonly outcome: Promise<JobOutcome>
    /** Resolves at the first frame of that name. */
    readonly seen: (name: EngineFrame['name']) => Promise<void>
  } {
    const { prompt = 'Hello', ...fields } = options
    const job = this.#nextJob++
    const frames: EngineFrame[] = []
    const waiting = new Map<string, () => void>()
    const { promise, resolve } = Promise.withResolvers<JobOutcome>()
    this.#listeners.set(job, (frame) => {
      frames.push(frame)
      waiting.get(frame.name)?.()
      if (frame.name === 'job.done' || frame.name === 'job.failed') resolve(outcomeOf(frames))
    })
    this.connection.send('job.start', {
      job,
      ...PLAIN_JOB,
      input: chatInput(prompt),
      ...fields,
    })
    const seen = (name: EngineFrame['name']) =>
      new Promise<void>((done) => {
        if (frames.some((frame) => frame.name === name)) done()
        else waiting.set(name, done)
      })
    return { job, outcome: promise, seen }
  }

  async ask(options: JobOptions = {}): Promise<JobOutcome> {
    return await this.start(options).outcome
  }

  /** Asks for embeddings; resolves with the last frame. */
  askVectors(inputs: BodyOf<'vectors.ask'>['inputs']): {
    readonly job: number
    readonly outcome: Promise<VectorsOutcome>
  } {
    const job = this.#nextJob++
    const told: BodyOf<'vectors.told'>[] = []
    const { promise, resolve } = Promise.withResolvers<VectorsOutcome>()
    this.#listeners.set(job, (frame) => {
      if (frame.name === 'vectors.told') told.push(frame.body)
      if (frame.name === 'vectors.done') resolve({ told, done: frame.body, failed: undefined })
      if (frame.name === 'job.failed') resolve({ told, done: undefined, failed: frame.body })
    })
    this.connection.send('vectors.ask', { job, client: 'c-1', inputs })
    return { job, outcome: promise }
  }

  cancel(job: number): void {
    this.connection.send('job.cancel', { job })
  }
}

export interface VectorsOutcome {
  readonly told: readonly BodyOf<'vectors.told'>[]
  readonly done: BodyOf<'vectors.done'> | undefined
  readonly failed: BodyOf<'job.failed'> | undefined
}

/** The numbers of a `vectors.told`. */
export function numbersOf({ vector }: BodyOf<'vectors.told'>): number[] {
  const bytes = Buffer.from(vector, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at))
}

function outcomeOf(frames: readonly EngineFrame[]): JobOutcome {
  const texts = frames.filter((frame) => frame.name === 'job.text').map(({ body }) => body)
  return {
    text: texts.map(({ text }) => text).join(''),
    chars: texts.flatMap(({ chars }) => chars),
    frames,
    done: frames.find((frame) => frame.name === 'job.done')?.body,
    failed: frames.find((frame) => frame.name === 'job.failed')?.body,
    started: frames.find((frame) => frame.name === 'job.started')?.body,
  }
}
