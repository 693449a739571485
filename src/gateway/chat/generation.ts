/**
 * The way of one admitted request: recorded, generated, redacted, recorded again.
 *
 * What it gives: a stream of parts that are safe to send. Nothing is yielded before the keeper has
 * made `request.accepted` durable, and no text that has not passed a redactor. However it ends,
 * the engine's job is over or cancelled and `request.completed` is on its way.
 * What it does not give: any knowledge of HTTP.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { Engine, EngineJob, JobOrder } from '../engine-link.ts'
import type { AnswerGuard, Finding } from '../guard-port.ts'
import { Cancelled, type CancelReason, type JobFrame } from '../job-book.ts'
import { assertRecording, type Recorder } from '../keeper-link.ts'
import {
  ChoiceFilter,
  TEXT_ONLY,
  type AnswerShapes,
  type ChoicePart,
  type Finish,
} from './choice-filter.ts'
import { engineFault } from './engine-fault.ts'
import { acceptedEvent, completedEvent, NO_TALLY, orderSize, type Outcome } from './events.ts'
import type { RequestSubject, Tally } from './events.ts'
import { PromptFilter } from './prompt-filter.ts'
import type { FilteredText } from './text-filter.ts'
import { annotationOf, mergeFindings, type Annotation, type PromptFindings } from './findings.ts'

export interface PromptCounts {
  readonly promptTokens: number
  readonly cachedTokens: number
}

export interface Usage extends PromptCounts {
  /** Of all choices together. */
  readonly completionTokens: number
  /** Those of them that were thought. */
  readonly thoughtTokens: number
}

export type AnswerPart =
  /** The prompt fits and the request is in the record: an answer will come. */
  | { readonly kind: 'started'; readonly prompt: PromptCounts }
  /** Of the prompt itself; only when the order says `echo`. */
  | ({ readonly kind: 'prompt' } & FilteredText)
  | ChoicePart
  | { readonly kind: 'end'; readonly usage: Usage; readonly annotation: Annotation | undefined }

export interface GenerationOptions {
  readonly engine: Engine
  readonly keeper: Recorder
  readonly guard: AnswerGuard
  readonly subject: RequestSubject
  readonly order: JobOrder
  /** What has to be JSON; only text when not given. */
  readonly shapes?: AnswerShapes
  /** What was found in the prompt. */
  readonly found: PromptFindings
  /** Aborted with a CancelReason when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Told at once, so that the seat in the engine is held until the job is over. */
  readonly onJob: (job: EngineJob) => void
}

/** @throws Fault, or Cancelled after the signal. */
export async function* generate(options: GenerationOptions): AsyncGenerator<AnswerPart> {
  const { engine, keeper, subject, order } = options
  const startedMs = performance.now()
  const answer = new Answer(options)
  let outcome = ABANDONED
  assertRecording(keeper)
  // Before, it may have been loaded for the order, and have gone again.
  await engine.load('chat', options.signal)
  const recorded = keeper.append(acceptedEvent(subject, orderSize(order), options.found.findings))
  // It is awaited below; until then a refusal is not a stray.
  recorded.catch(() => undefined)
  let job: EngineJob | undefined
  try {
    // While the record refuses, the engine is not started for nothing.
    if (keeper.state !== 'ok') await recorded
    job = startJob(options)
    await recorded
    for await (const part of answer.partsOf(job)) {
      if (part.kind === 'end') outcome = { finish: 'ended', finishes: answer.finishes }
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
    const counts = { ...answer.counts(), totalMs: performance.now() - startedMs }
    keeper.record(completedEvent(subject, outcome, counts, answer.findings()))
  }
}

const ABANDONED: Outcome = { finish: 'failed', thrown: new Cancelled('abandoned') }

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

/** Frames in, parts out, and the counts of both. */
class Answer {
  readonly finishes: Finish[] = []
  readonly #options: GenerationOptions
  readonly #choices: readonly ChoiceFilter[]
  readonly #prompt: PromptFilter | null
  readonly #tally = { ...NO_TALLY }

  constructor(options: GenerationOptions) {
    const { guard, order, shapes = TEXT_ONLY } = options
    const tokens = order.topLogprobs === null ? 'untold' : 'told'
    this.#options = options
    this.#choices = Array.from(
      { length: order.choices },
      (_, choice) => new ChoiceFilter(choice, { guard, shapes, tokens }),
    )
    this.#prompt = order.echo === 'tokens' ? new PromptFilter(guard.redactor()) : null
  }

  async *partsOf(job: EngineJob): AsyncGenerator<AnswerPart> {
    for (;;) {
      const frame = await job.next()
      for (const part of this.#partsOf(frame)) {
        this.#note(part)
        yield part
      }
      // An answer that the guard has ended is not waited for.
      if (frame.name === 'job.done' || this.#choices.every(({ isOver }) => isOver)) break
    }
    const annotation = annotationOf(this.#options.found, this.findings())
    yield { kind: 'end', usage: { ...this.#tally }, annotation }
  }

  counts(): Tally {
    const calls = this.#choices.reduce((sum, choice) => sum + choice.calls, 0)
    return { ...this.#tally, calls }
  }

  findings(): Finding[] {
    const filters = [...this.#choices, ...(this.#prompt === null ? [] : [this.#prompt])]
    return mergeFindings(filters.flatMap((filter) => filter.findings()))
  }

  #partsOf(frame: JobFrame): readonly AnswerPart[] {
    switch (frame.name) {
      case 'job.started':
        this.#tally.promptTokens = frame.body.promptTokens
        this.#tally.cachedTokens = frame.body.cachedTokens
        return [{ kind: 'started', prompt: countsOf(frame.body) }]
      case 'job.prompt':
        return this.#promptParts(this.#prompt?.take(frame.body.chances))
      case 'job.text':
        return [...this.#endPrompt(), ...this.#textParts(frame.body)]
      case 'job.call':
        return [...this.#endPrompt(), ...this.#choice(frame.body.choice).call(frame.body.name)]
      case 'job.done':
        return [...this.#endPrompt(), ...this.#doneParts(frame.body)]
      case 'job.failed':
        throw engineFault(frame.body, this.#options.engine.ready?.contextTokens ?? 0)
      default:
        return []
    }
  }

  #textParts(body: Extract<JobFrame, { name: 'job.text' }>['body']): ChoicePart[] {
    // Counted here for an answer that does not reach its end.
    this.#tally.completionTokens += body.chars.length
    if (body.part === 'thought') this.#tally.thoughtTokens += body.chars.length
    return this.#choice(body.choice).take(body)
  }

  #doneParts(body: Extract<JobFrame, { name: 'job.done' }>['body']): ChoicePart[] {
    const { promptTokens, completionTokens, cachedTokens, prefillMs, decodeMs, choices } = body
    Object.assign(this.#tally, { promptTokens, cachedTokens, completionTokens })
    Object.assign(this.#tally, { prefillMs, decodeMs })
    return choices.flatMap((end, choice) => this.#choice(choice).end(end))
  }

  #choice(number: number): ChoiceFilter {
    const choice = this.#choices[number]
    // job-book.ts lets no such frame through.
    if (choice === undefined) throw new Fault('ENGINE_BUG', `the engine has a choice ${number}`)
    return choice
  }

  #endPrompt(): AnswerPart[] {
    return this.#promptParts(this.#prompt?.end())
  }

  /** An answer goes on from its echo: where that is stopped, there is none. */
  #promptParts(told: FilteredText | undefined): AnswerPart[] {
    const parts = promptPart(told)
    if (this.#prompt?.isBlocked !== true) return parts
    return [...parts, ...this.#choices.flatMap((choice) => choice.block())]
  }

  #note(part: AnswerPart): void {
    if (part.kind === 'finish') this.finishes.push(part.finish)
    if (part.kind === 'text' || part.kind === 'arguments') {
      this.#tally.answerChars += part.text.length
    }
  }
}

function countsOf({ promptTokens, cachedTokens }: PromptCounts): PromptCounts {
  return { promptTokens, cachedTokens }
}

function promptPart(told: FilteredText | undefined): AnswerPart[] {
  const hasTokens = told?.tokens !== null && told?.tokens.length !== 0
  return told !== undefined && hasTokens ? [{ kind: 'prompt', ...told }] : []
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
  if (outcome.finish === 'ended') return 'filtered'
  return outcome.thrown instanceof Fault ? 'not-recorded' : 'abandoned'
}
