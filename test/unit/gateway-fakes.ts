/** Stand-ins inside the process: an engine and a keeper that do what a test tells them. */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Fault } from '../../src/errors.ts'
import { createJsonRedactor } from '../../src/guard/output/json-redactor.ts'
import { ANYWHERE, schemaPlace } from '../../src/guard/output/mask-place.ts'
import { buildApp, type AppParts, type GatewaySettings } from '../../src/gateway/app.ts'
import type { Client } from '../../src/gateway/clients.ts'
import type { Engine, EngineJob, EngineReady, JobOrder } from '../../src/gateway/engine-link.ts'
import { createLogger } from '../../src/gateway/logs.ts'
import { FrameQueue } from '../../src/gateway/frame-queue.ts'
import type { Finding, GuardPort, Piece } from '../../src/gateway/guard-port.ts'
import { Cancelled, type CancelReason, type JobFrame } from '../../src/gateway/job-book.ts'
import type { AuditState, Recorder } from '../../src/gateway/keeper-link.ts'
import { RefusalRecord } from '../../src/gateway/refusal-record.ts'
import type { Question, ToldFrame } from '../../src/gateway/question-book.ts'
import type { BodyOf, Event } from '../../src/wire/frames.ts'

export const MODEL = 'tiny'
export const KEY = `sk-local-${'k'.repeat(43)}`
export const READY: EngineReady = {
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

type Text = BodyOf<'job.text'>
type Finish = BodyOf<'job.done'>['choices'][number]['finish']
const ANSWER = { job: 1, choice: 0, part: 'answer' as const, chances: [] }

export class FakeJob implements EngineJob {
  readonly order: JobOrder
  readonly frames = new FrameQueue<JobFrame>()
  readonly settled: Promise<void>
  cancelled: CancelReason | undefined
  #settle: () => void = () => undefined
  #over = false

  constructor(order: JobOrder) {
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
    for (const text of texts) this.part({ text })
    return this
  }

  /** Any part of any choice, one token unless `chars` says otherwise. */
  part(body: Partial<Text> & { text: string }) {
    this.frames.push({ name: 'job.text', body: { ...ANSWER, chars: [body.text.length], ...body } })
    return this
  }

  /** A call with its arguments in pieces. */
  call(name: string, ...pieces: string[]) {
    this.frames.push({ name: 'job.call', body: { job: 1, choice: 0, name } })
    for (const text of pieces) this.part({ part: 'arguments', text })
    return this
  }

  done(...finishes: Finish[]) {
    const ends = finishes.length === 0 ? (['stop'] as const) : finishes
    const choices = ends.map((finish) => ({ finish, stop: null }))
    const counts = { promptTokens: 5, cachedTokens: 2, completionTokens: 3 }
    this.#end({ name: 'job.done', body: { job: 1, choices, ...counts, prefillMs: 1, decodeMs: 2 } })
    return this
  }

  failed(code: string, message: string, need: Partial<BodyOf<'job.failed'>> = {}) {
    this.#end({ name: 'job.failed', body: { job: 1, code, message, ...need } })
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

export class FakeEngine implements Engine {
  readonly model = MODEL
  ready: EngineReady | undefined = READY
  readonly jobs: FakeJob[] = []
  /** What happens to each job; by default it answers "Paris." */
  script: (job: FakeJob) => void = (job) => {
    job.started().text('Par', 'is', '.').done()
  }

  readonly questions: Question[] = []
  /** By default every UTF-16 unit is a token, whose id is its code. */
  tell: (question: Question) => ToldFrame = tellUnits

  ask(question: Question): Promise<ToldFrame> {
    this.questions.push(question)
    return Promise.resolve(this.tell(question))
  }

  start(order: JobOrder): EngineJob {
    const job = new FakeJob(order)
    this.jobs.push(job)
    this.script(job)
    return job
  }
}

function tellUnits(question: Question): ToldFrame {
  if (question.name === 'text.ask') {
    return { name: 'text.told', body: { job: 1, text: String.fromCharCode(...question.body.ids) } }
  }
  const { input, want } = question.body
  const text = input.kind === 'text' ? input.text : JSON.stringify(input)
  const ids = want === 'ids' ? Array.from(text, (char) => char.charCodeAt(0)) : []
  return { name: 'tokens.told', body: { job: 1, count: text.length, ids } }
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
  maxJobsPerClient: 0,
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
  inspect: (texts) => {
    const all = texts.map(({ content }) => content).join('\n')
    const findings: Finding[] = all.includes('odd') ? [{ code: 'input.odd', count: 1 }] : []
    if (all.includes('attack')) findings.push({ code: 'input.attack', count: 2 })
    const verdict = all.includes('attack') ? 'refuse' : findings.length > 0 ? 'flag' : 'allow'
    return { verdict, messages: texts, findings }
  },
  redactor: () => maskingRedactor('secret', '******'),
  jsonRedactor: (schema) =>
    createJsonRedactor(
      { ...maskingRedactor('secret', '******'), maxHoldBackChars: 5 },
      schema === null ? ANYWHERE : schemaPlace(schema),
    ),
}

/** Masks one word, and holds back what may be the beginning of it. */
export function maskingRedactor(word: string, mask: string) {
  let held = ''
  let count = 0
  const take = (text: string, keepChars: number): Piece[] => {
    held += text
    const pieces: Piece[] = []
    for (let at = held.indexOf(word); at >= 0; at = held.indexOf(word)) {
      count++
      if (at > 0) pieces.push({ is: 'clear', text: held.slice(0, at), sourceChars: at })
      pieces.push({ is: 'masked', text: mask, sourceChars: word.length })
      held = held.slice(at + word.length)
    }
    const clear = held.slice(0, Math.max(0, held.length - keepChars))
    if (clear !== '') pieces.push({ is: 'clear', text: clear, sourceChars: clear.length })
    held = held.slice(clear.length)
    return pieces
  }
  return {
    push: (text: string) => take(text, word.length - 1),
    pause: () => take('', 0),
    end: () => take('', 0),
    findings: () => (count > 0 ? [{ code: 'output.secret', count }] : []),
  }
}

export function fakeClient(over: Partial<Client> = {}): Client {
  return {
    id: 'c-00000001',
    hash: createHash('sha256').update(KEY).digest(),
    expiresMs: null,
    scopes: ['chat', 'models', 'tokens', 'metrics'],
    ...over,
  }
}

export interface TestApp {
  readonly app: FastifyInstance
  readonly engine: FakeEngine
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
    engine,
    keeper,
    refusals: new RefusalRecord(keeper),
    guard: GUARD,
    health: () => ({
      engine: engine.ready === undefined ? 'away' : 'ready',
      audit: keeper.state,
      clients: 'ok',
      layers: { gateway: [], engine: READY.layers, keeper: [] },
    }),
    draining: draining.signal,
    stopping: stopping.signal,
    ...parts,
  })
  return { app, engine, keeper, logs, draining, stopping }
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
  const lines = body.split('\n\n')
  const data = lines.flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
  return { data, comments: lines.filter((line) => line.startsWith(': ')) }
}
