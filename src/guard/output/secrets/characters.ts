/**
 * The kinds of characters that secrets are made of, by name; the names are used in shapes (shape.ts).
 *
 * @packageDocumentation
 */
export interface CharacterKind {
  /** By UTF-16 unit below 128: 1 where it belongs. */
  readonly table: Uint8Array
  readonly pattern: RegExp
  /** All of them, for specimens. */
  readonly members: string
}

const DIGITS = '0-9'

/** Name → members, as in a character class. */
const KINDS = {
  digit: DIGITS,
  hex: '0-9a-f',
  bighex: '0-9A-F',
  anyhex: '0-9a-fA-F',
  base32: 'A-Z2-7',
  small: 'a-z',
  lower: 'a-z0-9',
  upper: 'A-Z0-9',
  letter: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  id: 'A-Za-z0-9_',
  dash: 'A-Za-z0-9-',
  word: 'A-Za-z0-9_-',
  lowword: 'a-z0-9_-',
  lowdash: 'a-z0-9-',
  dot: 'A-Za-z0-9_.-',
  base64: 'A-Za-z0-9+/',
  base64pad: 'A-Za-z0-9+/=',
  urlpad: 'A-Za-z0-9_=-',
  dotpad: 'A-Za-z0-9_.=-',
  azure: 'A-Za-z0-9_~.-',
  token: 'A-Za-z0-9_.~+/=-',
  escaped: 'A-Za-z0-9%+/=_-',
  visible: '!#$%&()*+,./0-9:;=?@A-Z\\[\\]^_a-z{|}~-',
  login: 'A-Za-z0-9@._+-',
  blank: ' \\t\\n',
  slug: 'A-Za-z0-9_/.-',
} as const satisfies Record<string, string>
export type KindName = keyof typeof KINDS

const ASCII = 128

function kindOf(members: string): CharacterKind {
  const pattern = new RegExp(`[${members}]`)
  const all = Array.from({ length: ASCII }, (_, unit) => String.fromCharCode(unit))
  return {
    table: Uint8Array.from(all, (character) => (pattern.test(character) ? 1 : 0)),
    pattern,
    members: all.filter((character) => pattern.test(character)).join(''),
  }
}

const COMPILED = new Map(Object.entries(KINDS).map(([name, members]) => [name, kindOf(members)]))

/** @throws RangeError for a name that is not in the table. */
export function characterKind(name: string): CharacterKind {
  const kind = COMPILED.get(name)
  if (kind === undefined) throw new RangeError(`no kind of characters is called ${name}`)
  return kind
}

/** A table of one's own: `members` as in a character class. */
export function tableOf(members: string): Uint8Array {
  return kindOf(members).table
}

export function isIn(table: Uint8Array, unit: number): boolean {
  return table[unit] === 1
}

const ALNUM = kindOf('A-Za-z0-9').table

/** ASCII letters and digits: what continues a word, and hides what begins in it. */
export function isAlnum(unit: number): boolean {
  return ALNUM[unit] === 1
}
