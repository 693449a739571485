/**
 * One choice of an answer on its way out: each of its parts through a filter of its own.
 *
 * What it gives: parts that are safe to send, in the order of the model; tool calls numbered, their
 * arguments whole JSON; an end that says `content_filter` when a mask would have broken a schema, or
 * the policy ends the answer.
 * What it does not give: bounds on how much an engine says; job-book.ts has checked those.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { BodyOf } from '../../wire/frames.ts'
import type { AnswerGuard, Finding } from '../guard-port.ts'
import { TextFilter, type FilteredText } from './text-filter.ts'
import type { TokenEntry } from './token-track.ts'

export type Finish = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** Something of one choice that may be sent. */
export type ChoicePart =
  | {
      readonly kind: 'text'
      readonly choice: number
      readonly part: 'answer' | 'thought'
      readonly text: string
      readonly tokens: readonly TokenEntry[] | null
    }
  | { readonly kind: 'call'; readonly choice: number; readonly call: number; readonly name: string }
  | {
      readonly kind: 'arguments'
      readonly choice: number
      readonly call: number
      readonly text: string
    }
  | {
      readonly kind: 'finish'
      readonly choice: number
      readonly finish: Finish
      /** Which of the stop texts it was; null: none of them. */
      readonly stop: number | null
    }

/** JSON that an answer has promised to be; `strict` is the schema that also a mask may not break. */
export interface JsonShape {
  readonly strict: object | boolean | null
}

export interface AnswerShapes {
  readonly answer: JsonShape | 'text'
  /** By the name of the tool. */
  readonly arguments: ReadonlyMap<string, JsonShape>
}

export const TEXT_ONLY: AnswerShapes = { answer: 'text', arguments: new Map() }

type End = BodyOf<'job.done'>['choices'][number]
type Frame = Pick<BodyOf<'job.text'>, 'part' | 'text' | 'chars' | 'chances'>

export interface ChoiceOptions {
  readonly guard: AnswerGuard
  readonly shapes: AnswerShapes
  readonly tokens: 'told' | 'untold'
}

export class ChoiceFilter {
  readonly #choice: number
  readonly #options: ChoiceOptions
  readonly #answer: TextFilter
  readonly #thought: TextFilter
  readonly #calls: TextFilter[] = []
  #isOver = false

  constructor(choice: number, options: ChoiceOptions) {
    const { guard, shapes, tokens } = options
    this.#choice = choice
    this.#options = options
    this.#thought = new TextFilter(guard.redactor(), 'untold')
    const redactor =
      shapes.answer === 'text' ? guard.redactor() : guard.jsonRedactor(shapes.answer.strict)
    this.#answer = new TextFilter(redactor, tokens)
  }

  /** Nothing more comes of it: it has said how it ended. */
  get isOver(): boolean {
    return this.#isOver
  }

  get calls(): number {
    return this.#calls.length
  }

  /** @throws Fault `ENGINE_BUG` for what should be JSON and is not. */
  take(frame: Frame): ChoicePart[] {
    if (this.#isOver) return []
    const call = this.#calls.at(-1)
    if (frame.part === 'arguments')
      return call === undefined ? [] : this.#takeArguments(call, frame)
    const isAnswer = frame.part === 'answer'
    const before = isAnswer ? this.#pauseThought() : this.#pauseAnswer()
    if (this.isOver) return before
    const filter = isAnswer ? this.#answer : this.#thought
    const told = filter.take(frame)
    const parts = isAnswer ? this.#answerPart(told) : this.#thoughtPart(told)
    return [...before, ...parts, ...this.#endIfBlocked(filter)]
  }

  /** @throws Fault `ENGINE_BUG` when the arguments of the call before are not whole. */
  call(name: string): ChoicePart[] {
    if (this.#isOver) return []
    const before = this.#pauseAll()
    if (this.isOver) return before
    const { guard, shapes } = this.#options
    const strict = shapes.arguments.get(name)?.strict ?? null
    this.#calls.push(new TextFilter(guard.jsonRedactor(strict), 'untold'))
    return [...before, { kind: 'call', choice: this.#choice, call: this.calls - 1, name }]
  }

  /**
   * @throws Fault `ENGINE_BUG` when it ends before the JSON that was promised, or was given up.
   */
  end({ finish, stop }: End): ChoicePart[] {
    if (this.#isOver) return []
    // We did not cancel it, or this frame would not have come here.
    if (finish === 'cancelled') throw new Fault('ENGINE_BUG', 'the engine gave the answer up')
    const mayBeCut = finish === 'length' || stop !== null
    const parts = this.#flush(mayBeCut ? 'cut' : 'whole')
    if (this.isOver) return parts
    const isCut = this.#options.shapes.answer !== 'text' && this.#answer.state !== 'whole'
    if (isCut && finish === 'stop' && stop === null) {
      throw new Fault('ENGINE_BUG', 'the engine ended the answer inside its JSON')
    }
    return [...parts, this.#finish(finish === 'calls' ? 'tool_calls' : finish, stop)]
  }

  /** Ends it here: something else of the answer has been stopped. */
  block(): ChoicePart[] {
    if (this.#isOver) return []
    const parts = this.#flush('cut')
    return this.isOver ? parts : [...parts, this.#finish('content_filter', null)]
  }

  findings(): readonly Finding[] {
    return [this.#answer, this.#thought, ...this.#calls].flatMap((filter) => filter.findings())
  }

  #takeArguments(call: TextFilter, frame: Frame): ChoicePart[] {
    const parts = this.#argumentsPart(call.take({ ...frame, chances: [] }))
    return [...parts, ...this.#endIfBlocked(call)]
  }

  #pauseAnswer(): ChoicePart[] {
    const parts = this.#answerPart(this.#answer.pause())
    return [...parts, ...this.#endIfBlocked(this.#answer)]
  }

  #pauseThought(): ChoicePart[] {
    const parts = this.#thoughtPart(this.#thought.pause())
    return [...parts, ...this.#endIfBlocked(this.#thought)]
  }

  /** What a call ends; each of them may be what ends the choice. */
  #pauseAll(): ChoicePart[] {
    const parts: ChoicePart[] = []
    const call = this.#calls.at(-1)
    for (const pause of [
      () => this.#pauseThought(),
      () => this.#pauseAnswer(),
      () => [...this.#endCall('whole'), ...(call === undefined ? [] : this.#endIfBlocked(call))],
    ]) {
      if (!this.#isOver) parts.push(...pause())
    }
    return parts
  }

  /** The rest of everything, and the end if a mask blocks it after all. */
  #flush(last: 'whole' | 'cut'): ChoicePart[] {
    const parts = [
      ...this.#thoughtPart(this.#thought.end()),
      ...this.#answerPart(this.#answer.end()),
      ...this.#endCall(last),
    ]
    const filters = [this.#thought, this.#answer, ...this.#calls]
    const blocked = filters.find(({ state }) => state === 'blocked')
    return blocked === undefined || this.#isOver
      ? parts
      : [...parts, this.#finish('content_filter', null)]
  }

  #endCall(last: 'whole' | 'cut'): ChoicePart[] {
    const call = this.#calls.at(-1)
    if (call === undefined) return []
    const parts = this.#argumentsPart(call.end())
    if (last === 'whole' && call.state === 'open') {
      throw new Fault('ENGINE_BUG', 'the engine left the arguments of a call unfinished')
    }
    return parts
  }

  #endIfBlocked(filter: TextFilter): ChoicePart[] {
    return filter.state === 'blocked' ? this.#flush('cut') : []
  }

  #finish(finish: Finish, stop: number | null): ChoicePart {
    this.#isOver = true
    return { kind: 'finish', choice: this.#choice, finish, stop }
  }

  #answerPart({ text, tokens }: FilteredText): ChoicePart[] {
    if (text === '' && (tokens === null || tokens.length === 0)) return []
    return [{ kind: 'text', choice: this.#choice, part: 'answer', text, tokens }]
  }

  #thoughtPart({ text }: FilteredText): ChoicePart[] {
    if (text === '') return []
    return [{ kind: 'text', choice: this.#choice, part: 'thought', text, tokens: null }]
  }

  #argumentsPart({ text }: FilteredText): ChoicePart[] {
    if (text === '') return []
    return [{ kind: 'arguments', choice: this.#choice, call: this.calls - 1, text }]
  }
}
