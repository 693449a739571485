/** Stand-ins inside the process: an engine and a keeper that do what a test tells them. */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { InjectOptions, Response } from 'light-my-request'
import { createJsonRedactor } from '../../src/guard/output/json-redactor.ts'
import { ANYWHERE, schemaPlace } from '../../src/guard/output/mask-place.ts'
import { buildApp, type AppParts, type GatewaySettings } from '../../src/gateway/app.ts'
import type { Client } from '../../src/gateway/clients.ts'
import { createEngines } from '../../src/gateway/engines.ts'
import { createLogger } from '../../src/gateway/logs.ts'
import type { AnswerGuard, Finding, GuardPort, Piece } from '../../src/gateway/guard-port.ts'
import type { AuditState, Recorder } from '../../src/gateway/keeper-link.ts'
import { RefusalRecord } from '../../src/gateway/refusal-record.ts'
import { openApiDocument } from '../../src/gateway/openapi/document.ts'
import type { Event } from '../../src/wire/frames.ts'
import { OpenApi } from '../fixtures/openapi.ts'
import { FakeEngine, MODEL, READY, VECTORS_MODEL, VECTORS_READY } from './gateway-fake-engine.ts'

export * from './gateway-fake-engine.ts'

export const KEY = `sk-local-${'k'.repeat(43)}`

const api = new OpenApi(openApiDocument('1.0.0'))

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
  placing: { operator: null, documents: 'plain', clientSystem: 'allow', marker: (id) => id },
  inspect: (texts) => {
    const all = texts.map(({ content }) => content).join('\n')
    const findings: Finding[] = all.includes('odd') ? [{ code: 'input.odd', count: 1 }] : []
    if (all.includes('attack')) findings.push({ code: 'input.attack', count: 2 })
    const verdict = all.includes('attack') ? 'refuse' : findings.length > 0 ? 'flag' : 'allow'
    return { verdict, texts, findings, scores: texts.map(() => 0) }
  },
  answer: () => answerGuard(() => maskingRedactor('secret', '******')),
}

export function answerGuard(redactor: () => ReturnType<typeof maskingRedactor>): AnswerGuard {
  return {
    redactor,
    jsonRedactor: (schema) =>
      createJsonRedactor(redactor(), schema === null ? ANYWHERE : schemaPlace(schema)),
  }
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
    findings: () => (count > 0 ? [{ code: 'output.word', count }] : []),
    state: () => 'open' as const,
  }
}

export function fakeClient(over: Partial<Client> = {}): Client {
  return {
    id: 'c-00000001',
    hash: createHash('sha256').update(KEY).digest(),
    expiresMs: null,
    scopes: ['chat', 'models', 'tokens', 'metrics'],
    guard: null,
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
  { guard = GUARD, ...parts }: Partial<AppParts> & { readonly guard?: GuardPort } = {},
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
    refusals: new RefusalRecord(keeper),
    guards: () => guard,
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
  holdToDocument(app)
  return { app, engine, vectors, keeper, logs, draining, stopping }
}

/** Every answer of every test is one that `/openapi.json` describes. */
function holdToDocument(app: FastifyInstance): void {
  const inject = app.inject.bind(app) as (options: InjectOptions) => Promise<Response>
  const held = async (options: InjectOptions) => {
    const reply = await inject(options)
    const { method = 'GET', url = '' } = options
    const path = api.pathOf(method, typeof url === 'string' ? url : url.pathname)
    if (path === undefined) return reply
    const type = String(reply.headers['content-type'])
    const answer = { method, path, status: reply.statusCode, type, text: reply.body }
    const fault = api.answerFault(answer)
    if (fault !== undefined) throw new Error(`not in the document: ${fault}: ${reply.body}`)
    return reply
  }
  Object.assign(app, { inject: held })
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
