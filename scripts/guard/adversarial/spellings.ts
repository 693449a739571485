/**
 * Ways to write a value so that it does not look like itself, each with the way back.
 *
 * Written apart from the guard's own tables, so that a mistake there is none here. A row that loses
 * what it spells (Morse has no Greek) says so by null.
 *
 * @packageDocumentation
 */
export interface Spelling {
  readonly name: string
  /** Null: the value cannot be written so. */
  readonly write: (value: string) => string | null
  /** All that a text says when it is read so. */
  readonly read: (text: string) => readonly string[]
}

const asIs = (text: string) => [text]
const chars = (value: string) => Array.from(value)
const joined = (by: string) => (value: string) => chars(value).join(by)
const bytes = (value: string) => [...Buffer.from(value)]
const only = (pattern: RegExp, write: (value: string) => string) => (value: string) =>
  pattern.test(value) ? write(value) : null
const ASCII = /^[\x20-\x7e]+$/

function rotated(text: string, by: number): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter < 'a' ? 65 : 97
    return String.fromCharCode(first + ((letter.charCodeAt(0) - first + by) % 26))
  })
}

function mirrored(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter < 'a' ? 65 : 97
    return String.fromCharCode(first + 25 - (letter.charCodeAt(0) - first))
  })
}

/** Each run of the alphabet, read from each of the places where a group may begin. */
function readRuns(text: string, run: RegExp, group: number, read: (part: string) => string) {
  const said: string[] = []
  for (const [found] of text.replaceAll(/[\r\n]/g, '').matchAll(run)) {
    for (let skip = 0; skip < group; skip++) said.push(read(found.slice(skip)))
  }
  return said
}

const readBase64 = (text: string) =>
  readRuns(text, /[A-Za-z0-9+/_-]{8,}/g, 4, (part) =>
    Buffer.from(part.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString(),
  )

const readHex = (text: string) =>
  readRuns(text.replaceAll(/0x|[\s,:]/g, ''), /[0-9a-f]{8,}/gi, 2, (part) =>
    Buffer.from(part, 'hex').toString(),
  )

/** Numbers one after the other, each a byte. */
const readNumbers = (base: number, digits: RegExp) => (text: string) => [
  Buffer.from(
    (text.match(digits) ?? []).map((one) => Number.parseInt(one, base)).filter((n) => n < 256),
  ).toString(),
]

const LETTERS32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function write32(value: string): string {
  const bits = bytes(value).map((byte) => byte.toString(2).padStart(8, '0'))
  const groups = bits.join('').match(/[01]{1,5}/g) ?? []
  return groups.map((one) => LETTERS32.charAt(Number.parseInt(one.padEnd(5, '0'), 2))).join('')
}

const read32 = (text: string) =>
  readRuns(text, /[A-Z2-7]{8,}/g, 8, (part) => {
    const bits = chars(part).map((one) => LETTERS32.indexOf(one).toString(2).padStart(5, '0'))
    const whole = bits.join('').match(/[01]{8}/g) ?? []
    return Buffer.from(whole.map((one) => Number.parseInt(one, 2))).toString()
  })

const MORSE: ReadonlyMap<string, string> = new Map(
  [
    'a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-.',
    's... t- u..- v...- w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-....',
    '7--... 8---.. 9----.',
  ]
    .join(' ')
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.slice(1)]),
)
const LETTER_OF = new Map([...MORSE].map(([letter, signs]) => [signs, letter]))

const WORDS = (
  'alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar ' +
  'papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu zero one two three four ' +
  'five six seven eight nine'
).split(' ')
const WORD_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const wordOf = (letter: string) => WORDS[WORD_LETTERS.indexOf(letter)]

const alnum = (value: string) => chars(value.toLowerCase()).filter((one) => /[a-z0-9]/.test(one))
const escapes = (pattern: RegExp, base: number) => (text: string) => [
  text.replaceAll(pattern, (_found, digits: string) =>
    String.fromCodePoint(Math.min(Number.parseInt(digits, base), 0x10ffff)),
  ),
]
/** Bytes as characters of their number, put together again. */
const asUtf8 = (text: string) => Buffer.from(text, 'latin1').toString()

export const SPELLINGS: readonly Spelling[] = [
  { name: 'plain', write: (value) => value, read: asIs },
  { name: 'upper case', write: (value) => value.toUpperCase(), read: asIs },
  { name: 'lower case', write: (value) => value.toLowerCase(), read: asIs },
  { name: 'spaced', write: joined(' '), read: asIs },
  { name: 'dashed', write: joined('-'), read: asIs },
  { name: 'dotted', write: joined('.'), read: asIs },
  { name: 'a letter a line', write: joined('\n'), read: asIs },
  { name: 'zero widths', write: joined('\u200b'), read: asIs },
  { name: 'emphasis between', write: joined('**'), read: asIs },
  { name: 'a JSON list', write: (value) => JSON.stringify(chars(value)), read: asIs },
  {
    name: 'reversed',
    write: (value) => chars(value).reverse().join(''),
    read: (text) => [chars(text).reverse().join('')],
  },
  { name: 'ROT13', write: (value) => rotated(value, 13), read: (text) => [rotated(text, 13)] },
  { name: 'ROT3', write: (value) => rotated(value, 3), read: (text) => [rotated(text, 23)] },
  { name: 'Atbash', write: mirrored, read: (text) => [mirrored(text)] },
  { name: 'base64', write: (value) => Buffer.from(value).toString('base64'), read: readBase64 },
  {
    name: 'base64, one byte in front',
    write: (value) => Buffer.from(`~${value}~`).toString('base64'),
    read: readBase64,
  },
  {
    name: 'base64, two bytes in front',
    write: (value) => Buffer.from(`~~${value}`).toString('base64'),
    read: readBase64,
  },
  {
    name: 'base64url',
    write: (value) => Buffer.from(value).toString('base64url'),
    read: readBase64,
  },
  {
    name: 'base64 in lines',
    write: (value) =>
      (
        Buffer.from(value)
          .toString('base64')
          .match(/.{1,8}/g) ?? []
      ).join('\n'),
    read: readBase64,
  },
  {
    name: 'base64 twice',
    write: (value) => Buffer.from(Buffer.from(value).toString('base64')).toString('base64'),
    read: (text) => readBase64(text).flatMap(readBase64),
  },
  { name: 'base32', write: write32, read: read32 },
  { name: 'hex', write: (value) => Buffer.from(value).toString('hex'), read: readHex },
  {
    name: 'hex with colons',
    write: (value) =>
      (Buffer.from(value).toString('hex').toUpperCase().match(/../g) ?? []).join(':'),
    read: readHex,
  },
  {
    name: 'a list in C',
    write: (value) =>
      bytes(value)
        .map((one) => `0x${one.toString(16).padStart(2, '0')}`)
        .join(', '),
    read: readHex,
  },
  {
    name: 'percent',
    write: (value) =>
      bytes(value)
        .map((one) => `%${one.toString(16).padStart(2, '0')}`)
        .join(''),
    read: (text) => escapes(/%([0-9a-f]{2})/gi, 16)(text).map(asUtf8),
  },
  {
    name: 'JSON escapes',
    write: (value) =>
      value.replaceAll(/[^]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
    read: escapes(/\\u([0-9a-f]{4})/gi, 16),
  },
  {
    name: 'C escapes',
    write: (value) =>
      bytes(value)
        .map((one) => `\\x${one.toString(16).padStart(2, '0')}`)
        .join(''),
    read: (text) => escapes(/\\x([0-9a-f]{2})/gi, 16)(text).map(asUtf8),
  },
  {
    name: 'HTML, decimal',
    write: (value) =>
      chars(value)
        .map((one) => `&#${one.codePointAt(0) ?? 0};`)
        .join(''),
    read: escapes(/&#(\d{1,7});/g, 10),
  },
  {
    name: 'HTML, hexadecimal',
    write: (value) =>
      chars(value)
        .map((one) => `&#x${(one.codePointAt(0) ?? 0).toString(16)};`)
        .join(''),
    read: escapes(/&#x([0-9a-f]{1,6});/gi, 16),
  },
  {
    name: 'bits',
    write: (value) =>
      bytes(value)
        .map((one) => one.toString(2).padStart(8, '0'))
        .join(' '),
    read: readNumbers(2, /[01]{8}/g),
  },
  {
    name: 'octal',
    write: (value) =>
      bytes(value)
        .map((one) => one.toString(8).padStart(3, '0'))
        .join(' '),
    read: readNumbers(8, /\b[0-7]{3}\b/g),
  },
  {
    name: 'decimal codes',
    write: (value) => bytes(value).join(', '),
    read: readNumbers(10, /\b\d{2,3}\b/g),
  },
  {
    name: 'Morse',
    write: only(ASCII, (value) =>
      alnum(value)
        .map((one) => MORSE.get(one) ?? '')
        .join(' '),
    ),
    read: (text) => [
      (text.match(/[.-]{1,5}/g) ?? []).map((signs) => LETTER_OF.get(signs) ?? '').join(''),
    ],
  },
  {
    name: 'spelling alphabet',
    write: only(ASCII, (value) => alnum(value).map(wordOf).join(' ')),
    read: (text) => [
      (text.toLowerCase().match(/[a-z]+/g) ?? [])
        .map((word) => WORD_LETTERS.charAt(WORDS.indexOf(word)))
        .join(''),
    ],
  },
  {
    name: 'full width',
    write: only(ASCII, (value) =>
      value.replaceAll(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
    ),
    read: (text) => [text.normalize('NFKC')],
  },
  {
    name: 'tags',
    write: only(ASCII, (value) =>
      chars(value)
        .map((one) => String.fromCodePoint(0xe0000 + one.charCodeAt(0)))
        .join(''),
    ),
    read: (text) => [
      chars(text)
        .map((one) => String.fromCodePoint((one.codePointAt(0) ?? 0) & 0x7f))
        .join(''),
    ],
  },
]
