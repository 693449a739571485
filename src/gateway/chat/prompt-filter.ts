/**
 * The prompt's own tokens on their way back to a client that asked to see them: the client's words
 * come through the engine, so they pass the redactor like everything else.
 *
 * @packageDocumentation
 */
import type { TokenChance } from '../../wire/frames.ts'
import type { Finding, Redactor } from '../guard-port.ts'
import { TextFilter, type FilteredText } from './text-filter.ts'

export class PromptFilter {
  readonly #filter: TextFilter
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(redactor: Redactor) {
    this.#filter = new TextFilter(redactor, 'told')
  }

  take(chances: readonly TokenChance[]): FilteredText {
    const texts = chances.map(({ bytes }) =>
      this.#decoder.decode(Buffer.from(bytes, 'base64'), { stream: true }),
    )
    const chars = texts.map(({ length }) => length)
    return this.#filter.take({ text: texts.join(''), chars, chances })
  }

  end(): FilteredText {
    // A prompt that ends inside a character: its last bytes are told with their token, not as text.
    return this.#filter.end()
  }

  /** Nothing more of the answer may leave either. */
  get isBlocked(): boolean {
    return this.#filter.state === 'blocked'
  }

  findings(): readonly Finding[] {
    return this.#filter.findings()
  }
}
