/** Values known in advance, however they are written; what is left says nothing of them. */
import { describe, expect, test } from 'vitest'
import { ENCODINGS } from '../../src/guard/output/encodings.ts'
import { spellMorse } from '../../src/guard/output/morse.ts'
import { createRedactor, textOf } from '../../src/guard/output/redactor.ts'
import { actionsOf, answerEveryWay, policyOf } from './guard-policies.ts'

const SECRET = 'Gl1mmer-0rchid_77'
const ONLY = actionsOf('allow', { 'known-secret': 'mask' })
const POLICY = policyOf({ actions: ONLY, secrets: [SECRET, 'plum-tart-91x'] })

function redact(chunks: readonly string[], policy = POLICY): string {
  const redactor = createRedactor(policy)
  return textOf([...chunks.flatMap((chunk) => redactor.push(chunk)), ...redactor.end()])
}

const redactEveryWay = (text: string) => answerEveryWay(POLICY, text).text

const codes = (spell: (code: number) => string) =>
  Array.from(SECRET, (letter) => spell(letter.charCodeAt(0))).join('')
const hex = (code: number, width: number) => code.toString(16).padStart(width, '0')

/** Read where they stand, so they have no row in the table. */
const READ: readonly (readonly [string, string])[] = [
  ['upper case', SECRET.toUpperCase()],
  ['spaces', Array.from(SECRET).join(' ')],
  ['dashes', Array.from(SECRET).join('-')],
  ['line breaks', Array.from(SECRET).join('\n')],
  ['zero widths', Array.from(SECRET).join('\u200b')],
  ['Markdown', Array.from(SECRET).join('**')],
  ['full width', codes((code) => String.fromCharCode(code + 0xfee0))],
  ['tags', codes((code) => String.fromCodePoint(code + 0xe0000))],
  ['Cyrillic lookalikes', SECRET.replaceAll('e', 'е').replaceAll('c', 'с')],
  ['accents', SECRET.replaceAll('m', 'm\u0301')],
  ['leetspeak', 'G1!mm3r-0rch!d_77'],
  ['URL', codes((code) => `%${hex(code, 2)}`)],
  ['JSON', codes((code) => `\\u${hex(code, 4)}`)],
  ['JavaScript', codes((code) => `\\u{${hex(code, 1)}}`)],
  ['C', codes((code) => `\\x${hex(code, 2)}`)],
  ['C, octal', codes((code) => `\\${code.toString(8).padStart(3, '0')}`)],
  ['HTML, decimal', codes((code) => `&#${code};`)],
  ['HTML, hexadecimal', codes((code) => `&#x${hex(code, 2)};`)],
  ['some of it escaped', SECRET.replace('0', '%30').replace('-', '\\u002d')],
  ['Morse', spellMorse(SECRET, ' ')],
  ['Morse with strokes', spellMorse(SECRET, ' / ')],
  ['spaced hex', Buffer.from(SECRET).toString('hex').match(/../g)!.join(' ')],
  [
    'upper hex with colons',
    Buffer.from(SECRET).toString('hex').toUpperCase().match(/../g)!.join(':'),
  ],
  ['url-safe base64', Buffer.from(`~~${SECRET}`).toString('base64url')],
  [
    'wrapped base64',
    Buffer.from(SECRET)
      .toString('base64')
      .match(/.{1,6}/g)!
      .join('\n'),
  ],
]

describe('what is read', () => {
  test.each(READ)('%s', (_name, spelled) => {
    expect(redactEveryWay(`is ${spelled} ok`)).toMatch(/^is .{0,4}\[SECRET\].{0,4} ok$/s)
  })
})

describe('what has a row', () => {
  test.each(ENCODINGS.map((row) => [row.name, row] as const))('%s', (_name, { spell }) => {
    for (const spelled of spell(SECRET)) {
      expect(redactEveryWay(`it's ${spelled} ok`)).toMatch(/^it's .{0,8}\[SECRET\].{0,8} ok$/s)
    }
  })

  test('in the middle of other bytes, at every alignment', () => {
    for (const lead of ['', 'a', 'ab', 'abc', 'abcd']) {
      const bytes = Buffer.from(`${lead}${SECRET}xyz`)
      expect(redact([bytes.toString('base64')])).toContain('[SECRET]')
      expect(redact([bytes.toString('hex')])).toContain('[SECRET]')
    }
  })
})

test.each([
  ['λόγος-κρυφός-12', 'ΛΌΓΟΣ-ΚΡΥΦΌΣ-12'],
  ['Gießen-Straße-9', 'GIESSEN-STRASSE-9'],
  ['P@ssw0rd!Winter', '.--. ... ... .-- ----- .-. -.. .-- .. -. - . .-.'],
])('%s as %s', (secret, spelled) => {
  const policy = policyOf({ actions: ONLY, secrets: [secret] })
  expect(answerEveryWay(policy, `it is ${spelled} ok`).text).toBe('it is [SECRET] ok')
})

describe('what is left alone', () => {
  test.each([
    'Glimmer orchid 78, and a plum tart for 91.',
    'R0xJTU1FUg== and 476c316d6d65 are beginnings',
    '100 % of it = A & B \\ C. -- .-. .- no',
    '| a | b |\n|---|---|\n| 1 | 2 |',
  ])('%s', (text) => {
    expect(redactEveryWay(text)).toBe(text)
  })
})

test('a value that is the beginning of another hides nothing of it', () => {
  const policy = policyOf({ actions: ONLY, secrets: ['plum-tart', 'plum-tart-91x'] })
  expect(redact(Array.from('plum tart 91 x, plum-tart.'), policy)).toBe('[SECRET], [SECRET].')
})

test('a long value goes to its end, though a part of it is enough', () => {
  const long = Array.from({ length: 300 }, (_, i) => (i * 7919).toString(36)).join('')
  const policy = policyOf({ actions: ONLY, secrets: [long] })
  expect(redact([`a ${long} b`], policy)).toBe('a [SECRET] b')
  const bits = Array.from(Buffer.from(long), (byte) => byte.toString(2).padStart(8, '0')).join(' ')
  expect(redact(bits.match(/.{1,7}/g)!, policy)).toBe('[SECRET]')
})

test('a value that ordinary text would say is refused, by its place and not its text', () => {
  const make = () => policyOf({ secrets: ['long-enough', 'abc!?'] })
  expect(make).toThrow(expect.objectContaining({ code: 'GUARD_SETTINGS' }))
  expect(make).not.toThrow('abc')
})
