/** Personal data: what is found does not depend on how the text was cut, and little is held back. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PERSONAL_DETECTORS, PERSONAL_ROWS } from '../../src/guard/output/personal/personal.ts'
import { matchesIn, MaskingStream } from '../fixtures/masking-stream.ts'

const vectors = PERSONAL_ROWS.flatMap(({ examples, counterexamples }) => [
  ...examples,
  ...counterexamples,
])

/** Whole vectors, halves of them, and what may stand between. */
const piece = fc.oneof(
  fc.constantFrom(...vectors),
  fc.tuple(fc.constantFrom(...vectors), fc.nat(12)).map(([text, n]) => text.slice(n)),
  fc.tuple(fc.constantFrom(...vectors), fc.nat(12)).map(([text, n]) => text.slice(0, n)),
  fc.constantFrom(
    ' ',
    '\n',
    ', ',
    ': ',
    '-',
    '.',
    '(',
    ')',
    '/',
    '+',
    '#',
    'x',
    '00',
    ' and ',
    '日',
  ),
  fc.string({ maxLength: 6 }),
  fc.stringMatching(/^[0-9 .()+-]{1,12}$/),
)
const texts = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))

function cut(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = []
  let at = 0
  for (let i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length]!
    chunks.push(text.slice(at, at + size))
    at += size
  }
  return chunks
}

describe('cuts', () => {
  test('any chunking finds what the whole text finds', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(texts, sizes, (text, chunkSizes) => {
        const whole = matchesIn(PERSONAL_DETECTORS, [text])
        expect(matchesIn(PERSONAL_DETECTORS, cut(text, chunkSizes))).toEqual(whole)
      }),
      { numRuns: 3000 },
    )
  })

  test('each detector alone: the same, and never more held back than it says', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...PERSONAL_DETECTORS), (text, detector) => {
        const alone = [detector]
        const stream = new MaskingStream(alone)
        for (const character of text.split('')) {
          stream.push(character)
          expect(stream.longestHeld).toBeLessThanOrEqual(detector.maxHoldBackChars)
        }
        stream.end()
        expect(stream.matches).toEqual(matchesIn(alone, [text]))
      }),
      { numRuns: 3000 },
    )
  })
})

test('no detector holds back more than 600 characters', () => {
  for (const detector of PERSONAL_DETECTORS) {
    expect(detector.maxHoldBackChars, detector.code).toBeLessThanOrEqual(600)
  }
})

test('ordinary prose leaves word by word', () => {
  const stream = new MaskingStream(PERSONAL_DETECTORS)
  stream.push('The quick brown fox jumps over the lazy dog, said the man in 1984, ')
  expect(stream.longestHeld).toBeLessThanOrEqual(2)
})

test('the longest words, runs of digits and rows of labels take linear time', () => {
  for (const unit of [
    'a',
    '1',
    '1 ',
    '+1 ',
    'ssn ',
    'dob: ',
    'born 1',
    '(',
    'aa:',
    'tel 1-',
    '٣',
    '0x',
  ]) {
    const stream = new MaskingStream(PERSONAL_DETECTORS)
    const text = unit.repeat(Math.floor(20_000 / unit.length))
    const startMs = performance.now()
    for (let at = 0; at < text.length; at += 50) stream.push(text.slice(at, at + 50))
    stream.end()
    // Quadratic work takes minutes here.
    expect(performance.now() - startMs, unit).toBeLessThan(5000)
  }
})
