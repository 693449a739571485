/**
 * A text that was rewritten, and from where in the given text each place of it comes.
 *
 * Rewriting is by pieces: outside of a rewritten piece places move together, inside of one only
 * its edges are known. Rewriting again keeps the way back to the first text.
 *
 * @packageDocumentation
 */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

interface Piece {
  readonly at: number
  readonly end: number
  readonly sourceAt: number
  readonly sourceEnd: number
}

export class TracedText {
  readonly text: string
  readonly #pieces: readonly Piece[]
  readonly #source: TracedText | undefined

  private constructor(text: string, pieces: readonly Piece[], source: TracedText | undefined) {
    this.text = text
    this.#pieces = pieces
    this.#source = source
  }

  static of(text: string): TracedText {
    return new TracedText(text, [], undefined)
  }

  /** @param rewritten - a piece as it shall be; the same string leaves it alone. */
  rewrite(pattern: RegExp, rewritten: (piece: string, at: number) => string): TracedText {
    const edits: Edit[] = []
    for (const { 0: piece, index } of this.text.matchAll(pattern)) {
      const text = rewritten(piece, index)
      if (text !== piece) edits.push({ start: index, end: index + piece.length, text })
    }
    return this.edited(edits)
  }

  /** @param edits - in the order of the text, apart from each other. */
  edited(edits: readonly Edit[]): TracedText {
    if (edits.length === 0) return this
    const pieces: Piece[] = []
    let text = ''
    let done = 0
    for (const edit of edits) {
      text += this.text.slice(done, edit.start)
      done = edit.end
      pieces.push({
        at: text.length,
        end: text.length + edit.text.length,
        sourceAt: edit.start,
        sourceEnd: edit.end,
      })
      text += edit.text
    }
    return new TracedText(text + this.text.slice(done), pieces, this)
  }

  /** Other letters at the same places. */
  respelled(text: string): TracedText {
    return new TracedText(text, [], this)
  }

  /** Where in the given text that begins which begins here at `place`. */
  startOf(place: number): number {
    const piece = this.#lastBy(place, ({ at }) => at)
    let before = place
    if (piece !== undefined) {
      before = place < piece.end ? piece.sourceAt : piece.sourceEnd + (place - piece.end)
    }
    return this.#source === undefined ? before : this.#source.startOf(before)
  }

  /** Where in the given text that ends which ends here at `place`. */
  endOf(place: number): number {
    const piece = this.#lastBy(place - 1, ({ at }) => at)
    let before = place
    if (piece !== undefined) before = piece.sourceEnd + Math.max(0, place - piece.end)
    return this.#source === undefined ? before : this.#source.endOf(before)
  }

  #lastBy(place: number, placeOf: (piece: Piece) => number): Piece | undefined {
    let low = 0
    let high = this.#pieces.length
    while (low < high) {
      const middle = (low + high) >> 1
      const piece = this.#pieces[middle]
      if (piece !== undefined && placeOf(piece) <= place) low = middle + 1
      else high = middle
    }
    return this.#pieces[low - 1]
  }
}

/** Applies edits that may touch or overlap: one that begins inside of another is part of it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits.toSorted((one, other) => one.start - other.start || other.end - one.end)
  let result = ''
  let done = 0
  for (const { start, end, text: said } of sorted) {
    if (start >= done) result += text.slice(done, start) + said
    done = Math.max(done, end)
  }
  return result + text.slice(done)
}
