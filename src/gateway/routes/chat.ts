/**
 * `POST /v1/chat/completions`: from a checked body to an answer in one of OpenAI's two forms.
 *
 * @packageDocumentation
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../errors.ts'
import { ClientMistake } from '../api-error.ts'
import { answerHead } from '../chat/answers.ts'
import { streamChunks } from '../chat/chunk-stream.ts'
import { refusedEvent, type RequestSubject } from '../chat/events.ts'
import { codesOf } from '../chat/findings.ts'
import { generate, type AnswerPart } from '../chat/generation.ts'
import { guardedTexts, withTexts } from '../chat/guarded-texts.ts'
import { orderOf } from '../chat/order.ts'
import { parseChatRequest, type ChatRequest } from '../chat/request.ts'
import { SchemaBook } from '../chat/schemas.ts'
import { wholeAnswer } from '../chat/whole-answer.ts'
import type { Engine } from '../engine-link.ts'
import type { Finding, GuardPort, Guarded } from '../guard-port.ts'
import { Cancelled } from '../job-book.ts'
import type { Recorder } from '../keeper-link.ts'

export interface ChatOptions {
  readonly engine: Engine
  readonly keeper: Recorder
  readonly guard: GuardPort
  readonly maxMessages: number
  readonly pingIntervalMs: number
  readonly idleTimeoutMs: number
  readonly retryAfterSeconds: number
  /** Aborted when the process will not wait for answers any longer. */
  readonly stopping: AbortSignal
}

interface RunOptions extends ChatOptions {
  readonly schemas: SchemaBook
  /** Aborted, with a Cancelled, when nobody will read the answer. */
  readonly abandoned: AbortController
}

export function registerChat(app: FastifyInstance, options: ChatOptions): void {
  const running = new Set<AbortController>()
  const schemas = new SchemaBook()
  options.stopping.addEventListener('abort', () => {
    for (const abandoned of running) abandoned.abort(new Cancelled('stopping'))
  })

  app.post('/v1/chat/completions', { onRequest: app.admit }, async (request, reply) => {
    const chat = parseChatRequest(request.body, options)
    const head = answerHead(request.id, chat.model, Date.now())
    const abandoned = watchHangUp(reply)
    running.add(abandoned)
    try {
      const parts = begin(request, reply, chat, { ...options, abandoned, schemas })
      if (chat.stream === null) return await wholeAnswer(parts, head, chat.choices)
      const chunks = chat.stream
      await streamChunks(parts, request, reply, { ...options, abandoned, head, chunks, spoken })
      // The stream has the reply; Fastify sends nothing more.
      return undefined
    } catch (thrown) {
      throw spoken(thrown)
    } finally {
      running.delete(abandoned)
    }
  })
}

/** Guards the input, then starts the generation. */
function begin(
  request: FastifyRequest,
  reply: FastifyReply,
  chat: ChatRequest,
  { engine, keeper, guard, schemas, abandoned }: RunOptions,
): AsyncGenerator<AnswerPart> {
  const clientId = request.client?.id
  if (clientId === undefined) throw new Error('a chat without a client')
  if (chat.model !== engine.model) {
    throw new ClientMistake('model_not_found', 'there is no such model; GET /v1/models lists them')
  }
  const { ready } = engine
  if (ready === undefined) {
    throw new Fault('ENGINE_UNAVAILABLE', `the engine of ${engine.model} is not ready`)
  }
  const subject: RequestSubject = { requestId: request.id, clientId, model: engine.model }
  const { guarded, findings } = inspected(chat, subject, { keeper, guard })
  if (findings.length > 0) reply.header('x-secure-llm-findings', codesOf(findings).join(', '))
  const { order, shapes } = orderOf(guarded, { ready, clientId, schemas })
  return generate({
    engine,
    keeper,
    guard,
    subject,
    order,
    shapes,
    inputFindings: findings,
    signal: abandoned.signal,
    onJob: (job) => {
      request.work = job.settled
    },
  })
}

/** @throws Fault `GUARD_REFUSED`, recorded. */
function inspected(
  chat: ChatRequest,
  subject: RequestSubject,
  { keeper, guard }: { keeper: Recorder; guard: GuardPort },
): { guarded: ChatRequest; findings: readonly Finding[] } {
  const texts = guardedTexts(chat)
  const { verdict, messages, findings } = guard.inspect(texts)
  if (verdict !== 'refuse') return { guarded: withTexts(chat, messages), findings }
  keeper.record(refusedEvent(subject, sizeOf(chat, texts), findings))
  const found = findings.map(({ code, count }) => `${code} (${count})`).join(', ')
  throw new Fault('GUARD_REFUSED', `the guard refused the messages: ${found}`)
}

function sizeOf({ messages, toolUse, choices }: ChatRequest, texts: readonly Guarded[]) {
  const promptChars = texts.reduce((sum, { content }) => sum + content.length, 0)
  return { messages: messages.length, promptChars, tools: toolUse.tools.length, choices }
}

/** Aborts when the client is gone before its answer was whole. */
function watchHangUp(reply: FastifyReply): AbortController {
  const abandoned = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) abandoned.abort(new Cancelled('hung-up'))
  }
  if (reply.raw.destroyed) onClose()
  else reply.raw.once('close', onClose)
  return abandoned
}

/** What a client is told of an answer that was cancelled. */
function spoken(thrown: unknown): unknown {
  if (!(thrown instanceof Cancelled)) return thrown
  if (thrown.reason === 'stopping') return stoppingFault()
  return new ClientMistake('client_closed', 'the client was gone before the answer was whole')
}

export function stoppingFault(): Fault {
  return new Fault('GATEWAY_STOPPING', 'the gateway is stopping')
}
