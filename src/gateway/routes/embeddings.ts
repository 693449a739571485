/**
 * `POST /v1/embeddings`: texts to vectors of length 1.
 *
 * @packageDocumentation
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ClientMistake, FieldFault } from '../api-error.ts'
import { codesOf, refusedEvent, type RequestSubject } from '../chat/events.ts'
import type { ChatMessage } from '../chat/messages.ts'
import { embed } from '../embeddings/embedding.ts'
import { parseEmbeddingRequest, type EmbeddingRequest } from '../embeddings/request.ts'
import type { EngineReady } from '../engine-link.ts'
import { findEngine, type Engines } from '../engines.ts'
import type { GuardPort, Inspection } from '../guard-port.ts'
import { Cancelled } from '../job-book.ts'
import type { Recorder } from '../keeper-link.ts'
import { spoken, watchHangUp } from './chat.ts'

export interface EmbeddingsOptions {
  readonly engines: Engines
  readonly keeper: Recorder
  readonly guard: GuardPort
  /** Aborted when the process will not wait for answers any longer. */
  readonly stopping: AbortSignal
}

export function registerEmbeddings(app: FastifyInstance, options: EmbeddingsOptions): void {
  const running = new Set<AbortController>()
  options.stopping.addEventListener('abort', () => {
    for (const abandoned of running) abandoned.abort(new Cancelled('stopping'))
  })

  app.post('/v1/embeddings', { onRequest: app.admit }, async (request, reply) => {
    const asked = parseEmbeddingRequest(request.body)
    const abandoned = watchHangUp(reply)
    running.add(abandoned)
    try {
      const text = await answer(request, reply, asked, { ...options, signal: abandoned.signal })
      return await reply.type('application/json; charset=utf-8').send(text)
    } catch (thrown) {
      throw spoken(thrown)
    } finally {
      running.delete(abandoned)
    }
  })
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  asked: EmbeddingRequest,
  { engines, keeper, guard, signal }: EmbeddingsOptions & { readonly signal: AbortSignal },
): Promise<string> {
  const clientId = request.client?.id
  if (clientId === undefined) throw new Error('embeddings without a client')
  const engine = findEngine(engines, asked.model)
  const subject: RequestSubject = { requestId: request.id, clientId, model: engine.model }
  const inspection = guard.inspect(messagesOf(asked))
  if (inspection.verdict === 'refuse') {
    keeper.record(refusedEvent(subject, messagesOf(asked), inspection.findings))
    throw refusalOf(inspection)
  }
  if (inspection.findings.length > 0) {
    reply.header('x-secure-llm-findings', codesOf(inspection.findings).join(', '))
  }
  const ready = await engine.load('embedding', signal)
  checkAgainst(asked, ready)
  return await embed({
    ...{ engine, ready, keeper, subject, signal },
    request: withTexts(asked, inspection.messages),
    inputFindings: inspection.findings,
    onJob: (job) => {
      request.work = job.settled
    },
  })
}

/** The guard reads texts as it reads a user's words. */
function messagesOf({ inputs }: EmbeddingRequest): ChatMessage[] {
  return inputs.flatMap((input) =>
    input.kind === 'text' ? [{ role: 'user' as const, content: input.text }] : [],
  )
}

/** With the texts as the guard left them. */
function withTexts(asked: EmbeddingRequest, messages: readonly ChatMessage[]): EmbeddingRequest {
  const left = [...messages]
  const inputs = asked.inputs.map((input) =>
    input.kind === 'text' ? { ...input, text: left.shift()?.content ?? '' } : input,
  )
  return { ...asked, inputs }
}

function checkAgainst({ dimensions, inputs }: EmbeddingRequest, ready: EngineReady): void {
  if (dimensions !== null && dimensions > ready.dimensions) {
    const message = `dimensions: the vectors of the model have ${ready.dimensions}`
    throw new ClientMistake('invalid_value', message, 'dimensions')
  }
  const wrong = inputs.findIndex(
    (input) => input.kind === 'ids' && input.ids.some((id) => id >= ready.vocabularyTokens),
  )
  if (wrong < 0) return
  const message = `input: a token id is not below ${ready.vocabularyTokens}`
  throw new ClientMistake('invalid_value', message, inputs.length > 1 ? `input[${wrong}]` : 'input')
}

function refusalOf({ findings }: Inspection): FieldFault {
  const found = findings.map(({ code, count }) => `${code} (${count})`).join(', ')
  return new FieldFault('GUARD_REFUSED', `the guard refused the input: ${found}`, 'input')
}
