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
export function foldCharacter(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0
  const block = LETTER_BLOCKS.find(({ first, last }) => codePoint >= first && codePoint <= last)
  const plain =
    block === undefined
      ? character.normalize('NFKD')
      : String.fromCharCode(codePoint - block.first + block.to)
  return Array.from(plain.toLowerCase(), (part) =>
    SPEAKS.test(part) ? (FOLDED.get(part) ?? part) : '',
  ).join('')
}

const UNKNOWN = -1
/** Of a unit that says more than one letter, or is half a character. */
const NOT_ONE = -2
const ONE = new Int32Array(0x10000).fill(UNKNOWN)
const MANY = new Map<string, string>()
/** More are folded anew each time: a text may use every character there is. */
const MAX_REMEMBERED = 4096

/** @returns the one unit that a unit says, 0 for none, and a negative number when `foldAt` is to be asked. */
export function foldUnit(unit: number): number {
  const known = ONE[unit] ?? UNKNOWN
  if (known !== UNKNOWN) return known
  const folded = isSurrogate(unit) ? '??' : foldCharacter(String.fromCharCode(unit))
  const answer = folded.length > 1 ? NOT_ONE : folded === '' ? 0 : folded.charCodeAt(0)
  ONE[unit] = answer
  return answer
}

export interface Folded {
  readonly says: string
  readonly to: number
}

/** The character that begins at a place; null when the text ends within it. */
export function foldAt(text: string, at: number, isEnd: boolean): Folded | null {
  const unit = text.charCodeAt(at)
  const isHigh = unit >= 0xd800 && unit <= 0xdbff
  if (isHigh && at + 1 >= text.length && !isEnd) return null
  const codePoint = text.codePointAt(at) ?? 0
  if (isSurrogate(codePoint)) return { says: '', to: at + 1 }
  const character = String.fromCodePoint(codePoint)
  const says = MANY.get(character) ?? foldCharacter(character)
  if (MANY.size < MAX_REMEMBERED) MANY.set(character, says)
  return { says, to: at + character.length }
}

export function foldText(text: string): string {
  let says = ''
  for (let at = 0; at < text.length;) {
    const one = foldUnit(text.charCodeAt(at))
    const folded = one >= 0 ? null : foldAt(text, at, true)
    says += folded?.says ?? (one > 0 ? String.fromCharCode(one) : '')
    at = folded?.to ?? at + 1
  }
  return says
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
