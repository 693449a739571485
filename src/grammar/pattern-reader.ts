/**
 * A place in the source of a pattern.
 *
 * @packageDocumentation
 */

/** What is wrong with a pattern; the caller knows which keyword and where. */
export class PatternFlaw extends Error {
  override readonly name = 'PatternFlaw'
}

export class PatternReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
    if (!source.isWellFormed()) throw this.flaw('a lone surrogate')
  }

  get done(): boolean {
    return this.#at >= this.#source.length
  }

  sees(sign: string): boolean {
    return this.#source.startsWith(sign, this.#at)
  }

  seesOneOf(signs: string): boolean {
    return !this.done && signs.includes(this.#source.charAt(this.#at))
  }

  /** In a class: `-` and then something that can end a range. */
  seesRange(): boolean {
    return this.sees('-') && !this.sees('-]') && this.#at + 1 < this.#source.length
  }

  take(sign: string): boolean {
    if (!this.sees(sign)) return false
    this.#at += sign.length
    return true
  }

  /** The next code point. */
  next(): number {
    const point = this.#source.codePointAt(this.#at)
    if (point === undefined) throw this.flaw('it ends too early')
    this.#at += point > 0xffff ? 2 : 1
    return point
  }

  /** What stands before the next `end`, which is passed over. */
  until(end: string): string {
    const at = this.#source.indexOf(end, this.#at)
    if (at < 0) throw this.flaw('it ends too early')
    const text = this.#source.slice(this.#at, at)
    this.#at = at + end.length
    return text
  }

  /** So many hexadecimal digits as a number, or null when they are not there. */
  hex(digits: number): number | null {
    const text = this.#source.slice(this.#at, this.#at + digits)
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) return null
    this.#at += digits
    return Number.parseInt(text, 16)
  }

  flaw(reason: string): PatternFlaw {
    return new PatternFlaw(`${reason} (character ${this.#at})`)
  }
}
