/** Stand-ins inside the process: an engine and a keeper that do what a test tells them. */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Fault } from '../../src/errors.ts'
import { buildApp, type AppParts, type GatewaySettings } from '../../src/gateway/app.ts'
import type { Client } from '../../src/gateway/clients.ts'
import type * as link from '../../src/gateway/engine-link.ts'
import { createEngines } from '../../src/gateway/engines.ts'
import { createLogger } from '../../src/gateway/logs.ts'
import { FrameQueue } from '../../src/gateway/frame-queue.ts'
import type { Finding, GuardPort } from '../../src/gateway/guard-port.ts'
import { Cancelled, type CancelReason, type JobFrame } from '../../src/gateway/job-book.ts'
import type { AuditState, Recorder } from '../../src/gateway/keeper-link.ts'
import type { Event } from '../../src/wire/frames.ts'

export const MODEL = 'tiny'
export const KEY = `sk-local-${'k'.repeat(43)}`
export const READY: link.EngineReady = {
  model: MODEL,
  created: 1_700_000_000,
  kind: 'chat',
  contextTokens: 4096,
  slots: 8,
  vocabularyTokens: 49_152,
  dimensions: 0,
  abilities: { thinking: 'never', infill: false },
  layers: [{ layer: 'seccomp', state: 'enforced', detail: '/somewhere' }],
  weightBytes: 1,
  lockedBytes: 1,
  loadMs: 1,
}

const ANSWER = { job: 1, choice: 0, part: 'answer' as const, chances: [] }

export class FakeJob<Order = link.JobOrder> implements link.EngineJob {
  readonly order: Order
  readonly frames = new FrameQueue<JobFrame>()
  readonly settled: Promise<void>
  cancelled: CancelReason | undefined
  #settle: () => void = () => undefined
  #over = false

  constructor(order: Order) {
    this.order = order
    this.settled = new Promise((resolve) => (this.#settle = resolve))
  }

  next() {
    return this.frames.next()
  }

  cancel(reason: CancelReason) {
    if (this.#over) return
    this.#over = true
    this.cancelled = reason
    this.frames.abort(new Cancelled(reason))
    this.#settle()
  }

  started(promptTokens = 5) {
    this.frames.push({ name: 'job.started', body: { job: 1, promptTokens, cachedTokens: 2 } })
    return this
  }

  text(...texts: string[]) {
    for (const text of texts) {
      this.frames.push({ name: 'job.text', body: { ...ANSWER, text, chars: [text.length] } })
    }
    return this
  }

  done(finish: 'stop' | 'length' | 'cancelled' = 'stop') {
    const counts = { promptTokens: 5, cachedTokens: 2, completionTokens: 3 }
    const body = { job: 1, choices: [{ finish, stop: null }], ...counts, prefillMs: 1, decodeMs: 2 }
    this.#end({ name: 'job.done', body })
    return this
  }

  /** One for each input, and their end. */
  vectors(...numbers: number[][]) {
    numbers.forEach((vector, index) => {
      const bytes = Buffer.from(Float32Array.from(vector).buffer)
      const body = { job: 1, index, tokens: 3, vector: bytes.toString('base64') }
      this.frames.push({ name: 'vectors.told', body })
    })
    this.#end({ name: 'vectors.done', body: { job: 1, promptTokens: 3 * numbers.length } })
    return this
  }

  failed(code: string, message: string) {
    this.#end({ name: 'job.failed', body: { job: 1, code, message } })
    return this
  }

  lost(fault: Fault) {
    this.#over = true
    this.frames.fail(fault)
    this.#settle()
  }

  #end(frame: JobFrame) {
    this.#over = true
    this.frames.push(frame)
    this.#settle()
  }
}

export class FakeEngine implements link.Engine {
  readonly model: string
  ready: link.EngineReady | undefined
  readonly jobs: FakeJob[] = []
  readonly vectorJobs: FakeJob<link.VectorOrder>[] = []
  state: link.EngineState = 'ready'
  /** What happens to each job for embeddings. */
  vectorScript: (job: FakeJob<link.VectorOrder>) => void = (job) => {
    job.vectors(...job.order.inputs.map((_, at) => (at % 2 === 0 ? [0.6, 0.8, 0] : [0, 0, 1])))
  }
  /** What happens to each job; by default it answers "Paris." */
  script: (job: FakeJob) => void = (job) => {
    job.started().text('Par', 'is', '.').done()
  }

  constructor(ready: link.EngineReady = READY) {
    this.model = ready.model
    this.ready = ready
  }

  load(kind: link.ModelKind): Promise<link.EngineReady> {
    const { ready } = this
    if (ready?.kind === kind) return Promise.resolve(ready)
    const code = ready === undefined ? 'ENGINE_UNAVAILABLE' : 'MODEL_KIND'
    return Promise.reject(new Fault(code, 'the engine of tiny is not ready'))
  }

  start(order: link.JobOrder): link.EngineJob {
    const job = new FakeJob(order)
    this.jobs.push(job)
    this.script(job)
    return job
  }

  startVectors(order: link.VectorOrder): link.EngineJob {
    const job = new FakeJob(order)
    this.vectorJobs.push(job)
    this.vectorScript(job)
    return job
  }
}

export const VECTORS_MODEL = 'tiny-bert'
export const VECTORS_READY: link.EngineReady = {
  ...{ ...READY, model: VECTORS_MODEL, kind: 'embedding', dimensions: 3 },
  ...{ contextTokens: 512, slots: 1, vocabularyTokens: 1000 },
}

export class FakeKeeper implements Recorder {
  state: AuditState = 'ok'
  readonly appended: Event[] = []
  readonly recorded: Event[] = []
  /** Settles an append; at once and well by default. */
  answer: () => Promise<void> = () => Promise.resolve()

  append(event: Event): Promise<void> {
    this.appended.push(event)
    return this.answer()
  }

  record(event: Event): void {
    this.recorded.push(event)
  }
}

export const SETTINGS: GatewaySettings = {
  maxBodyBytes: 4096,
  maxMessages: 4,
  maxJobs: 2,
  overflow: 'refuse',
  waitMs: 200,
  requestsPerMinute: 600,
  allowedHosts: [],
  allowedOrigins: ['app://desktop'],
  idleTimeoutMs: 1000,
  pingIntervalMs: 20,
  retryAfterSeconds: 2,
}

/** Refuses "attack", flags "odd", and masks "secret" whatever way it is cut. */
export const GUARD: GuardPort = {
  inspect: (messages) => {
    const all = messages.map((message) => message.content).join('\n')
    const findings: Finding[] = all.includes('odd') ? [{ code: 'input.odd', count: 1 }] : []
    if (all.includes('attack')) findings.push({ code: 'input.attack', count: 2 })
    const verdict = all.includes('attack') ? 'refuse' : findings.length > 0 ? 'flag' : 'allow'
    return { verdict, messages, findings }
  },
  redactor: () => {
    let held = ''
    let count = 0
    const mask = (text: string) =>
      text.replaceAll('secret', () => {
        count++
        return '******'
      })
    return {
      push: (text) => {
        const all = mask(held + text)
        const keep = Math.min(all.length, 5)
        held = all.slice(all.length - keep)
        return all.slice(0, all.length - keep)
      },
      end: () => held,
      findings: () => (count > 0 ? [{ code: 'output.secret', count }] : []),
    }
  },
}

export function fakeClient(over: Partial<Client> = {}): Client {
  return {
    id: 'c-00000001',
    hash: createHash('sha256').update(KEY).digest(),
    expiresMs: null,
    scopes: ['chat', 'models'],
    ...over,
  }
}

export interface TestApp {
  readonly app: FastifyInstance
  readonly engine: FakeEngine
  /** Of embeddings. */
  readonly vectors: FakeEngine
  readonly keeper: FakeKeeper
  readonly logs: string[]
  readonly draining: AbortController
  readonly stopping: AbortController
}

export async function testApp(
  over: Partial<GatewaySettings> = {},
  parts: Partial<AppParts> = {},
): Promise<TestApp> {
  const engine = new FakeEngine()
  const vectors = new FakeEngine(VECTORS_READY)
  const keeper = new FakeKeeper()
  const logs: string[] = []
  const draining = new AbortController()
  const stopping = new AbortController()
  const app = await buildApp({
    settings: { ...SETTINGS, ...over },
    port: () => 11435,
    log: createLogger({
      write: (line) => {
        logs.push(line)
      },
    }),
    directory: { state: 'ok', find: (key) => (key === KEY ? fakeClient() : undefined) },
    engines: createEngines([engine, vectors]),
    keeper,
    guard: GUARD,
    health: () => ({
      models: { [MODEL]: engine.ready ? 'ready' : 'away', [VECTORS_MODEL]: 'resting' },
      audit: keeper.state,
      clients: 'ok',
      layers: { gateway: [], engine: READY.layers, keeper: [] },
    }),
    draining: draining.signal,
    stopping: stopping.signal,
    ...parts,
  })
  return { app, engine, vectors, keeper, logs, draining, stopping }
}

export const HEADERS = {
  host: 'localhost:11435',
  authorization: `Bearer ${KEY}`,
  'content-type': 'application/json',
}

export function chatBody(over: object = {}): object {
  return { model: MODEL, messages: [{ role: 'user', content: 'hello' }], ...over }
}

export function post(body: unknown, headers: Record<string, string> = HEADERS) {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return { method: 'POST' as const, url: '/v1/chat/completions', headers, payload }
}

/** The data of every event, and the comments, of a stream's body. */
export function readEvents(body: string): { data: string[]; comments: string[] } {
  const lines = body.split('\n\n').filter((line) => line !== '')
  return {
    data: lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)),
    comments: lines.filter((line) => line.startsWith(': ')),
  }
}
