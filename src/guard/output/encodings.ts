/**
 * How a value can be written so that it does not look like itself, as a table.
 *
 * Each row spells the value; the spelling is found in any case, and with spaces, dashes, line breaks
 * and what nobody sees between its letters (fold.ts). Escapes and Morse are undone where they are
 * read (views.ts), so they have no rows. What a decoder would have to guess has none either: other
 * keys, compression, a value in parts, descriptions of it.
 *
 * @packageDocumentation
 */
export interface Encoding {
  readonly name: string
  /** Whether the bytes matter, so that another case is another spelling. */
  readonly of: 'letters' | 'bytes'
  readonly spell: (value: string) => readonly string[]
  readonly reason: string
}

/** Those that fold.ts takes for letters. */
const SIGNS = /[@$!]/
const SIGNS_ALL = /[@$!]/g

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export const ENCODINGS: readonly Encoding[] = [
  { name: 'plain', of: 'letters', spell: (value) => [value], reason: 'the value itself' },
  {
    name: 'without signs',
    of: 'letters',
    spell: (value) => (SIGNS.test(value) ? [value.replaceAll(SIGNS_ALL, '')] : []),
    reason: 'Morse, and who reads aloud, leave out what passes for a letter elsewhere',
  },
  {
    name: 'reversed',
    of: 'letters',
    spell: (value) => [reverse(value)],
    reason: 'asked for often',
  },
  {
    name: 'rotated',
    of: 'letters',
    spell: (value) => Array.from({ length: 25 }, (_, by) => rotate(value, by + 1)),
    reason: 'ROT13 and its neighbours, which models mix up',
  },
  {
    name: 'atbash',
    of: 'letters',
    spell: (value) => [mirror(value)],
    reason: 'as simple as ROT13',
  },
  {
    name: 'bytes as characters',
    of: 'letters',
    spell: (value) => [String.fromCharCode(...bytesOf(value))],
    reason: 'what escapes of UTF-8 spell, byte by byte',
  },
  {
    name: 'spelling alphabet',
    of: 'letters',
    spell: (value) => [
      Array.from(value.toLowerCase(), (letter) => WORDS.get(letter) ?? '').join(''),
    ],
    reason: 'letter by letter, for a person who listens',
  },
  {
    name: 'numbers of letters',
    of: 'letters',
    spell: (value) => [Array.from(value.toLowerCase(), numberOf).join('')],
    reason: 'A is 1',
  },
  { name: 'base64', of: 'bytes', spell: spellBase64, reason: 'RFC 4648, at each alignment' },
  {
    name: 'base64 of UTF-16',
    of: 'bytes',
    spell: (value) => alignedBase64(Buffer.from(value, 'utf16le')),
    reason: 'as PowerShell takes it',
  },
  {
    name: 'base64 twice',
    of: 'bytes',
    spell: (value) => spellBase64(value).flatMap(spellBase64),
    reason: 'encoded again to get past the first row',
  },
  {
    name: 'base64 of hex',
    of: 'bytes',
    spell: (value) => [hexOf(value), hexOf(value).toUpperCase()].flatMap(spellBase64),
    reason: 'as above',
  },
  {
    name: 'hex of base64',
    of: 'bytes',
    spell: (value) => spellBase64(value).map(hexOf),
    reason: 'as above',
  },
  { name: 'base32', of: 'bytes', spell: spellBase32, reason: 'RFC 4648, at each alignment' },
  {
    name: 'base58',
    of: 'bytes',
    spell: (value) => [base58Of(value)],
    reason: 'addresses and keys',
  },
  { name: 'hex', of: 'bytes', spell: (value) => [hexOf(value)], reason: 'RFC 4648' },
  {
    name: 'hex literals',
    of: 'bytes',
    spell: (value) => [spellBytes(value, 16, 2, '0x')],
    reason: 'an array in C',
  },
  { name: 'octal', of: 'bytes', spell: (value) => [spellBytes(value, 8, 3)], reason: 'od, C' },
  {
    name: 'decimal codes',
    of: 'bytes',
    spell: (value) => [spellBytes(value, 10, 0), spellBytes(value, 10, 3)],
    reason: 'what `ord` gives',
  },
  {
    name: 'bits',
    of: 'bytes',
    spell: (value) => [spellBytes(value, 2, 8), spellBytes(value, 2, 7), spellBytes(value, 2, 0)],
    reason: 'asked for often',
  },
]

/** @returns what a text may be spelled from, so that only its letters are its own. */
export function casesOf(value: string): readonly string[] {
  return [...new Set([value, value.toLowerCase(), value.toUpperCase()])]
}

export function reverse(text: string): string {
  return Array.from(text).reverse().join('')
}

const ALPHABET = 26
const A = 0x61

export function rotate(text: string, by: number): string {
  return mapLetters(text, (place) => (place + by) % ALPHABET)
}

function mirror(text: string): string {
  return mapLetters(text, (place) => ALPHABET - 1 - place)
}

/** Letters of ASCII, as lower case. */
function mapLetters(text: string, to: (place: number) => number): string {
  return text
    .toLowerCase()
    .replaceAll(/[a-z]/g, (letter) => String.fromCharCode(A + to(letter.charCodeAt(0) - A)))
}

function numberOf(letter: string): string {
  return letter >= 'a' && letter <= 'z' ? String(letter.charCodeAt(0) - A + 1) : letter
}

/** ICAO Annex 10, with the digits as words. */
const WORDS = new Map(
  [
    ...'alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november'.split(
      ' ',
    ),
    ...'oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu'.split(' '),
  ]
    .map((word): [string, string] => [word.charAt(0), word])
    .concat(
      ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map(
        (word, digit) => [String(digit), word],
      ),
    ),
)

export function spellBase64(value: string): string[] {
  return alignedBase64(bytesOf(value))
}

/** The characters that are the same whatever stands around the bytes, for each place in a group. */
export function alignedBase64(bytes: Uint8Array): string[] {
  const skipped = [0, 2, 3]
  return skipped.map((skip, lead) => {
    const padded = Buffer.concat([Buffer.alloc(lead), bytes])
    const text = padded.toString('base64').replaceAll('=', '')
    return text.slice(skip, padded.length % 3 === 0 ? undefined : -1)
  })
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** As base64: five places in a group. */
function spellBase32(value: string): string[] {
  return [0, 1, 2, 3, 4].map((lead) => {
    const bits = '00000000'.repeat(lead) + spellBytes(value, 2, 8)
    const groups = bits.match(/[01]{5}/g) ?? []
    const text = groups.map((group) => BASE32.charAt(Number.parseInt(group, 2))).join('')
    return text.slice(Math.ceil((lead * 8) / 5))
  })
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function base58Of(value: string): string {
  let rest = BigInt(`0x0${hexOf(value)}`)
  let text = ''
  while (rest > 0n) {
    text = BASE58.charAt(Number(rest % 58n)) + text
    rest /= 58n
  }
  return text
}

function hexOf(value: string): string {
  return Buffer.from(value).toString('hex')
}

/** @param width - Digits of each byte, padded with zeros. */
function spellBytes(value: string, base: number, width: number, prefix = ''): string {
  return Array.from(
    bytesOf(value),
    (byte) => prefix + byte.toString(base).padStart(width, '0'),
  ).join('')
}
