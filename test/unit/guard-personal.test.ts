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
