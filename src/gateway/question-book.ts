/**
 * The questions of one engine connection that have one frame as their answer: how many tokens, which,
 * and the text of tokens.
 *
 * As job-book.ts, it takes the engine for a stranger: an answer of another kind, or of a size that
 * the question cannot have, is `WIRE_BROKEN`. What it does not give: trust in a text; the redactor
 * has not seen it.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { BodyOf } from '../wire/frames.ts'
import type { JobFrame } from './job-book.ts'

export type Question =
  | { readonly name: 'tokens.ask'; readonly body: Omit<BodyOf<'tokens.ask'>, 'job'> }
  | { readonly name: 'text.ask'; readonly body: Omit<BodyOf<'text.ask'>, 'job'> }

export type ToldFrame = Extract<
  JobFrame,
  { readonly name: 'tokens.told' | 'text.told' | 'job.failed' }
>

/** UTF-16 units of one token; as in job-book.ts. */
const MAX_TOKEN_CHARS = 256

interface Open {
  readonly question: Question
  readonly resolve: (frame: ToldFrame) => void
  readonly reject: (fault: Fault) => void
}

export class QuestionBook {
  readonly #open = new Map<number, Open>()

  get size(): number {
    return this.#open.size
  }

  /** @param id - From the same numbers as the jobs of the connection. */
  open(id: number, question: Question): Promise<ToldFrame> {
    const { promise, resolve, reject } = Promise.withResolvers<ToldFrame>()
    this.#open.set(id, { question, resolve, reject })
    return promise
  }

  has(id: number): boolean {
    return this.#open.has(id)
  }

  /**
   * @param vocabularyTokens - How many token ids the engine says it has.
   * @throws Fault `WIRE_BROKEN`.
   */
  accept(frame: JobFrame, vocabularyTokens: number): void {
    const open = this.#open.get(frame.body.job)
    if (open === undefined) throw broken(frame, 'for a question that was not asked')
    const told = checkTold(open.question, frame, vocabularyTokens)
    this.#open.delete(frame.body.job)
    open.resolve(told)
  }

  failAll(fault: Fault): void {
    for (const { reject } of this.#open.values()) reject(fault)
    this.#open.clear()
  }
}

function checkTold(question: Question, frame: JobFrame, vocabularyTokens: number): ToldFrame {
  if (frame.name === 'job.failed') return frame
  if (question.name === 'tokens.ask' && frame.name === 'tokens.told') {
    const { count, ids } = frame.body
    if (ids.length !== (question.body.want === 'ids' ? count : 0)) {
      throw broken(frame, 'with impossible counts')
    }
    if (ids.some((id) => id >= vocabularyTokens)) throw broken(frame, 'with an id out of range')
    return frame
  }
  if (question.name === 'text.ask' && frame.name === 'text.told') {
    if (frame.body.text.length > question.body.ids.length * MAX_TOKEN_CHARS) {
      throw broken(frame, 'with more text than the tokens can have')
    }
    return frame
  }
  throw broken(frame, `as the answer to ${question.name}`)
}

function broken(frame: JobFrame, why: string): Fault {
  return new Fault('WIRE_BROKEN', `${frame.name} ${why}`)
}
