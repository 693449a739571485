/**
 * The way of one admitted request: recorded, generated, redacted, recorded again.
 *
 * What it gives: a stream of parts that are safe to send. Nothing is yielded before the keeper has
 * made `request.accepted` durable, and no text that has not passed the redactor. However it ends,
 * the engine's job is over or cancelled and `request.completed` is on its way.
 * What it does not give: any knowledge of HTTP.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { BodyOf } from '../../wire/frames.ts'
import type { Engine, EngineJob, JobOrder } from '../engine-link.ts'
import type { Finding, Redactor } from '../guard-port.ts'
import { Cancelled, type CancelReason } from '../job-book.ts'
import type { Recorder } from '../keeper-link.ts'
import { engineFault } from './engine-fault.ts'
import { acceptedEvent, completedEvent, type Outcome, type RequestSubject } from './events.ts'

export interface Usage {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
}

export type AnswerPart =
  /** The prompt fits and the request is in the record: an answer will come. */
  | { readonly kind: 'started' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly finish: 'stop' | 'length'; readonly usage: Usage }

export interface GenerationOptions {
  readonly engine: Engine
  readonly keeper: Recorder
  readonly redactor: Redactor
  readonly subject: RequestSubject
  readonly order: JobOrder
  readonly inputFindings: readonly Finding[]
  /** Aborted with a CancelReason when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Told at once, so that the seat in the engine is held until the job is over. */
  readonly onJob: (job: EngineJob) => void
}

/** @throws Fault, or Cancelled after the signal. */
export async function* generate(options: GenerationOptions): AsyncGenerator<AnswerPart> {
  const { engine, keeper, subject, order, redactor } = options
  const startedMs = performance.now()
  const tally = { ...NOTHING }
  let answerChars = 0
  let outcome = ABANDONED
  assertKeeper(keeper)
  await engine.load('chat', options.signal)
  const recorded = keeper.append(
    acceptedEvent(subject, textsOf(order.input), options.inputFindings),
  )
  // It is awaited below; until then a refusal is not a stray.
  recorded.catch(() => undefined)
  let job: EngineJob | undefined
  try {
    // While the record refuses, the engine is not started for nothing.
    if (keeper.state !== 'ok') await recorded
    job = startJob(options)
    await recorded
    for await (const part of answerOf(job, redactor, engine, tally)) {
      if (part.kind === 'text') answerChars += part.text.length
      if (part.kind === 'end') outcome = { finish: part.finish }
      yield part
    }
  } catch (thrown) {
    outcome = { finish: 'failed', thrown: reasonFor(thrown, options.signal) }
    throw thrown
  } finally {
    // A reader that stops reading ends this generator at its yield, without a throw.
    if (outcome === ABANDONED && options.signal.aborted) {
      outcome = { finish: 'failed', thrown: reasonFor(undefined, options.signal) }
    }
    job?.cancel(cancelReason(options.signal, outcome))
    const totalMs = performance.now() - startedMs
    const counts = { ...tally, totalMs, answerChars }
    keeper.record(completedEvent(subject, outcome, counts, redactor.findings()))
  }
}

const ABANDONED: Outcome = { finish: 'failed', thrown: new Cancelled('abandoned') }

const NOTHING = {
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  prefillMs: 0,
  decodeMs: 0,
}

/** Nothing is started, and nothing recorded, that cannot be done. */
function assertKeeper(keeper: Recorder): void {
  if (keeper.state !== 'away') return
  throw new Fault('KEEPER_UNAVAILABLE', 'the record is away, so nothing may be answered')
}

function startJob({ engine, order, signal, onJob }: GenerationOptions): EngineJob {
  if (signal.aborted) throw new Cancelled(signalReason(signal))
  const job = engine.start(order)
  onJob(job)
  const cancel = () => {
    job.cancel(signalReason(signal))
  }
  signal.addEventListener('abort', cancel, { once: true })
  return job
}

async function* answerOf(
  job: EngineJob,
  redactor: Redactor,
  engine: Engine,
  tally: typeof NOTHING,
): AsyncGenerator<AnswerPart> {
  for (;;) {
    const { name, body } = await job.next()
    if (name === 'job.started') {
      tally.promptTokens = body.promptTokens
      tally.cachedTokens = body.cachedTokens
      yield { kind: 'started' }
    } else if (name === 'job.text') {
      // Counted here for an answer that does not reach its end.
      tally.completionTokens += body.chars.length
      yield* textPart(redactor.push(body.text, body.chars))
    } else if (name === 'job.done') {
      noteDone(tally, body)
      yield* textPart(redactor.end())
      yield { kind: 'end', finish: finishOf(body), usage: { ...tally } }
      return
    } else if (name === 'job.failed') {
      throw engineFault(body, engine.ready?.contextTokens ?? 0)
    }
  }
}

function* textPart(text: string): Generator<AnswerPart> {
  if (text !== '') yield { kind: 'text', text }
}

function noteDone(tally: typeof NOTHING, body: BodyOf<'job.done'>): void {
  const { promptTokens, cachedTokens, completionTokens, prefillMs, decodeMs } = body
  Object.assign(tally, { promptTokens, cachedTokens, completionTokens, prefillMs, decodeMs })
}

/** What the record counts the characters of. */
function textsOf(input: JobOrder['input']): { readonly content: string }[] {
  if (input.kind === 'chat') return input.messages
  return input.kind === 'text' ? [{ content: input.text }] : []
}

function finishOf({ choices }: BodyOf<'job.done'>): 'stop' | 'length' {
  const finish = choices[0]?.finish
  // We did not cancel it, or this frame would not have come here.
  if (finish !== 'stop' && finish !== 'length')
    throw new Fault('ENGINE_BUG', 'the engine gave the answer up')
  return finish
}

function signalReason(signal: AbortSignal): CancelReason {
  return signal.reason instanceof Cancelled ? signal.reason.reason : 'abandoned'
}

/** A consumer that stops reading because of the signal may have thrown something of its own. */
function reasonFor(thrown: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? new Cancelled(signalReason(signal)) : thrown
}

function cancelReason(signal: AbortSignal, outcome: Outcome): CancelReason {
  if (signal.aborted) return signalReason(signal)
  const unrecorded = outcome.finish === 'failed' && outcome.thrown instanceof Fault
  return unrecorded ? 'not-recorded' : 'abandoned'
}
