/**
 * Marks a stranger's characters, so that they can be told from the template's after rendering.
 *
 * Each character that the model's special tokens are spelled with is exchanged for a private-use
 * character, one for one, in the strangers' texts only. A rendered text then says of each of those
 * characters who wrote it, whatever the template did to the text: cut it, trim it, put it together.
 * White space, quotes and backslashes stay themselves, because templates trim and quote.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'

const PRIVATE_FIRST = 0xe000
const PRIVATE_LAST = 0xf8ff

/** Characters that may be exchanged: one code unit, and not what templates trim, split or quote by. */
export function canDisguise(character: string): boolean {
  return character.length === 1 && !/[\s"'\\\ud800-\udfff\ue000-\uf8ff]/.test(character)
}

export class Disguise {
  /** Code unit → its disguise, 0 for none; and back. */
  readonly #hidden = new Uint16Array(65_536)
  readonly #shown = new Uint16Array(65_536)

  /**
   * @param alphabet - The characters to exchange; {@link canDisguise} holds for each.
   * @param texts - Everything that will be rendered: private-use characters in it are left alone.
   * @throws Fault `ENGINE_TEMPLATE` when the texts use up the private-use characters.
   */
  constructor(alphabet: readonly string[], texts: readonly string[]) {
    const taken = new Set<string>()
    for (const text of texts)
      for (const [used] of text.matchAll(/[\ue000-\uf8ff]/g)) taken.add(used)
    let next = PRIVATE_FIRST
    for (const character of alphabet) {
      while (next <= PRIVATE_LAST && taken.has(String.fromCharCode(next))) next++
      if (next > PRIVATE_LAST) {
        throw new Fault(
          'ENGINE_TEMPLATE',
          `${taken.size} kinds of private-use characters in the messages leave too few free`,
        )
      }
      this.#hidden[character.charCodeAt(0)] = next
      this.#shown[next] = character.charCodeAt(0)
      next++
    }
  }

  /** A stranger's text, as the template gets it. Of the same length. */
  hide(text: string): string {
    return exchange(text, this.#hidden)
  }

  /** As it was written. Of the same length. */
  reveal(text: string): string {
    return exchange(text, this.#shown)
  }

  /** Whether the character at `index` is a stranger's, as far as it is of the alphabet. */
  isStrangersAt(text: string, index: number): boolean {
    return this.#shown[text.charCodeAt(index)] !== 0
  }

  /** Whether any character of it is a stranger's. */
  touches(text: string): boolean {
    return this.reveal(text) !== text
  }
}

function exchange(text: string, table: Uint16Array): string {
  const units = new Uint16Array(text.length)
  let changed = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const other = table[unit] ?? 0
    if (other !== 0) changed++
    units[i] = other === 0 ? unit : other
  }
  if (changed === 0) return text
  return Buffer.from(units.buffer).toString('utf16le')
}
