/** Personal data: each row by what fires it, by what must not, and at every cut of both. */
import { describe, expect, test } from 'vitest'
import { PERSONAL_DETECTORS, PERSONAL_ROWS } from '../../src/guard/output/personal/personal.ts'
import { matchesIn } from '../fixtures/masking-stream.ts'

const find = (...chunks: string[]) => matchesIn(PERSONAL_DETECTORS, chunks)
const codesIn = (text: string) => find(text).map(({ code }) => code)

/** Cut in two at each place, and character by character. */
function everyCut(text: string): string[][] {
  const twos = Array.from({ length: text.length + 1 }, (_, i) => [text.slice(0, i), text.slice(i)])
  return [...twos, Array.from(text)]
}

/** What stands around a number in an answer. */
const FRAMES = [
  ['', ''],
  ['It is ', '.'],
  ['- **', '** and so on'],
  ['("', '")\n'],
] as const

const fires = PERSONAL_ROWS.flatMap((row) => row.examples.map((text) => [row.code, text] as const))
const stays = PERSONAL_ROWS.flatMap((row) =>
  row.counterexamples.map((text) => [row.code, text] as const),
)

describe('fires', () => {
  test.each(fires)('%s: %s', (code, text) => {
    for (const [front, back] of FRAMES) expect(codesIn(front + text + back)).toContain(code)
  })
})

describe('stays', () => {
  test.each(stays)('%s: %s', (code, text) => {
    for (const [front, back] of FRAMES) expect(codesIn(front + text + back)).not.toContain(code)
  })
})

/** What leaves, with the class of each finding in brackets. */
function mask(text: string): string {
  let out = ''
  let at = 0
  for (const { code, start, end } of find(text)) {
    out += `${text.slice(at, start)}[${code.split('.')[1]!}]`
    at = end
  }
  return out + text.slice(at)
}

describe('in a text', () => {
  test.each([
    [
      'a number belongs to the label next to it',
      'MRN and phone: 5551234567',
      'MRN and phone: [phone]',
    ],
    ['… of another kind', 'call about SSN 536904399', 'call about SSN [national-id]'],
    ['a label stays', 'Born: 12 May 1980, SSN: 536904399.', 'Born: [birth], SSN: [national-id].'],
    [
      'what stands between label and number is looked at too',
      'SSN of ada@example.org: 536904399',
      'SSN of [email]: [national-id]',
    ],
    [
      'a table',
      '| SSN | DOB |\n|---|---|\n| 536-90-4399 | x |',
      '| SSN | DOB |\n|---|---|\n| [national-id] | x |',
    ],
    ['HTML', '<td>SSN</td><td>536904399</td>', '<td>SSN</td><td>[national-id]</td>'],
    [
      'JSON',
      '{"date_of_birth":"1980-05-12","ssn":536904399}',
      '{"date_of_birth":"[birth]","ssn":[national-id]}',
    ],
    [
      'a label too far away',
      `SSN${' and so on'.repeat(5)} 536904399`,
      `SSN${' and so on'.repeat(5)} 536904399`,
    ],
    ['a count in between', 'SSN (9 digits): 536904399', 'SSN (9 digits): [national-id]'],
    [
      'numbers in a row',
      '536-90-4399,212-555-0123;4111111111111111',
      '[national-id],[phone];[card]',
    ],
    [
      'a number inside a longer one',
      '1536-90-43991 and 9212-555-01234',
      '1536-90-43991 and 9212-555-01234',
    ],
    ['an address with its port', 'http://84.12.7.201:8080/x', 'http://[network]:8080/x'],
    ['a Japanese label', '生年月日は1985年3月14日です', '生年月日は[birth]です'],
  ])('%s', (_name, given, sent) => {
    expect(mask(given)).toBe(sent)
  })

  test.each([
    'Version 12.4.16.1 of build 7.8.9.10, Chrome/91.0.4472.124',
    'ISBN 978-0-306-40615-7, UPC 012345678905, part 1234-56-7890',
    'At 12:30:15 on 2024-05-06 (06.05.2024) the price was $1,234,567.89',
    'id 550e8400-e29b-41d4-a716-446655440000, md5 5d41402abc4b2a76b9719d911017c592',
    'pi is 3.14159265358979, c is 299 792 458 m/s, t = 1700000000000',
    'x = [123, 456, 7890]; range 100-200-300; 10-20-30; 2020-2021',
    'Einstein was born on 14 March 1879 in Ulm',
    'git clone git@example.org:owner/name.git',
    'std::vector<a::b> v; dead::beef; ::1',
    'the order #555-123-4567, invoice INV-2024-001234',
  ])('leaves alone: %s', (text) => {
    expect(mask(text)).toBe(text)
  })
})

test('every cut of every vector, and of all of them in a row, finds the same', () => {
  for (const [, text] of [...fires, ...stays]) {
    const whole = `It is ${text}.`
    for (const given of [text, whole]) {
      const expected = JSON.stringify(find(given))
      for (const chunks of everyCut(given)) {
        if (JSON.stringify(find(...chunks)) !== expected) expect.fail(chunks.join('|'))
      }
    }
  }
  const all = [...fires, ...stays].map(([, text]) => text).join(' ')
  expect(find(...Array.from(all))).toEqual(find(all))
})

test('each row has a vector of both kinds, and a code that may be told', () => {
  for (const row of PERSONAL_ROWS) {
    expect(row.examples.length, row.code).toBeGreaterThan(0)
    expect(row.counterexamples.length, row.code).toBeGreaterThan(0)
    expect(row.code).toMatch(/^output\.[a-z0-9.-]{1,57}$/)
  }
  const codes = PERSONAL_ROWS.map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
})
