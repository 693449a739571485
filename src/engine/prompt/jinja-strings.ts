/**
 * Python's string methods on a text whose characters may be disguised: what is compared is the
 * text as it was written (`plain`), what is cut and kept is the text as it is (`text`).
 *
 * Both have the same length. The Jinja library strips all white space whatever the argument of
 * `strip` says; llama.cpp strips the named characters, and so does this.
 *
 * @packageDocumentation
 */

export interface Sides {
  readonly left: boolean
  readonly right: boolean
}

export const STRIP_SIDES: Readonly<Record<string, Sides>> = {
  strip: { left: true, right: true },
  lstrip: { left: true, right: false },
  rstrip: { left: false, right: true },
}

/** Pure. `characters` null: white space. */
export function strip(
  text: string,
  plain: string,
  characters: string | null,
  sides: Sides,
): string {
  const isStripped = (character: string) =>
    characters === null ? character.trim() === '' : characters.includes(character)
  let start = 0
  let end = plain.length
  while (sides.left && start < end && isStripped(plain.charAt(start))) start++
  while (sides.right && end > start && isStripped(plain.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** Where `wanted` lies in `plain`, at most `most` times, not overlapping. `wanted` is not empty. */
function* places(plain: string, wanted: string, most: number): Generator<number> {
  let from = 0
  for (let count = 0; count < most; count++) {
    const at = plain.indexOf(wanted, from)
    if (at === -1) return
    yield at
    from = at + wanted.length
  }
}

/** Pure: the pieces between the separators; at most `maxPieces + 1` of them. */
export function split(text: string, plain: string, separator: string, most: number): string[] {
  const pieces: string[] = []
  let from = 0
  for (const at of places(plain, separator, most)) {
    pieces.push(text.slice(from, at))
    from = at + separator.length
  }
  pieces.push(text.slice(from))
  return pieces
}

export function replace(
  text: string,
  plain: string,
  change: { old: string; by: string },
  most: number,
): string {
  return split(text, plain, change.old, most).join(change.by)
}

/** Pure: `str.format` for `{}` alone, in order; what is no string is left out. */
export function fillBraces(text: string, words: readonly (string | null)[]): string {
  let next = 0
  return text.replace(/\{\}/g, () => words[next++] ?? '')
}
