/**
 * One job: a prompt and its answers, from the wire's order to the last frame.
 *
 * What it gives: the counts and times of a job, who hears of it. What it does not give: when it
 * runs (`decode-loop.ts`), its answers' text (`branch.ts`), how its words travel (`session.ts`).
 *
 * @packageDocumentation
 */
import type { Fault } from '../errors.ts'
import type { Sampling } from '../wire/frames.ts'
import type { AnswerEvent } from './answer/answer-parser.ts'
import type { AnswerPlan } from './answer/answer-plan.ts'
import type { TokenChance } from './answer/token-line.ts'
import type { Branch, Finish } from './branch.ts'

export interface JobRequest {
  /** Whose prompt it is. */
  readonly client: string
  readonly prompt: Uint32Array
  /** Answers to it; each takes a slot. */
  readonly choices: number
  /** Of each answer; null: up to the end of the context. */
  readonly maxTokens: number | null
  readonly sampling: Sampling
  readonly plan: AnswerPlan
  /** Rivals to tell with each token; null: no chances. */
  readonly topLogprobs: number | null
  /** `tokens`: the prompt's own tokens are told, with their chances when those are asked for. */
  readonly echo: 'tokens' | 'none'
  readonly prefix: 'reuse' | 'fresh'
  readonly cuts: 'fixed' | 'fast'
}

export interface JobResult {
  readonly choices: readonly { readonly finish: Finish; readonly stop: number | null }[]
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
  /** Tokens of the prompt, in order; the first has no chance. */
  readonly prompt: (tokens: readonly { id: number; chance: TokenChance | null }[]) => void
  readonly said: (choice: number, event: AnswerEvent) => void
  readonly done: (result: JobResult) => void
  readonly failed: (fault: Fault) => void
  /** Whether the reader is so far behind that the job should wait. */
  readonly isBehind: () => boolean
}

const PROGRESS_MS = 500

export class Job {
  readonly request: JobRequest
  readonly listener: JobListener
  /** The longest that one answer can get. */
  readonly answerTokens: number
  cancelled = false
  /** The first reads the prompt; the others begin where it ends. Empty while the job waits. */
  branches: readonly Branch[] = []
  isReadingPrompt = true
  #cachedTokens = 0
  #startedMs: number | null = null
  #firstTokenMs: number | null = null
  #progressMs = 0

  /** @param contextTokens - Larger than the prompt. */
  constructor(request: JobRequest, listener: JobListener, contextTokens: number) {
    this.request = request
    this.listener = listener
    const room = contextTokens - request.prompt.length
    this.answerTokens = Math.min(request.maxTokens ?? room, room)
  }

  /** @param cachedTokens - Of the prompt, in the first branch's slot already. */
  start(branches: readonly Branch[], cachedTokens: number, nowMs: number): void {
    this.branches = branches
    this.#cachedTokens = cachedTokens
    this.#startedMs = nowMs
    this.#progressMs = nowMs
    branches[0]?.goOnWith(this.request.prompt.subarray(cachedTokens))
    this.listener.started({ promptTokens: this.request.prompt.length, cachedTokens })
  }

  /** Branches that have something to decode. */
  get running(): readonly Branch[] {
    const branches = this.isReadingPrompt ? this.branches.slice(0, 1) : this.branches
    return branches.filter(({ finish }) => finish === null)
  }

  get isOver(): boolean {
    return !this.isReadingPrompt && this.branches.every(({ finish }) => finish !== null)
  }

  tellProgress(nowMs: number): void {
    if (!this.isReadingPrompt || nowMs - this.#progressMs < PROGRESS_MS) return
    this.#progressMs = nowMs
    const promptTokens = this.request.prompt.length
    this.listener.progress({ doneTokens: this.branches[0]?.position ?? 0, promptTokens })
  }

  /** The whole prompt is decoded. */
  endPrompt(nowMs: number): void {
    this.isReadingPrompt = false
    this.#firstTokenMs = nowMs
  }

  /** The job's last word; a branch that has not ended was cancelled. */
  finish(nowMs: number): void {
    const choices = Array.from({ length: this.request.choices }, (_, choice) => {
      const branch = this.branches[choice]
      return { finish: branch?.finish ?? ('cancelled' as const), stop: branch?.stop ?? null }
    })
    this.#forget()
    const firstMs = this.#firstTokenMs ?? nowMs
    this.listener.done({
      choices,
      promptTokens: this.request.prompt.length,
      cachedTokens: this.#cachedTokens,
      completionTokens: this.branches.reduce((sum, branch) => sum + branch.completionTokens, 0),
      prefillMs: this.#startedMs === null ? 0 : firstMs - this.#startedMs,
      decodeMs: nowMs - firstMs,
    })
  }

  fail(fault: Fault): void {
    this.#forget()
    this.listener.failed(fault)
  }

  #forget(): void {
    for (const { sampler } of this.branches) sampler.dispose()
    this.request.prompt.fill(0)
  }
}
