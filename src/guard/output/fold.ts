/**
 * What a character says when nobody cares how it is written: `Ｓ`, `ŝ`, `ѕ`, `$` and `5` all say `s`.
 *
 * It is for finding only. Text is never sent as it is folded, and two texts that fold to the same need
 * not be the same. What stands between letters and digits (spaces, dashes, what nobody sees) says
 * nothing: it folds to nothing.
 *
 * @packageDocumentation
 */

/** folded → what else says so. Lookalikes after Unicode TR39, and the digits and signs of leetspeak. */
const SAME: Readonly<Record<string, string>> = {
  a: '4@аαɑᴀ',
  b: '8Ьвβʙ',
  c: 'сϲᴄ',
  d: 'ԁɗᴅ',
  e: '3еєεᴇ',
  f: 'ғꜰ',
  g: '69ɡɢ',
  h: 'һнʜ',
  i: '1!lіιӏɪıʟ',
  j: 'јϳᴊ',
  k: 'кκᴋ',
  m: 'мᴍ',
  n: 'ոηпɴ',
  o: '0оοσօᴏ',
  p: 'рρᴘ',
  q: 'ԛ',
  r: 'гʀᴦ',
  s: '5$ѕꜱ',
  t: '7тτᴛ',
  u: 'υսᴜ',
  v: 'νѵᴠ',
  w: 'ωԝᴡ',
  x: 'хχ',
  y: 'уγʏ',
  z: '2ᴢ',
}

const FOLDED = new Map(
  Object.entries(SAME).flatMap(([folded, same]) =>
    Array.from(same, (character) => [character, folded] as const),
  ),
)

/** Blocks of letters that Unicode does not decompose: first of them → the letter it stands for. */
const LETTER_BLOCKS = [
  { first: 0x1f1e6, last: 0x1f1ff, to: 0x61, name: 'regional indicators' },
  { first: 0x1f150, last: 0x1f169, to: 0x61, name: 'negative circled' },
  { first: 0x1f170, last: 0x1f189, to: 0x61, name: 'negative squared' },
  { first: 0xe0020, last: 0xe007e, to: 0x20, name: 'tags' },
] as const

const SPEAKS = /[\p{L}\p{N}@$!]/u

/** @returns what it says; '' for what only sets letters apart. */
function foldLoosely(character: string): string {
  return Array.from(withoutCase(plainOf(character)), (part) =>
    SPEAKS.test(part) ? (FOLDED.get(part) ?? part) : '',
  ).join('')
}

const SILENT = /[\p{M}\p{Cf}]/u
const SPACE = /\s/

/** Without case, accents and what nobody sees; punctuation says what it is, and white space is a space. */
function foldCase(character: string): string {
  return Array.from(withoutCase(plainOf(character)), (part) => {
    if (SILENT.test(part)) return ''
    return SPACE.test(part) ? ' ' : part
  }).join('')
}

/** By way of the upper case, in which ς is Σ and ß is SS. */
function withoutCase(text: string): string {
  return text.toUpperCase().toLowerCase()
}

function plainOf(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0
  const block = LETTER_BLOCKS.find(({ first, last }) => codePoint >= first && codePoint <= last)
  if (block === undefined) return character.normalize('NFKD')
  return String.fromCharCode(codePoint - block.first + block.to)
}

export interface Folded {
  readonly says: string
  readonly to: number
}

const UNKNOWN = -1
/** Of a unit that says more than one letter, or is half a character. */
const NOT_ONE = -2
/** More are folded anew each time: a text may use every character there is. */
const MAX_REMEMBERED = 4096

/** A way to fold, with what it has folded before. */
class Folding {
  readonly #fold: (character: string) => string
  readonly #units = new Int32Array(0x10000).fill(UNKNOWN)
  readonly #characters = new Map<string, string>()

  constructor(fold: (character: string) => string) {
    this.#fold = fold
  }

  /** @returns the one unit that a unit says, 0 for none, and a negative number when `at` is to be asked. */
  unit(unit: number): number {
    const known = this.#units[unit] ?? UNKNOWN
    if (known !== UNKNOWN) return known
    const folded = isSurrogate(unit) ? '??' : this.#fold(String.fromCharCode(unit))
    const answer = folded.length > 1 ? NOT_ONE : folded === '' ? 0 : folded.charCodeAt(0)
    this.#units[unit] = answer
    return answer
  }

  /** The character that begins at a place; null when the text ends within it. */
  at(text: string, at: number, isEnd: boolean): Folded | null {
    const unit = text.charCodeAt(at)
    const one = this.unit(unit)
    if (one >= 0) return { says: one === 0 ? '' : String.fromCharCode(one), to: at + 1 }
    const isHigh = unit >= 0xd800 && unit <= 0xdbff
    if (isHigh && at + 1 >= text.length && !isEnd) return null
    const codePoint = text.codePointAt(at) ?? 0
    if (isSurrogate(codePoint)) return { says: '', to: at + 1 }
    const character = String.fromCodePoint(codePoint)
    const says = this.#characters.get(character) ?? this.#fold(character)
    if (this.#characters.size < MAX_REMEMBERED) this.#characters.set(character, says)
    return { says, to: at + character.length }
  }

  text(text: string): string {
    let says = ''
    for (let at = 0; at < text.length;) {
      const folded = this.at(text, at, true)
      says += folded?.says ?? ''
      at = folded?.to ?? text.length
    }
    return says
  }
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

/** For what is hidden on purpose. */
export const LOOSE = new Folding(foldLoosely)
/** For words that are only written differently. */
export const EXACT = new Folding(foldCase)
