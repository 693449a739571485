/**
 * An answer's events as frames of the wire.
 *
 * What it gives: bytes of tokens in base64, logarithms that JSON can carry, frames within their
 * bounds. What it does not give: order; the caller has it.
 *
 * @packageDocumentation
 */
import type { Connection } from '../wire/connection.ts'
import type { TokenChance as WireChance } from '../wire/frames.ts'
import type { AnswerEvent } from './answer/answer-parser.ts'
import type { TextPiece, TokenChance } from './answer/token-line.ts'
import type { ModelVocabulary } from './vocabulary.ts'

/** Of `job.text`. */
const MAX_TEXT_CHARS = 16_384
/** Of `job.prompt`. */
const MAX_PROMPT_TOKENS = 256
/** What OpenAI says instead of minus infinity. */
const LEAST_LOGPROB = -9999

export type TokenWords = Pick<ModelVocabulary, 'bytesOf' | 'textOf'>

export class AnswerFrames {
  readonly #job: number
  readonly #connection: Connection<'engine', 'gateway'>
  readonly #vocabulary: TokenWords

  constructor(job: number, connection: Connection<'engine', 'gateway'>, vocabulary: TokenWords) {
    this.#job = job
    this.#connection = connection
    this.#vocabulary = vocabulary
  }

  send(choice: number, event: AnswerEvent): void {
    if (event.is === 'call') {
      this.#connection.send('job.call', { job: this.#job, choice, name: event.name })
    } else if (event.is === 'text') {
      this.#sendText(choice, event.part, event.piece)
    }
  }

  sendPrompt(tokens: readonly { id: number; chance: TokenChance | null }[]): void {
    for (let at = 0; at < tokens.length; at += MAX_PROMPT_TOKENS) {
      const chances = tokens
        .slice(at, at + MAX_PROMPT_TOKENS)
        // A control token of the prompt, such as the first, is no text of it.
        .map(({ id, chance }) => ({ ...this.#chanceOf(id, chance), bytes: this.#textOf(id) }))
      this.#connection.send('job.prompt', { job: this.#job, chances })
    }
  }

  #sendText(choice: number, part: 'answer' | 'thought' | 'arguments', piece: TextPiece): void {
    const { text, chars, chances } = piece
    // A piece is a token, or what a stop string of 256 characters held back.
    if (text.length > MAX_TEXT_CHARS) throw new RangeError(`a piece of ${text.length} characters`)
    this.#connection.send('job.text', {
      job: this.#job,
      choice,
      part,
      text,
      chars: [...chars],
      chances: part === 'answer' ? chances.map((chance) => this.#chanceOf(chance.id, chance)) : [],
    })
  }

  #chanceOf(id: number, chance: TokenChance | null): WireChance {
    return {
      bytes: this.#bytesOf(id),
      logprob: chance === null ? null : bounded(chance.logprob),
      top: (chance?.rivals ?? []).map((rival) => [this.#bytesOf(rival.id), bounded(rival.logprob)]),
    }
  }

  #textOf(id: number): string {
    return Buffer.from(this.#vocabulary.bytesOf(id)).toString('base64')
  }

  /** A control token has no bytes in an answer; here it is spelled, so that rivals can be told apart. */
  #bytesOf(id: number): string {
    const bytes = this.#vocabulary.bytesOf(id)
    const spelled = bytes.length > 0 ? bytes : Buffer.from(this.#vocabulary.textOf(id))
    return Buffer.from(spelled).toString('base64')
  }
}

function bounded(logprob: number): number {
  return Number.isFinite(logprob) ? Math.max(logprob, LEAST_LOGPROB) : LEAST_LOGPROB
}
