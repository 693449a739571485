/**
 * Tokens of an answer whose text is not sent yet, in a line that can be cut anywhere.
 *
 * What it gives: pieces of text with the UTF-16 length and the chance of each token in them. What it
 * does not give: where to cut; `answer-parser.ts` says that.
 *
 * @packageDocumentation
 */
import type { Chance } from '../batch-context.ts'

/** Bounds of the frame `job.text`. */
const MAX_HELD_TOKENS = 1000

/** One token of the model, and how likely it was when that was asked for. */
export interface TokenChance extends Chance {
  readonly id: number
}

export interface TextPiece {
  readonly text: string
  /** UTF-16 units of each token in `text`; their sum is its length. */
  readonly chars: readonly number[]
  /** One for each of `chars`, or none. */
  readonly chances: readonly TokenChance[]
}

interface HeldToken {
  readonly text: string
  /** Units from the start of the answer to the end of this token. */
  readonly end: number
  readonly chance: TokenChance | null
}

export class TokenLine {
  #tokens: HeldToken[] = []
  #start = 0
  #end = 0

  /** Units from the start of the answer to the first that is held, and to the end. */
  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#end
  }

  get text(): string {
    return this.#tokens.map(({ text }) => text).join('')
  }

  push(text: string, chance: TokenChance | null): void {
    this.#end += text.length
    this.#tokens.push({ text, end: this.#end, chance })
    // Tokens without text, one after the other, add nothing.
    if (this.#tokens.length > MAX_HELD_TOKENS) {
      this.#tokens = this.#tokens.filter((token) => token.text.length > 0)
    }
  }

  /**
   * The tokens that end at or before `unit`. Those without text wait for the one that completes
   * their character.
   */
  takeWhole(unit: number): TextPiece {
    const count = this.#tokens.findLastIndex(({ text, end }) => end <= unit && text.length > 0) + 1
    return this.#take(this.#tokens.splice(0, count))
  }

  /** All text before `unit`, a token cut where it must be. */
  takeTo(unit: number): TextPiece {
    const count = this.#tokens.findLastIndex(({ end }) => end <= unit) + 1
    const taken = this.#tokens.splice(0, count)
    const [cut, ...rest] = this.#tokens
    const at = cut === undefined ? 0 : unit - (cut.end - cut.text.length)
    if (cut !== undefined && at > 0) {
      taken.push({ ...cut, text: cut.text.slice(0, at), end: unit })
      this.#tokens = [{ ...cut, text: cut.text.slice(at) }, ...rest]
    }
    return this.#take(taken)
  }

  /** The text before `unit` is nobody's. */
  dropTo(unit: number): void {
    this.takeTo(unit)
  }

  /** The text from `unit` on was never said. */
  truncate(unit: number): void {
    this.#tokens = this.#tokens
      .filter(({ text, end }) => end - text.length < unit)
      .map((token) => ({
        ...token,
        text: token.text.slice(0, token.text.length - Math.max(token.end - unit, 0)),
        end: Math.min(token.end, unit),
      }))
    this.#end = Math.min(this.#end, Math.max(unit, this.#start))
  }

  #take(tokens: readonly HeldToken[]): TextPiece {
    const text = tokens.map((token) => token.text).join('')
    this.#start += text.length
    if (text === '') return NOTHING
    const chances = tokens.flatMap(({ chance }) => (chance === null ? [] : [chance]))
    return {
      text,
      chars: tokens.map((token) => token.text.length),
      chances: chances.length === tokens.length ? chances : [],
    }
  }
}

export const NOTHING: TextPiece = { text: '', chars: [], chances: [] }
