/**
 * One job between its prompt and its last token.
 *
 * What it gives: the counts and times of a job, its text, its end. What it does not give: when it
 * runs (`decode-loop.ts`) and how its words travel (`session.ts`).
 *
 * @packageDocumentation
 */
import type { Fault } from '../errors.ts'
import type { Sampling } from '../wire/frames.ts'
import { AnswerText, type TextPiece } from './answer-text.ts'
import type { AddonSampler } from './llama-internals.ts'

export type Finish = 'stop' | 'length' | 'cancelled'

export interface JobRequest {
  /** Whose prompt it is. */
  readonly client: string
  readonly prompt: Uint32Array
  /** null: up to the end of the context. */
  readonly maxTokens: number | null
  readonly sampling: Sampling
  readonly stops: readonly string[]
}

export interface JobResult {
  readonly finish: Finish
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  /** From taking a slot to the first token. */
  readonly prefillMs: number
  readonly decodeMs: number
}

/** Who hears of the job. Exactly one of `done` and `failed` is called, last. */
export interface JobListener {
  readonly started: (counts: { promptTokens: number; cachedTokens: number }) => void
  readonly progress: (counts: { doneTokens: number; promptTokens: number }) => void
  readonly text: (piece: TextPiece) => void
  readonly done: (result: JobResult) => void
  readonly failed: (fault: Fault) => void
  /** Whether the reader is so far behind that the job should wait. */
  readonly isBehind: () => boolean
}

const PROGRESS_MS = 500

export class Job {
  readonly request: JobRequest
  readonly listener: JobListener
  readonly answerTokens: number
  cancelled = false
  /** The step in which the job was last in a batch. */
  servedStep = 0
  position = 0
  #slot = -1
  #sampler: AddonSampler | undefined
  #lastId: number | null = null
  #completionTokens = 0
  #cachedTokens = 0
  #startedMs = 0
  #firstTokenMs: number | null = null
  #progressMs = 0
  readonly #text: AnswerText

  /** @param contextTokens - Larger than the prompt. */
  constructor(request: JobRequest, listener: JobListener, contextTokens: number) {
    this.request = request
    this.listener = listener
    const room = contextTokens - request.prompt.length
    this.answerTokens = Math.min(request.maxTokens ?? room, room)
    this.#text = new AnswerText(request.stops)
  }

  get slot(): number {
    return this.#slot
  }

  get tokensLeft(): number {
    return this.answerTokens - this.#completionTokens
  }

  get promptTokensLeft(): number {
    return Math.max(this.request.prompt.length - this.position, 0)
  }

  start(slot: number, cachedTokens: number, sampler: AddonSampler, nowMs: number): void {
    this.#slot = slot
    this.#cachedTokens = cachedTokens
    this.#sampler = sampler
    this.#startedMs = nowMs
    this.#progressMs = nowMs
    this.position = cachedTokens
    this.listener.started({ promptTokens: this.request.prompt.length, cachedTokens })
  }

  moveTo(slot: number): void {
    this.#slot = slot
  }

  /** The ids at the next positions. */
  nextIds(tokens: number): Uint32Array {
    if (this.promptTokensLeft > 0) {
      return this.request.prompt.subarray(this.position, this.position + tokens)
    }
    if (this.#lastId === null) throw new RangeError('a stream has no token to go on from')
    return Uint32Array.of(this.#lastId)
  }

  get sampler(): AddonSampler {
    if (this.#sampler === undefined) throw new RangeError('the job has no slot yet')
    return this.#sampler
  }

  tellProgress(nowMs: number): void {
    if (this.promptTokensLeft === 0 || nowMs - this.#progressMs < PROGRESS_MS) return
    this.#progressMs = nowMs
    this.listener.progress({
      doneTokens: this.position,
      promptTokens: this.request.prompt.length,
    })
  }

  /**
   * A sampled token that does not end the answer by itself.
   *
   * @returns How the job ends with it, or null.
   */
  accept(id: number, bytes: Uint8Array, nowMs: number): Finish | null {
    this.#firstTokenMs ??= nowMs
    this.#lastId = id
    this.#completionTokens++
    this.#send(this.#text.push(bytes))
    if (this.#text.stopped) return 'stop'
    return this.tokensLeft <= 0 ? 'length' : null
  }

  finish(finish: Finish, nowMs: number): void {
    this.#forget()
    if (finish !== 'cancelled') this.#send(this.#text.end())
    const firstMs = this.#firstTokenMs ?? nowMs
    this.listener.done({
      finish,
      promptTokens: this.request.prompt.length,
      cachedTokens: this.#cachedTokens,
      completionTokens: this.#completionTokens,
      prefillMs: this.#slot < 0 ? 0 : firstMs - this.#startedMs,
      decodeMs: nowMs - firstMs,
    })
  }

  fail(fault: Fault): void {
    this.#forget()
    this.listener.failed(fault)
  }

  #forget(): void {
    this.#sampler?.dispose()
    this.request.prompt.fill(0)
  }

  #send(piece: TextPiece): void {
    if (piece.text !== '') this.listener.text(piece)
  }
}
