/**
 * One text of an answer on its way out: through its redactor, with its tokens beside it.
 *
 * What it gives: the same text for every cut of it into frames. A text that stops because another
 * one begins (a thought before an answer, an answer before a call) leaves whole; when it goes on, a
 * line break stands between, so that its two halves make no match that nobody judged.
 *
 * @packageDocumentation
 */
import type { TokenChance } from '../../wire/frames.ts'
import type { Finding, JsonRedactor, Piece, Redactor } from '../guard-port.ts'
import { TokenTrack, type TokenEntry } from './token-track.ts'

export interface FilteredText {
  readonly text: string
  /** null when nobody asked for them. */
  readonly tokens: readonly TokenEntry[] | null
}

export interface TextFrame {
  readonly text: string
  readonly chars: readonly number[]
  readonly chances: readonly TokenChance[]
}

const BREAK = '\n'

export class TextFilter {
  readonly #redactor: Redactor | JsonRedactor
  readonly #track: TokenTrack | null
  #progress: 'untouched' | 'running' | 'paused' = 'untouched'

  constructor(redactor: Redactor | JsonRedactor, tokens: 'told' | 'untold') {
    this.#redactor = redactor
    this.#track = tokens === 'told' ? new TokenTrack() : null
  }

  get state(): 'open' | 'whole' | 'blocked' {
    return this.#redactor.state()
  }

  take(frame: TextFrame): FilteredText {
    const before = this.#resume()
    this.#track?.add(frame.chars, frame.chances)
    return this.#told([...before, ...this.#redactor.push(frame.text, frame.chars)])
  }

  /** JSON does not pause: it is one document, whatever stands between its parts. */
  pause(): FilteredText {
    if (this.#progress !== 'running' || !('pause' in this.#redactor)) return this.#told([])
    this.#progress = 'paused'
    return this.#told(this.#redactor.pause())
  }

  end(): FilteredText {
    const { text, tokens } = this.#told(this.#redactor.end())
    const isBlocked = this.state === 'blocked'
    const rest = (isBlocked ? this.#track?.cut() : this.#track?.end()) ?? { text: '', tokens: [] }
    return { text: text + rest.text, tokens: tokens && [...tokens, ...rest.tokens] }
  }

  findings(): readonly Finding[] {
    return this.#redactor.findings()
  }

  #resume(): readonly Piece[] {
    const before = this.#progress
    this.#progress = 'running'
    if (before !== 'paused') return []
    this.#track?.add([BREAK.length], [null])
    return this.#redactor.push(BREAK)
  }

  #told(pieces: readonly Piece[]): FilteredText {
    if (this.#track !== null) return this.#track.take(pieces)
    return { text: pieces.map(({ text }) => text).join(''), tokens: null }
  }
}
