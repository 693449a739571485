/**
 * The text of one answer: tokens in, pieces to send out.
 *
 * What it gives: whole characters, whole tokens (only the one that a stop string cuts is shorter),
 * the UTF-16 length of each token beside the text, and the stop. What it does not give: limits on
 * tokens, and the end that the model itself sets.
 *
 * @packageDocumentation
 */
import { StopMatcher } from './stop-strings.ts'
import { TokenTextDecoder } from './text-decoder.ts'

/** Bounds of the frame `job.text`; a stop string holds back far less. */
const MAX_UNSENT_TOKENS = 1000

export interface TextPiece {
  readonly text: string
  /** UTF-16 units of each token in `text`; their sum is its length. */
  readonly chars: readonly number[]
}

interface HeldToken {
  readonly text: string
  /** Units from the start of the answer to the end of this token. */
  readonly end: number
}

export class AnswerText {
  readonly #decoder = new TokenTextDecoder()
  readonly #stops: StopMatcher
  #held: HeldToken[] = []
  #units = 0

  constructor(stops: readonly string[]) {
    this.#stops = new StopMatcher(stops)
  }

  get stopped(): boolean {
    return this.#stops.stopped
  }

  /** @param bytes - Of one token; none for a control token. */
  push(bytes: Uint8Array): TextPiece {
    this.#hold(this.#decoder.push(bytes))
    return this.#takeSafe()
  }

  /** The rest, when the answer ends without a stop string. */
  end(): TextPiece {
    const rest = this.#decoder.end()
    if (rest.length > 0) this.#hold(rest)
    if (this.stopped) return this.#takeSafe()
    const tokens = this.#held
    this.#held = []
    return pieceOf(tokens.map(({ text }) => text))
  }

  #hold(text: string): void {
    if (this.stopped) return
    this.#stops.push(text)
    this.#units += text.length
    this.#held.push({ text, end: this.#units })
    // Tokens without text, one after the other, add nothing.
    if (this.#held.length > MAX_UNSENT_TOKENS) {
      this.#held = this.#held.filter(({ text }) => text.length > 0)
    }
  }

  #takeSafe(): TextPiece {
    const safe = this.#stops.safeUnits
    const whole = this.#held.filter(({ end }) => end <= safe)
    const texts = whole.map(({ text }) => text)
    this.#held = this.#held.slice(whole.length)
    if (this.stopped) {
      const cut = this.#held[0]
      if (cut !== undefined) {
        const kept = cut.text.slice(0, Math.max(safe - (cut.end - cut.text.length), 0))
        if (kept.length > 0) texts.push(kept)
      }
      this.#held = []
    }
    return pieceOf(texts)
  }
}

function pieceOf(texts: readonly string[]): TextPiece {
  const text = texts.join('')
  // Tokens without text wait for the one that completes their character.
  return { text, chars: text === '' ? [] : texts.map((part) => part.length) }
}
