/**
 * From a checked conversation to its generation, whatever protocol it came in: the model is there,
 * the guard has read everything, the schemas are compiled.
 *
 * @packageDocumentation
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../errors.ts'
import type { Engine, EngineJob, EngineReady } from '../engine-link.ts'
import { findEngine, type Engines } from '../engines.ts'
import type { AnswerGuard, Finding, GuardPort, Guarded, Guards } from '../guard-port.ts'
import { assertRecording, type Recorder } from '../keeper-link.ts'
import { refusedEvent, type RequestSize, type RequestSubject } from './events.ts'
import { tellFindings, type PromptFindings } from './findings.ts'
import { generate, type AnswerPart } from './generation.ts'
import { guardedTexts, withTexts } from './guarded-texts.ts'
import { orderOf, type OrderedChat } from './order.ts'
import { placed, systemFindings, systemRefusal } from './placing.ts'
import type { ChatRequest } from './request.ts'
import type { SchemaBook } from './schemas.ts'

export interface AnsweringParts {
  readonly engines: Engines
  readonly keeper: Recorder
  readonly guards: Guards
  readonly schemas: SchemaBook
  /** How a protocol fits a request to the model that will answer; as it is when not given. */
  readonly fit?: (chat: ChatRequest, ready: EngineReady) => ChatRequest
  /** Whether the operator's prompt is in it; it is not where its tokens would be told. */
  readonly shows?: 'operator' | 'client'
}

export interface Caller {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Aborted, with a Cancelled, when nobody will read the answer. */
  readonly signal: AbortSignal
}

export interface FoundEngine {
  readonly engine: Engine
  readonly ready: EngineReady
}

/**
 * The engine of a model that answers, loaded when it has to be.
 *
 * @throws ClientMistake `model_not_found`, Fault `KEEPER_UNAVAILABLE`, `MODEL_KIND` or
 * `ENGINE_UNAVAILABLE`; the signal's reason when that comes first.
 */
export async function readyEngine(
  { engines, keeper }: Pick<AnsweringParts, 'engines' | 'keeper'>,
  model: string,
  signal: AbortSignal,
): Promise<FoundEngine> {
  const engine = findEngine(engines, model)
  assertRecording(keeper)
  return { engine, ready: await engine.load('chat', signal) }
}

export function subjectOf(request: FastifyRequest, model: string): RequestSubject {
  const clientId = request.client?.id
  if (clientId === undefined) throw new Error('a request without a client')
  return { requestId: request.id, clientId, model }
}

/** @throws Fault `GUARD_SETTINGS` */
export function guardOf(request: FastifyRequest, guards: Guards): GuardPort {
  return guards(request.client?.guard ?? null)
}

export interface Inspected<G extends Guarded> {
  /** As the guard has left them. */
  readonly texts: readonly G[]
  readonly found: PromptFindings
}

/**
 * @param known - What was found already.
 * @throws Fault `GUARD_REFUSED`, recorded; what was found and let pass is in a header.
 */
export function inspected<G extends Guarded>(
  texts: readonly G[],
  subject: RequestSubject,
  place: {
    readonly keeper: Recorder
    readonly guard: GuardPort
    readonly reply: FastifyReply
    readonly size: RequestSize
  },
  known: readonly Finding[] = [],
): Inspected<G> {
  const { verdict, texts: left, findings: read, scores } = place.guard.inspect(texts)
  const findings = [...known, ...read]
  if (verdict === 'refuse') {
    place.keeper.record(refusedEvent(subject, place.size, findings))
    throw refusalOf(findings)
  }
  tellFindings(place.reply, findings)
  return { texts: left, found: { findings, score: Math.max(0, ...scores) } }
}

export function refusalOf(findings: readonly Finding[]): Fault {
  const found = findings.map(({ code, count }) => `${code} (${count})`).join(', ')
  return new Fault('GUARD_REFUSED', `the guard refused the messages: ${found}`)
}

export interface GuardedChat extends OrderedChat {
  readonly engine: Engine
  readonly subject: RequestSubject
  readonly guard: AnswerGuard
  readonly found: PromptFindings
}

/**
 * Guards the input, loads the model, and says the request as an order. What the guard refuses loads
 * nothing.
 *
 * @throws Fault, ClientMistake, the signal's reason
 */
export async function guardedChat(
  chat: ChatRequest,
  { request, reply, signal }: Caller,
  parts: AnsweringParts,
): Promise<GuardedChat> {
  const { engines, keeper, guards, schemas, fit, shows = 'operator' } = parts
  const subject = subjectOf(request, findEngine(engines, chat.model).model)
  const guard = guardOf(request, guards)
  const given = guardedTexts(chat)
  const size = sizeOf(chat, given)
  const systems = systemFindings(chat, guard.placing)
  if (systems.length > 0 && guard.placing.clientSystem === 'refuse') {
    keeper.record(refusedEvent(subject, size, systems))
    throw systemRefusal()
  }
  const { texts, found } = inspected(given, subject, { keeper, guard, reply, size }, systems)
  const guarded = withTexts(chat, texts)
  const { engine, ready } = await readyEngine(parts, chat.model, signal)
  const { clientId } = subject
  const fitted = fit === undefined ? guarded : fit(guarded, ready)
  const placing = shows === 'operator' ? guard.placing : { ...guard.placing, operator: null }
  const ordered = orderOf(placed(fitted, placing, request.id), { ready, clientId, schemas })
  const answer = guard.answer(given.map(({ content }) => content))
  return { ...ordered, engine, subject, guard: answer, found }
}

/** Guards the input, then starts the generation. */
export async function* beginChat(
  chat: ChatRequest,
  caller: Caller,
  parts: AnsweringParts,
): AsyncGenerator<AnswerPart> {
  const { keeper } = parts
  const guarded = await guardedChat(chat, caller, parts)
  const { request, signal } = caller
  const onJob = (job: EngineJob) => {
    request.work = job.settled
  }
  yield* telling(generate({ ...guarded, keeper, signal, onJob }), caller)
}

/** A whole answer has what was found in it in its header, too. */
export async function* telling(
  parts: AsyncGenerator<AnswerPart>,
  { reply }: Caller,
): AsyncGenerator<AnswerPart> {
  for await (const part of parts) {
    if (part.kind === 'end') tellFindings(reply, part.annotation?.findings ?? [])
    yield part
  }
}

export function sizeOf(
  { messages, toolUse, choices }: ChatRequest,
  texts: readonly Guarded[],
): RequestSize {
  const promptChars = texts.reduce((sum, { content }) => sum + content.length, 0)
  return { messages: messages.length, promptChars, tools: toolUse.tools.length, choices }
}
