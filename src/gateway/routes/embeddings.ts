/**
 * `POST /v1/embeddings`: texts to vectors of length 1.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { ClientMistake, FieldFault } from '../api-error.ts'
import { guardOf, subjectOf, type Caller } from '../chat/beginning.ts'
import { refusedEvent } from '../chat/events.ts'
import { tellFindings } from '../chat/findings.ts'
import { embed, sizeOf } from '../embeddings/embedding.ts'
import { parseEmbeddingRequest, type EmbeddingRequest } from '../embeddings/request.ts'
import type { EngineReady } from '../engine-link.ts'
import { findEngine, type Engines } from '../engines.ts'
import type { Exchanges } from '../exchange.ts'
import type { Finding, Guarded, Guards } from '../guard-port.ts'
import { assertRecording, type Recorder } from '../keeper-link.ts'

export interface EmbeddingsOptions {
  readonly engines: Engines
  readonly keeper: Recorder
  readonly guards: Guards
  readonly exchanges: Exchanges
}

export function registerEmbeddings(app: FastifyInstance, options: EmbeddingsOptions): void {
  app.post('/v1/embeddings', { onRequest: app.admit }, async (request, reply) => {
    const asked = parseEmbeddingRequest(request.body)
    const text = await options.exchanges.during(reply, (signal) =>
      answer(asked, { request, reply, signal }, options),
    )
    return await reply.type('application/json; charset=utf-8').send(text)
  })
}

async function answer(
  asked: EmbeddingRequest,
  { request, reply, signal }: Caller,
  { engines, keeper, guards }: EmbeddingsOptions,
): Promise<string> {
  const engine = findEngine(engines, asked.model)
  const subject = subjectOf(request, engine.model)
  const guard = guardOf(request, guards)
  const { verdict, texts, findings, scores } = guard.inspect(textsOf(asked))
  if (verdict === 'refuse') {
    keeper.record(refusedEvent(subject, sizeOf(asked), findings))
    throw refusalOf(findings)
  }
  tellFindings(reply, findings)
  assertRecording(keeper)
  const ready = await engine.load('embedding', signal)
  checkAgainst(asked, ready)
  return await embed({
    ...{ engine, ready, keeper, subject, signal },
    request: withTexts(asked, texts),
    found: { findings, score: Math.max(0, ...scores) },
    onJob: (job) => {
      request.work = job.settled
    },
  })
}

/** The guard reads texts as it reads a user's words. */
function textsOf({ inputs }: EmbeddingRequest): Guarded[] {
  return inputs.flatMap((input) =>
    input.kind === 'text' ? [{ content: input.text, origin: 'user' as const }] : [],
  )
}

/** With the texts as the guard left them. */
function withTexts(asked: EmbeddingRequest, texts: readonly Guarded[]): EmbeddingRequest {
  const left = [...texts]
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

function refusalOf(findings: readonly Finding[]): FieldFault {
  const found = findings.map(({ code, count }) => `${code} (${count})`).join(', ')
  return new FieldFault('GUARD_REFUSED', `the guard refused the input: ${found}`, 'input')
}
