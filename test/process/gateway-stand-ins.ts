/**
 * An engine and a keeper that the test plays itself, over real Unix sockets. Both can send raw bytes,
 * so that they can break every rule of the wire.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { encodeFrame } from '../../src/wire/codec.ts'
import { Connection } from '../../src/wire/connection.ts'
import type { BodyOf, Event, FrameFrom } from '../../src/wire/frames.ts'

export type EngineReady = BodyOf<'engine.ready'>
export type JobStart = BodyOf<'job.start'>

export const MODEL = 'tiny'
export const READY: EngineReady = {
  model: MODEL,
  created: 1_700_000_000,
  kind: 'chat',
  contextTokens: 4096,
  slots: 8,
  vocabularyTokens: 49_152,
  dimensions: 0,
  abilities: { thinking: 'never', infill: false },
  layers: [],
  weightBytes: 1,
  lockedBytes: 1,
  loadMs: 1,
}

export interface EnginePeer {
  readonly connection: Connection<'engine', 'gateway'>
  readonly socket: Socket
  readonly ended: Set<number>
  /** Text frames and the end of a job, as an engine that behaves. */
  readonly answer: (job: number, texts: readonly string[]) => void
}

export class StandInEngine {
  readonly starts: JobStart[] = []
  /** Cancels of jobs that were still running; a late one is ignored, as an engine must. */
  readonly cancels: number[] = []
  connections = 0
  onConnect: (peer: EnginePeer) => void = (peer) => {
    peer.connection.send('engine.ready', READY)
  }
  onStart: (peer: EnginePeer, start: JobStart) => void = (peer, start) => {
    peer.answer(start.job, ['The capital ', 'of France ', 'is Paris.'])
  }
  /** As many tokens as the input has UTF-16 units, spelled as JSON where it is no text. */
  onTokens: (peer: EnginePeer, asked: BodyOf<'tokens.ask'>) => void = ({ connection }, asked) => {
    const text = asked.input.kind === 'text' ? asked.input.text : JSON.stringify(asked.input)
    const ids = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
    const told = asked.want === 'ids' ? ids : []
    connection.send('tokens.told', { job: asked.job, count: ids.length, ids: told })
  }
  #peers = new Set<EnginePeer>()
  #server: Server

  constructor(path: string) {
    this.#server = createServer((socket) => {
      this.#accept(socket)
    }).listen(path)
  }

  #accept(socket: Socket) {
    this.connections++
    const peer: EnginePeer = {
      socket,
      ended: new Set(),
      connection: new Connection(
        socket,
        { own: 'engine', other: 'gateway' },
        {
          onFrame: (frame) => {
            this.#onFrame(peer, frame)
          },
          onClose: () => this.#peers.delete(peer),
        },
      ),
      answer: (job, texts) => {
        sendAnswer(peer, job, texts)
      },
    }
    this.#peers.add(peer)
    this.onConnect(peer)
  }

  #onFrame(peer: EnginePeer, frame: FrameFrom<'gateway', 'engine'>) {
    if (frame.name === 'job.start') {
      this.starts.push(frame.body)
      this.onStart(peer, frame.body)
    } else if (frame.name === 'tokens.ask') {
      this.onTokens(peer, frame.body)
    } else if (frame.name === 'text.ask') {
      const text = String.fromCharCode(...frame.body.ids)
      peer.connection.send('text.told', { job: frame.body.job, text })
    } else if (frame.name === 'job.cancel' && !peer.ended.has(frame.body.job)) {
      this.cancels.push(frame.body.job)
      peer.connection.send('job.done', doneBody(frame.body.job, 0, 'cancelled'))
    }
  }

  /** As if the process had died: every connection is gone. */
  die() {
    for (const { socket } of this.#peers) socket.destroy()
  }

  async close() {
    this.die()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export function doneBody(
  job: number,
  completionTokens: number,
  finish: 'stop' | 'length' | 'cancelled' = 'stop',
): BodyOf<'job.done'> {
  const counts = { promptTokens: 4, cachedTokens: 0, completionTokens }
  return { job, choices: [{ finish, stop: null }], ...counts, prefillMs: 1, decodeMs: 1 }
}

function sendAnswer({ connection, ended }: EnginePeer, job: number, texts: readonly string[]) {
  ended.add(job)
  connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
  for (const text of texts)
    connection.send('job.text', {
      job,
      choice: 0,
      part: 'answer',
      chances: [],
      text,
      chars: [text.length],
    })
  connection.send('job.done', doneBody(job, texts.length))
}

export class StandInKeeper {
  readonly events: Event[] = []
  /** What is said to an event: kept, refused, or nothing at all. */
  mode: 'keep' | 'refuse' | 'silent' = 'keep'
  connections = 0
  #seq = 0
  #sockets = new Set<Socket>()
  #connections = new Set<Connection<'keeper', 'gateway'>>()
  #server: Server

  constructor(path: string) {
    this.#server = createServer((socket) => {
      this.#accept(socket)
    }).listen(path)
  }

  get kept(): Event[] {
    return this.events
  }

  types(): string[] {
    return this.events.map((event) => event.type)
  }

  #accept(socket: Socket) {
    this.connections++
    this.#sockets.add(socket)
    const connection = new Connection<'keeper', 'gateway'>(
      socket,
      { own: 'keeper', other: 'gateway' },
      {
        onFrame: ({ body }) => {
          this.#onAppend(connection, body)
        },
        onClose: () => {
          this.#sockets.delete(socket)
          this.#connections.delete(connection)
        },
      },
    )
    this.#connections.add(connection)
    connection.send('keeper.ready', { store: 'file', auditHealthy: true, layers: [] })
  }

  #onAppend(connection: Connection<'keeper', 'gateway'>, { id, event }: BodyOf<'audit.append'>) {
    if (this.mode === 'silent') return
    if (this.mode === 'refuse') {
      connection.send('audit.refused', { id, code: 'AUDIT_UNAVAILABLE', message: 'disk full' })
      return
    }
    this.events.push(event)
    connection.send('audit.kept', { id, seq: this.#seq++ })
  }

  sendRaw(bytes: Buffer) {
    for (const socket of this.#sockets) socket.write(bytes)
  }

  die() {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close() {
    this.die()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** mulberry32: the same hostile frames in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What no client may ever see: it is in every hostile frame that has room for it. */
export const HOSTILE_CANARY = 'CANARY-of-another-job'

/**
 * One hostile frame for a job: malformed, out of order, for a stranger, too long, or with a message
 * that tries to reach a client past the redactor.
 */
export function hostileFrame(random: () => number, job: number): Buffer {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const text = HOSTILE_CANARY
  const other = pick([job + 1, job + 1000, 0xffff_ffff])
  const frames: (() => Buffer)[] = [
    () => encodeFrame('engine.ready', { ...READY, model: 'other' }),
    () => encodeFrame('engine.ready', READY),
    () => hostileText(other),
    () => encodeFrame('job.started', { job: other, promptTokens: 1, cachedTokens: 0 }),
    () => encodeFrame('job.done', doneBody(other, 1)),
    () => encodeFrame('job.failed', { job: other, code: 'ENGINE_BUG', message: text }),
    () => encodeFrame('job.failed', { job, code: 'KEY_STORE_LOCKED', message: text }),
    () => encodeFrame('job.failed', { job, code: 'ENGINE_CONTEXT_LENGTH', message: text }),
    () => hostileText(job),
    () => hostileText(job, { part: 'thought' }),
    () => hostileText(job, { choice: pick([1, 31]) }),
    () => hostileText(job, { part: 'arguments' }),
    () => hostileText(job, { chances: [{ bytes: 'QQ==', logprob: -1, top: [] }] }),
    () => encodeFrame('job.call', { job, choice: pick([0, 1]), name: text }),
    () => encodeFrame('job.prompt', { job, chances: [{ bytes: 'QQ==', logprob: null, top: [] }] }),
    () => encodeFrame('tokens.told', { job, count: 1, ids: [1] }),
    () => encodeFrame('text.told', { job, text }),
    () => encodeFrame('vectors.told', { job, index: 0, tokens: 1, vector: 'AAAA' }),
    () => encodeFrame('vectors.done', { job, promptTokens: 1 }),
    () => encodeFrame('job.done', { ...doneBody(job, 1), choices: [END, END] }),
    () => encodeFrame('job.done', { ...doneBody(job, 1), choices: [{ ...END, finish: 'calls' }] }),
    () => encodeFrame('job.done', { ...doneBody(job, 1), choices: [{ ...END, stop: 0 }] }),
    () => encodeFrame('job.done', doneBody(job, 1)),
    () => encodeFrame('job.started', { job, promptTokens: 2 ** 50, cachedTokens: 0 }),
    () => encodeFrame('job.started', { job, promptTokens: 1, cachedTokens: 2 }),
    () => encodeFrame('job.progress', { job, doneTokens: 1, promptTokens: 1 }),
    () => Buffer.concat([twoStarts(job), hostileText(job)]),
    () => rawFrame(6, Buffer.from(JSON.stringify({ job, text, chars: 'x' }))),
    () => rawFrame(6, Buffer.from(JSON.stringify({ job, text, chars: [1], secret: text }))),
    () => rawFrame(6, Buffer.from(`{"job":${job},"text":"${text}`)),
    () => rawFrame(6, Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    () => rawFrame(6, Buffer.alloc(70_000, 0x20)),
    () => rawFrame(8, Buffer.from('['.repeat(2000))),
    () => rawFrame(pick([0, 2, 3, 9, 17, 34, 255]), Buffer.from(JSON.stringify({ job, text }))),
    () => Buffer.from([0xff, 0xff, 0xff, 0xff, 6, 1, 2, 3]),
    () => Buffer.from([0, 0, 0, 0, 6]),
    () => Buffer.from(Array.from({ length: 5 + random() * 60 }, () => random() * 256)),
  ]
  return pick(frames)()
}

const END = { finish: 'stop' as const, stop: null }

function hostileText(job: number, over: Partial<BodyOf<'job.text'>> = {}): Buffer {
  const body = { job, choice: 0, part: 'answer' as const, text: HOSTILE_CANARY, chars: [1] }
  return encodeFrame('job.text', { ...body, chances: [], ...over })
}

function twoStarts(job: number): Buffer {
  const start = encodeFrame('job.started', { job, promptTokens: 1, cachedTokens: 0 })
  return Buffer.concat([start, start])
}

function rawFrame(number: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length + 1, 0)
  head.writeUInt8(number, 4)
  return Buffer.concat([head, body])
}
