/**
 * Tokens beside the text they belong to, through a redactor that holds back and masks.
 *
 * What it gives: text that leaves at the ends of tokens only, each token with it; where a mask has
 * touched tokens, one entry that says the mask and nothing of what was under it. So the tokens'
 * texts, joined, are the text. What it does not give: tokens of other texts than the one it follows.
 *
 * @packageDocumentation
 */
import type { TokenChance } from '../../wire/frames.ts'
import type { Piece } from '../guard-port.ts'

/** One token as it may be told. */
export interface TokenEntry {
  readonly bytes: Buffer
  /** null: nothing predicted it. */
  readonly logprob: number | null
  readonly top: readonly { readonly bytes: Buffer; readonly logprob: number }[]
}

export interface Told {
  readonly text: string
  readonly tokens: readonly TokenEntry[]
}

interface Token {
  readonly chars: number
  /** Units from the beginning of the text to its end. */
  readonly end: number
  /** null: text that the gateway itself has put in. */
  readonly chance: TokenChance | null
}

interface Span extends Piece {
  readonly start: number
  readonly end: number
}

/** What OpenAI's logprobs say of a token whose probability is not told. */
const UNTOLD_LOGPROB = -9999

export class TokenTrack {
  #tokens: Token[] = []
  #spans: Span[] = []
  #tokenUnits = 0
  #decidedUnits = 0
  #wasMasked = false

  /** Tokens of a text that is about to be pushed into the redactor. */
  add(chars: readonly number[], chances: readonly (TokenChance | null)[]): void {
    for (const [index, count] of chars.entries()) {
      this.#tokenUnits += count
      this.#tokens.push({ chars: count, end: this.#tokenUnits, chance: chances[index] ?? null })
    }
  }

  /** What the redactor has let out. */
  take(pieces: readonly Piece[]): Told {
    for (const piece of pieces) {
      const start = this.#decidedUnits
      this.#decidedUnits += piece.sourceChars
      this.#spans.push({ ...piece, start, end: this.#decidedUnits })
    }
    const groups: Told[] = []
    for (let size = this.#sizeOfNext(); size > 0; size = this.#sizeOfNext()) {
      groups.push(this.#leave(this.#tokens.splice(0, size)))
    }
    return joined(groups)
  }

  /** After the redactor's end: tokens without text of their own follow the last that had some. */
  end(): Told {
    const rest = this.#leave(this.#tokens.splice(0))
    const tail = this.#takeText(Infinity)
    return { text: rest.text + tail.text, tokens: rest.tokens }
  }

  /** After a redactor that lets nothing more out: what it has let out, and no token of the rest. */
  cut(): Told {
    this.#tokens = []
    const { text } = this.#takeText(Infinity)
    return { text, tokens: text === '' ? [] : [untold(text)] }
  }

  /** How many tokens leave together: up to an end that is decided, and not under a mask. */
  #sizeOfNext(): number {
    for (const [index, { chars, end }] of this.#tokens.entries()) {
      // Its bytes are a part of the character that the next token completes.
      if (chars === 0) continue
      if (end > this.#decidedUnits) return 0
      if (!this.#spans.some((span) => isMask(span) && span.start < end && end < span.end)) {
        return index + 1
      }
    }
    return 0
  }

  #leave(tokens: readonly Token[]): Told {
    const end = tokens.at(-1)?.end ?? 0
    const hasText = tokens.some(({ chars }) => chars > 0)
    const { text, isMasked } = this.#takeText(hasText ? end : 0)
    if (hasText) this.#wasMasked = isMasked
    if (!this.#wasMasked) {
      const chances = tokens.map(({ chance }) => chance).filter((chance) => chance !== null)
      return { text, tokens: chances.map(entryOf) }
    }
    if (text === '') return { text, tokens: [] }
    return { text, tokens: [untold(text)] }
  }

  #takeText(until: number): { text: string; isMasked: boolean } {
    let text = ''
    let isMasked = false
    for (
      let span = this.#spans[0];
      span !== undefined && span.start < until;
      span = this.#spans[0]
    ) {
      this.#spans.shift()
      isMasked ||= span.is === 'masked'
      const cut = isMask(span) ? span.text.length : Math.min(until - span.start, span.text.length)
      text += span.text.slice(0, cut)
      if (span.end <= until) continue
      this.#spans.unshift({ ...span, text: span.text.slice(cut), start: until })
      break
    }
    return { text, isMasked }
  }
}

/** What goes on behind a mask can be cut like text: how it comes in pieces says nothing. */
function isMask({ is, text }: Span): boolean {
  return is === 'masked' && text !== ''
}

/** What stands for tokens that are not told. */
function untold(text: string): TokenEntry {
  return { bytes: Buffer.from(text), logprob: UNTOLD_LOGPROB, top: [] }
}

function joined(groups: readonly Told[]): Told {
  return {
    text: groups.map(({ text }) => text).join(''),
    tokens: groups.flatMap(({ tokens }) => tokens),
  }
}

export function entryOf({ bytes, logprob, top }: TokenChance): TokenEntry {
  return {
    bytes: Buffer.from(bytes, 'base64'),
    logprob,
    top: top.map(([rival, chance]) => ({ bytes: Buffer.from(rival, 'base64'), logprob: chance })),
  }
}
