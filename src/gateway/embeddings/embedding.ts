/**
 * The way of one admitted request for embeddings: recorded, computed, recorded again.
 *
 * What it gives: no vector leaves before the keeper has made `request.accepted` durable; however it
 * ends, the engine's job is over or cancelled and `request.completed` is on its way. What it does not
 * give: any knowledge of HTTP.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { BodyOf } from '../../wire/frames.ts'
import { FieldFault } from '../api-error.ts'
import { engineFault } from '../chat/engine-fault.ts'
import {
  acceptedEvent,
  completedEvent,
  NO_TALLY,
  type Outcome,
  type RequestSize,
  type RequestSubject,
} from '../chat/events.ts'
import { annotationOf, type PromptFindings } from '../chat/findings.ts'
import type { Engine, EngineJob, EngineReady } from '../engine-link.ts'
import { Cancelled } from '../job-book.ts'
import type { Recorder } from '../keeper-link.ts'
import { embeddingText, listText } from './answer.ts'
import type { EmbeddingRequest } from './request.ts'

export interface EmbedOptions {
  readonly engine: Engine
  readonly ready: EngineReady
  readonly keeper: Recorder
  readonly subject: RequestSubject
  readonly request: EmbeddingRequest
  readonly found: PromptFindings
  /** Aborted with a Cancelled when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Told at once, so that the seat in the engine is held until the job is over. */
  readonly onJob: (job: EngineJob) => void
}

/** @returns The JSON of the answer. @throws Fault, or Cancelled after the signal. */
export async function embed(options: EmbedOptions): Promise<string> {
  const { keeper, subject, request, signal } = options
  const startedMs = performance.now()
  const tally = { promptTokens: 0 }
  let outcome: Outcome = { finish: 'failed', thrown: new Cancelled('abandoned') }
  const recorded = keeper.append(acceptedEvent(subject, sizeOf(request), options.found.findings))
  // It is awaited below; until then a refusal is not a stray.
  recorded.catch(() => undefined)
  let job: EngineJob | undefined
  try {
    // While the record refuses, the engine is not started for nothing.
    if (keeper.state !== 'ok') await recorded
    job = startJob(options)
    await recorded
    const answer = await collect(job, options, tally)
    outcome = { finish: 'ended', finishes: ['stop'] }
    return answer
  } catch (thrown) {
    outcome = { finish: 'failed', thrown: signal.aborted ? signal.reason : thrown }
    throw thrown
  } finally {
    job?.cancel(signal.reason instanceof Cancelled ? signal.reason.reason : 'not-recorded')
    const totalMs = performance.now() - startedMs
    const times = { prefillMs: totalMs, decodeMs: 0, totalMs }
    keeper.record(completedEvent(subject, outcome, { ...NO_TALLY, ...tally, ...times }, []))
  }
}

/** What the record counts: texts by their characters, ids not at all. */
export function sizeOf({ inputs }: EmbeddingRequest): RequestSize {
  const chars = inputs.map((input) => (input.kind === 'text' ? input.text.length : 0))
  const promptChars = chars.reduce((sum, count) => sum + count, 0)
  return { messages: inputs.length, promptChars, tools: 0, choices: 0 }
}

function startJob({ engine, subject, request, signal, onJob }: EmbedOptions): EngineJob {
  signal.throwIfAborted()
  const job = engine.startVectors({ client: subject.clientId, inputs: [...request.inputs] })
  onJob(job)
  const cancel = () => {
    job.cancel(signal.reason instanceof Cancelled ? signal.reason.reason : 'abandoned')
  }
  signal.addEventListener('abort', cancel, { once: true })
  return job
}

async function collect(
  job: EngineJob,
  { request, subject, ready, found }: EmbedOptions,
  tally: { promptTokens: number },
): Promise<string> {
  const embeddings: string[] = []
  for (;;) {
    const { name, body } = await job.next()
    if (name === 'vectors.told') {
      tally.promptTokens += body.tokens
      embeddings.push(embeddingText(body.index, body.vector, request))
    } else if (name === 'vectors.done') {
      const told = { tokens: body.promptTokens, annotation: annotationOf(found) }
      return listText(embeddings, subject.model, told)
    } else if (name === 'job.failed') throw faultOf(body, ready.contextTokens)
  }
}

/** The numbers have been held against the engine's own context; of its words only an index is believed. */
function faultOf(failed: BodyOf<'job.failed'>, contextTokens: number): Fault {
  if (failed.code !== 'ENGINE_CONTEXT_LENGTH') return engineFault(failed, contextTokens)
  const { promptTokens, uncounted, message } = failed
  const [, index] = /^input (\d{1,4}) has /.exec(message) ?? []
  const where = index === undefined ? 'input' : `input[${Number(index)}]`
  const tokens = `${uncounted ? 'at least ' : ''}${promptTokens} tokens`
  const what = promptTokens === undefined ? 'too many tokens' : tokens
  const sentence = `${where} has ${what}, the model takes ${contextTokens}`
  return new FieldFault('ENGINE_CONTEXT_LENGTH', sentence, 'input')
}
