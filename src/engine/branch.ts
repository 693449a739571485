/**
 * One answer of a job: its slot, the tokens it goes on with, and its text.
 *
 * What it gives: the ids of the next batch, grammars that begin where they must, the end. What it
 * does not give: when it runs (`decode-loop.ts`).
 *
 * @packageDocumentation
 */
import { AnswerParser, type AnswerEvent } from './answer/answer-parser.ts'
import type { AnswerPlan } from './answer/answer-plan.ts'
import type { TokenChance } from './answer/token-line.ts'
import type { Sampler } from './sampler.ts'

export type Finish = 'stop' | 'length' | 'calls' | 'cancelled'

/** What a branch is told of a token that does not end the answer by itself. */
export interface SampledToken {
  readonly id: number
  /** As the answer's parser must see them. */
  readonly bytes: Uint8Array
  readonly chance: TokenChance | null
}

export interface BranchOptions {
  /** Its number among the answers to one prompt. */
  readonly choice: number
  readonly slot: number
  readonly sampler: Sampler
  readonly plan: AnswerPlan
  /** The longest it can get. */
  readonly answerTokens: number
  readonly tokenize: (text: string) => Uint32Array
}

export class Branch {
  readonly choice: number
  readonly sampler: Sampler
  slot: number
  /** The step in which it was last in a batch. */
  servedStep = 0
  /** Tokens that its slot holds. */
  position = 0
  completionTokens = 0
  finish: Finish | null = null
  readonly #options: BranchOptions
  readonly #parser: AnswerParser
  #queue: Uint32Array = new Uint32Array()
  readonly #ids: number[] = []

  constructor(options: BranchOptions) {
    this.choice = options.choice
    this.slot = options.slot
    this.sampler = options.sampler
    this.#options = options
    this.#parser = new AnswerParser(options.plan.parser)
    const { rules, parser } = options.plan
    if (rules !== null && !parser.grammarAt.answer) options.sampler.obey(rules, this.#said())
  }

  get tokensLeft(): number {
    return this.#options.answerTokens - this.completionTokens
  }

  /** Ids that wait to be decoded: the rest of a prompt, or the last token. */
  get queue(): Uint32Array {
    return this.#queue
  }

  /** @param ids - To be decoded next, from where the slot is. */
  goOnWith(ids: Uint32Array): void {
    this.#queue = ids
  }

  /** So many of the queue are decoded. */
  advance(tokens: number): void {
    this.position += tokens
    this.#queue = this.#queue.subarray(tokens)
  }

  get stop(): number | null {
    return this.#parser.stop
  }

  /**
   * @throws Fault `ENGINE_GRAMMAR` or `ENGINE_BUG`, which ends the job.
   * @returns What it adds to the answer; `finish` says whether it was the last.
   */
  accept(token: SampledToken): AnswerEvent[] {
    this.completionTokens++
    this.#ids.push(token.id)
    this.#queue = Uint32Array.of(token.id)
    const events = this.#parser.push(token.bytes, token.chance)
    for (const event of events) if (event.is === 'boundary') this.#beginGrammar(event)
    if (this.#parser.stopped) this.finish = 'stop'
    else if (this.tokensLeft <= 0) this.finish = 'length'
    return events
  }

  /** The model itself ended the answer. */
  endByModel(): void {
    this.finish = this.#parser.calls > 0 ? 'calls' : 'stop'
  }

  /** The rest of the text, once. */
  flush(): AnswerEvent[] {
    return this.#parser.end()
  }

  #said(): Uint32Array {
    return Uint32Array.from(this.#ids)
  }

  /** A token that reaches beyond the boundary is replaced by the ones that end there. */
  #beginGrammar({ at, kept }: { at: 'answer' | 'call'; kept: string | null }): void {
    const { rules, callRules } = this.#options.plan
    const grammar = at === 'call' ? callRules : rules
    if (grammar === null) return
    if (kept !== null) this.#queue = this.#options.tokenize(kept)
    this.sampler.obey(grammar, this.#said())
  }
}
