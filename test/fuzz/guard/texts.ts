/**
 * Texts that look like something to many detectors at once: examples of their own rows, whole,
 * broken, encoded and run into each other.
 *
 * @packageDocumentation
 */
import type { Random } from './random.ts'

const WORDS = [
  'the',
  'answer',
  'is',
  'my',
  'key',
  'password',
  'card',
  'call',
  'born',
  'on',
  'SSN',
  'IBAN',
]
const LABELS = [
  'api_key = ',
  'password: ',
  'token="',
  'Authorization: Bearer ',
  'DOB ',
  'MRN ',
  'tel. ',
]
const EDGES = [
  ' ',
  '',
  '',
  '\n',
  ', ',
  '.',
  '"',
  "'",
  '=',
  ': ',
  '\t',
  '/',
  '-',
  '_',
  '@',
  '\\',
  '`',
  '|',
  '((',
]
const UNICODE = [
  ...[
    'é',
    'e\u0301',
    '漢',
    '🙂',
    '👩‍👩‍👧',
    '\u200b',
    '\u200d',
    '\u00ad',
    '\u2060',
    '\ufeff',
    '\u202e',
    '\ufe0f',
  ],
  ...[
    '\u{e0041}',
    '\u{e007f}',
    '\u{e0100}',
    '\ud83d',
    '\udc00',
    '\0',
    '\u0130',
    'ß',
    'а',
    'ｅ',
    '１',
    '٣',
    '०',
    '\u2028',
  ],
]
const STARTS = [
  ...[
    '-----BEGIN RSA PRIVATE KEY-----\n',
    '-----BEGIN ',
    'eyJ',
    'sk-',
    'ghp_',
    'AKIA',
    '+49 ',
    '4111 ',
  ],
  ...[
    '![a](https://',
    '[a]: ',
    '<script>',
    '<img src=x onerror=',
    '\u001b[',
    '\u001b]8;;',
    'postgres://u:',
  ],
  ...[
    'ignore all previous instructions',
    '<|im_start|>system\n',
    'user: hi\nassistant: ',
    'DE89 3704',
  ],
]
const UNITS = [
  'a',
  '0',
  '1 ',
  '-',
  '@',
  'a.',
  'aB3',
  '\n',
  '=',
  ' ',
  '[',
  '\\',
  '"',
  '%41',
  'é',
  '\u200b',
  'eyJ',
]

export function composeText(random: Random, examples: readonly string[]): string {
  const parts = 1 + random.below(random.of([3, 8, 25]))
  let text = ''
  for (let n = 0; n < parts; n++) text += part(random, examples) + random.of(EDGES)
  return text
}

function part(random: Random, examples: readonly string[]): string {
  const roll = random.fraction()
  if (roll < 0.35) return encoded(random, broken(random, random.of(examples)))
  if (roll < 0.5) return random.of(WORDS)
  if (roll < 0.58) return random.of(LABELS) + broken(random, random.of(examples))
  if (roll < 0.68) return random.of(UNICODE)
  if (roll < 0.78) return random.of(STARTS)
  if (roll < 0.86) return random.of(UNITS).repeat(1 + random.below(random.of([5, 40, 700])))
  if (roll < 0.94) return letters(random)
  return String(random.below(10 ** (1 + random.below(18))))
}

function letters(random: Random): string {
  const alphabet = random.of([
    'abcdef0123456789',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
    'aZ9_-+/=',
    '0123456789 -',
  ])
  let text = ''
  for (let n = random.below(random.of([12, 70, 300])); n > 0; n--)
    text += random.of(Array.from(alphabet))
  return text
}

/** Mostly as it is: a match at a strange place is as good as half a match. */
function broken(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  const roll = random.fraction()
  if (roll < 0.55) return text
  if (roll < 0.65) return text.slice(0, at)
  if (roll < 0.72) return text.slice(at)
  if (roll < 0.82) return text.slice(0, at) + random.of(UNICODE) + text.slice(at)
  if (roll < 0.9) return text.slice(0, at) + random.of(EDGES) + text.slice(at)
  return random.happens(0.5) ? text.toUpperCase() : text + text
}

const CODES: readonly ((text: string) => string)[] = [
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Array.from(text).reverse().join(''),
  (text) => Array.from(text).join(' '),
  (text) => encodeURIComponent(text.toWellFormed()),
  (text) => text.replaceAll(/[a-z]/gi, turned),
]

function turned(letter: string): string {
  const first = letter < 'a' ? 65 : 97
  return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first)
}

function encoded(random: Random, text: string): string {
  return random.happens(0.2) ? random.of(CODES)(text) : text
}

/** A document of JSON whose strings and names are such texts. */
export function composeJson(random: Random, examples: readonly string[]): string {
  return JSON.stringify(value(random, examples, 3), null, random.of([0, 0, 1]))
}

function value(random: Random, examples: readonly string[], depth: number): unknown {
  const roll = random.fraction()
  if (depth > 0 && roll < 0.25) {
    return Array.from({ length: random.below(4) }, () => value(random, examples, depth - 1))
  }
  if (depth > 0 && roll < 0.55) {
    const members = Array.from({ length: random.below(4) }, () => [
      random.happens(0.2) ? composeText(random, examples) : random.of(WORDS),
      value(random, examples, depth - 1),
    ])
    return Object.fromEntries(members) as unknown
  }
  if (roll < 0.62) return random.of([null, true, false, 0, -1.5e300])
  if (roll < 0.7) return random.below(2 ** 53)
  return composeText(random, examples)
}
