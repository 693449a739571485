/**
 * Where the JSON object at the start of a stream of text ends, wherever the stream is cut.
 *
 * @packageDocumentation
 */
export class JsonEnd {
  #depth = 0
  #inString = false
  #escaped = false

  /** @returns Units of this piece up to and with the end of the object; null: it goes on. */
  push(text: string): number | null {
    for (let at = 0; at < text.length; at++) {
      this.#step(text.charAt(at))
      if (this.#depth === 0 && !this.#inString) return at + 1
    }
    return null
  }

  #step(unit: string): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (unit === '\\') this.#escaped = true
      else if (unit === '"') this.#inString = false
      return
    }
    if (unit === '"') this.#inString = true
    else if (unit === '{' || unit === '[') this.#depth++
    else if (unit === '}' || unit === ']') this.#depth--
  }
}
