/**
 * From a checked conversation to its generation, whatever protocol it came in: the model is there,
 * the guard has read everything, the schemas are compiled.
 *
 * @packageDocumentation
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../errors.ts'
import { ClientMistake } from '../api-error.ts'
import type { Engine, EngineReady } from '../engine-link.ts'
import type { Finding, GuardPort, Guarded, Inspection } from '../guard-port.ts'
import type { Recorder } from '../keeper-link.ts'
import { refusedEvent, type RequestSize, type RequestSubject } from './events.ts'
import { codesOf } from './findings.ts'
import { generate, type AnswerPart } from './generation.ts'
import { guardedTexts, withTexts } from './guarded-texts.ts'
import { orderOf, type OrderedChat } from './order.ts'
import type { ChatRequest } from './request.ts'
import type { SchemaBook } from './schemas.ts'

export interface AnsweringParts {
  readonly engine: Engine
  readonly keeper: Recorder
  readonly guard: GuardPort
  readonly schemas: SchemaBook
}

export interface Caller {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Aborted, with a Cancelled, when nobody will read the answer. */
  readonly signal: AbortSignal
}

/** @throws ClientMistake `model_not_found`, Fault `ENGINE_UNAVAILABLE`. */
export function readyEngine(engine: Engine, model: string): EngineReady {
  if (model !== engine.model) {
    throw new ClientMistake('model_not_found', 'there is no such model; GET /v1/models lists them')
  }
  if (engine.ready === undefined) {
    throw new Fault('ENGINE_UNAVAILABLE', `the engine of ${engine.model} is not ready`)
  }
  return engine.ready
}

export function subjectOf(request: FastifyRequest, model: string): RequestSubject {
  const clientId = request.client?.id
  if (clientId === undefined) throw new Error('a request without a client')
  return { requestId: request.id, clientId, model }
}

/** @throws Fault `GUARD_REFUSED`, recorded; what was found and let pass is in a header. */
export function inspected<G extends Guarded>(
  texts: readonly G[],
  subject: RequestSubject,
  place: {
    readonly keeper: Recorder
    readonly guard: GuardPort
    readonly reply: FastifyReply
    readonly size: RequestSize
  },
): Inspection<G> {
  const inspection = place.guard.inspect(texts)
  const { verdict, findings } = inspection
  if (verdict === 'refuse') {
    place.keeper.record(refusedEvent(subject, place.size, findings))
    throw refusalOf(findings)
  }
  if (findings.length > 0) {
    place.reply.header('x-secure-llm-findings', codesOf(findings).join(', '))
  }
  return inspection
}

export function refusalOf(findings: readonly Finding[]): Fault {
  const found = findings.map(({ code, count }) => `${code} (${count})`).join(', ')
  return new Fault('GUARD_REFUSED', `the guard refused the messages: ${found}`)
}

export interface GuardedChat extends OrderedChat {
  readonly subject: RequestSubject
  readonly findings: readonly Finding[]
}

/** Guards the input, and says it as an order. @throws Fault, ClientMistake */
export function guardedChat(
  chat: ChatRequest,
  { request, reply }: Pick<Caller, 'request' | 'reply'>,
  { engine, keeper, guard, schemas }: AnsweringParts,
): GuardedChat {
  const ready = readyEngine(engine, chat.model)
  const subject = subjectOf(request, engine.model)
  const texts = guardedTexts(chat)
  const size = sizeOf(chat, texts)
  const inspection = inspected(texts, subject, { keeper, guard, reply, size })
  const guarded = withTexts(chat, inspection.messages)
  const { clientId } = subject
  const ordered = orderOf(guarded, { ready, clientId, schemas })
  return { ...ordered, subject, findings: inspection.findings }
}

/** Guards the input, then starts the generation. */
export function beginChat(
  chat: ChatRequest,
  caller: Caller,
  parts: AnsweringParts,
): AsyncGenerator<AnswerPart> {
  const { engine, keeper, guard } = parts
  const { order, shapes, subject, findings } = guardedChat(chat, caller, parts)
  const { request, signal } = caller
  return generate({
    engine,
    keeper,
    guard,
    subject,
    order,
    shapes,
    inputFindings: findings,
    signal,
    onJob: (job) => {
      request.work = job.settled
    },
  })
}

export function sizeOf(
  { messages, toolUse, choices }: ChatRequest,
  texts: readonly Guarded[],
): RequestSize {
  const promptChars = texts.reduce((sum, { content }) => sum + content.length, 0)
  return { messages: messages.length, promptChars, tools: toolUse.tools.length, choices }
}
