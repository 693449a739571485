/**
 * Bytes of tokens to text, whole characters only.
 *
 * A token may end inside a character; its bytes wait for the next one. Bytes that are no UTF-8
 * become U+FFFD, as the encoding standard says, wherever the stream is cut.
 *
 * @packageDocumentation
 */

/** A token's share of the text: what its bytes completed, often all of its own, sometimes none. */
export class TokenTextDecoder {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  /** @returns The text that is complete now. */
  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true })
  }

  /** What is left: U+FFFD when the answer ends inside a character. */
  end(): string {
    return this.#decoder.decode()
  }
}
