/**
 * `POST /v1/chat/completions`: from a checked body to an answer in one of OpenAI's two forms.
 *
 * @packageDocumentation
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../errors.ts'
import { answerFor, ClientMistake } from '../api-error.ts'
import {
  answerHead,
  completion,
  finishChunk,
  firstChunk,
  textChunk,
  usageChunk,
  type AnswerHead,
} from '../chat/answers.ts'
import { codesOf, refusedEvent, type RequestSubject } from '../chat/events.ts'
import { generate, type AnswerPart } from '../chat/generation.ts'
import { parseChatRequest, type ChatRequest } from '../chat/request.ts'
import { findEngine, type Engines } from '../engines.ts'
import type { GuardPort, Inspection } from '../guard-port.ts'
import { Cancelled } from '../job-book.ts'
import type { Recorder } from '../keeper-link.ts'
import { EventStream } from '../sse.ts'

export interface ChatOptions {
  readonly engines: Engines
  readonly keeper: Recorder
  readonly guard: GuardPort
  readonly maxMessages: number
  readonly pingIntervalMs: number
  readonly idleTimeoutMs: number
  readonly retryAfterSeconds: number
  /** Aborted when the process will not wait for answers any longer. */
  readonly stopping: AbortSignal
}

export function registerChat(app: FastifyInstance, options: ChatOptions): void {
  const running = new Set<AbortController>()
  options.stopping.addEventListener('abort', () => {
    for (const abandoned of running) abandoned.abort(new Cancelled('stopping'))
  })

  app.post('/v1/chat/completions', { onRequest: app.admit }, async (request, reply) => {
    const chat = parseChatRequest(request.body, options)
    const head = answerHead(request.id, chat.model, Date.now())
    const abandoned = watchHangUp(reply)
    running.add(abandoned)
    try {
      const parts = begin(request, reply, chat, { ...options, abandoned })
      if (chat.stream === null) return await collect(parts, head)
      await stream(parts, request, reply, { ...options, abandoned, head, chunks: chat.stream })
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
  { engines, keeper, guard, abandoned }: RunOptions,
): AsyncGenerator<AnswerPart> {
  const clientId = request.client?.id
  if (clientId === undefined) throw new Error('a chat without a client')
  const engine = findEngine(engines, chat.model)
  const subject: RequestSubject = { requestId: request.id, clientId, model: engine.model }
  const inspection = guard.inspect(chat.messages)
  if (inspection.verdict === 'refuse') {
    keeper.record(refusedEvent(subject, chat.messages, inspection.findings))
    throw refusalOf(inspection)
  }
  if (inspection.findings.length > 0) {
    reply.header('x-secure-llm-findings', codesOf(inspection.findings).join(', '))
  }
  return generate({
    engine,
    keeper,
    redactor: guard.redactor(),
    subject,
    order: {
      client: clientId,
      input: {
        kind: 'chat',
        messages: [...inspection.messages],
        tools: [],
        thinking: 'default',
      },
      choices: 1,
      maxTokens: chat.maxTokens,
      sampling: chat.sampling,
      stop: [...chat.stop],
      form: { rules: null, calls: null },
      topLogprobs: null,
      echo: 'none',
      prefix: 'reuse',
      cuts: 'fast',
    },
    inputFindings: inspection.findings,
    signal: abandoned.signal,
    onJob: (job) => {
      request.work = job.settled
    },
  })
}

function refusalOf({ findings }: Inspection): Fault {
  const found = findings.map(({ code, count }) => `${code} (${count})`).join(', ')
  return new Fault('GUARD_REFUSED', `the guard refused the messages: ${found}`)
}

/** Aborts when the client is gone before its answer was whole. */
export function watchHangUp(reply: FastifyReply): AbortController {
  const abandoned = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) abandoned.abort(new Cancelled('hung-up'))
  }
  if (reply.raw.destroyed) onClose()
  else reply.raw.once('close', onClose)
  return abandoned
}

/** What a client is told of an answer that was cancelled. */
export function spoken(thrown: unknown): unknown {
  if (!(thrown instanceof Cancelled)) return thrown
  if (thrown.reason === 'stopping') return stoppingFault()
  return new ClientMistake('client_closed', 'the client was gone before the answer was whole')
}

async function collect(parts: AsyncGenerator<AnswerPart>, head: AnswerHead): Promise<object> {
  let text = ''
  for await (const part of parts) {
    if (part.kind === 'text') text += part.text
    if (part.kind === 'end') return completion(head, text, part.finish, part.usage)
  }
  throw new Fault('ENGINE_BUG', 'the answer has no end')
}

interface RunOptions extends ChatOptions {
  /** Aborted, with a Cancelled, when nobody will read the answer. */
  readonly abandoned: AbortController
}

interface StreamOptions extends RunOptions {
  readonly head: AnswerHead
  readonly chunks: NonNullable<ChatRequest['stream']>
}

/**
 * Opens the stream as late as possible: at the first text, or at the first ping of a prompt that
 * takes long. Until then a failure still has a status of its own.
 */
async function stream(
  parts: AsyncGenerator<AnswerPart>,
  request: FastifyRequest,
  reply: FastifyReply,
  options: StreamOptions,
): Promise<void> {
  let events: EventStream | undefined
  let isStarted = false
  const open = (): EventStream =>
    (events ??= new EventStream(reply, options.idleTimeoutMs, options.abandoned))
  const ping = setInterval(() => {
    if (isStarted && !reply.raw.destroyed) open().comment('ping')
  }, options.pingIntervalMs)
  try {
    let isFirst = true
    for await (const part of parts) {
      if (part.kind === 'started') {
        isStarted = true
        continue
      }
      if (isFirst) await open().send(firstChunk(options.head, options.chunks))
      isFirst = false
      await sendPart(open(), part, options)
    }
  } catch (thrown) {
    if (events === undefined) throw thrown
    await endBroken(events, thrown, request, options)
  } finally {
    clearInterval(ping)
  }
}

async function sendPart(
  events: EventStream,
  part: AnswerPart,
  { head, chunks }: StreamOptions,
): Promise<void> {
  if (part.kind === 'text') await events.send(textChunk(head, chunks, part.text))
  if (part.kind !== 'end') return
  await events.send(finishChunk(head, chunks, part.finish))
  if (chunks.usage) await events.send(usageChunk(head, part.usage))
  await events.send('[DONE]')
  events.end()
}

/** The status has been sent, so the error is the last event, and there is no `[DONE]`. */
async function endBroken(
  events: EventStream,
  thrown: unknown,
  request: FastifyRequest,
  { retryAfterSeconds }: StreamOptions,
): Promise<void> {
  if (thrown instanceof Cancelled && thrown.reason !== 'stopping') {
    events.destroy()
    return
  }
  const { body } = answerFor(spoken(thrown), { requestId: request.id, retryAfterSeconds })
  request.log.warn({ req: request, code: body.error.code }, 'an answer broke off')
  try {
    await events.send(body)
    events.end()
  } catch {
    events.destroy()
  }
}

export function stoppingFault(): Fault {
  return new Fault('GATEWAY_STOPPING', 'the gateway is stopping')
}
