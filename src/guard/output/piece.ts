/**
 * What the redactor gives: text that may be sent, and what it stands for.
 *
 * @packageDocumentation
 */

/** What may be sent, in order. The pieces of a text cover all of it, unless it was stopped. */
export interface Piece {
  /** `masked`: the mask, or nothing where a mask goes on. */
  readonly is: 'clear' | 'masked'
  readonly text: string
  /** UTF-16 units of the input that it stands for. */
  readonly sourceChars: number
}

export function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('')
}
