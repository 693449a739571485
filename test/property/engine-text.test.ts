import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerParser, type AnswerEvent } from '../../src/engine/answer/answer-parser.ts'
import { plainPlan } from '../../src/engine/answer/answer-plan.ts'
import { StopMatcher } from '../../src/engine/answer/stop-strings.ts'
import { TokenTextDecoder } from '../../src/engine/answer/text-decoder.ts'
import type { TextPiece } from '../../src/engine/answer/token-line.ts'

/** The answer as it must be: up to the stop that completes first, the longest of those. */
function answerByOracle(
  text: string,
  stops: readonly string[],
): { text: string; stopped: boolean } {
  for (let end = 1; end <= text.length; end++) {
    const complete = stops.filter((stop) => stop !== '' && text.slice(0, end).endsWith(stop))
    if (complete.length === 0) continue
    const longest = Math.max(...complete.map((stop) => stop.length))
    return { text: text.slice(0, end - longest), stopped: true }
  }
  return { text, stopped: false }
}

/** Cuts anything that has `slice` at the given lengths, until it is used up. */
function cut<T extends { readonly length: number; slice(from: number, to: number): T }>(
  whole: T,
  lengths: readonly number[],
): T[] {
  const pieces: T[] = []
  let at = 0
  for (let i = 0; at < whole.length; i++) {
    const length = lengths.length === 0 ? whole.length : Math.max(lengths[i % lengths.length]!, 1)
    pieces.push(whole.slice(at, at + length))
    at += length
  }
  return pieces
}

const Text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', 'b'), maxLength: 30 }),
)
const Stops = fc.array(
  fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 5 }),
    fc.string({ unit: fc.constantFrom('é', '€', '😀', 'b'), minLength: 1, maxLength: 3 }),
  ),
  { maxLength: 4 },
)
const Lengths = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 5 })

test('stop strings: the same text as the oracle, wherever it is cut', () => {
  fc.assert(
    fc.property(Text, Stops, Lengths, (text, stops, lengths) => {
      const matcher = new StopMatcher(stops)
      for (const piece of cut(text, lengths)) matcher.push(piece)
      const expected = answerByOracle(text, stops)
      expect(matcher.stopped).toBe(expected.stopped)
      if (expected.stopped) expect(matcher.safeUnits).toBe(expected.text.length)
    }),
    { numRuns: 1000 },
  )
})

test('text is held back only while it may still become a stop', () => {
  fc.assert(
    fc.property(Text, Stops, (text, stops) => {
      const matcher = new StopMatcher(stops)
      for (let end = 1; end <= text.length; end++) {
        matcher.push(text.charAt(end - 1))
        if (matcher.stopped) return
        const held = text.slice(matcher.safeUnits, end)
        expect(held === '' || stops.some((stop) => stop.startsWith(held))).toBe(true)
        // And nothing was let go that could have become one.
        const starts = Array.from({ length: end }, (_, at) => text.slice(at, end))
        const longest = starts.find((rest) => stops.some((stop) => stop.startsWith(rest))) ?? ''
        expect(held).toBe(longest)
      }
    }),
    { numRuns: 500 },
  )
})

test('a stop that is half a character is no stop', () => {
  const matcher = new StopMatcher(['\ud83d'])
  matcher.push('😀')
  expect(matcher.stopped).toBe(false)
  expect(matcher.safeUnits).toBe(2)
})

test('bytes become the same text, wherever tokens end, in whole characters only', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), Lengths, (text, lengths) => {
      const decoder = new TokenTextDecoder()
      const pieces = cut(Buffer.from(text), lengths).map((bytes) => decoder.push(bytes))
      expect(pieces.join('') + decoder.end()).toBe(text)
      for (const piece of pieces) {
        expect(piece.isWellFormed()).toBe(true)
        if (!text.includes('\u{fffd}')) expect(piece).not.toContain('\u{fffd}')
      }
    }),
  )
})

test('bytes that are no UTF-8 become U+FFFD, the same wherever tokens end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), Lengths, (bytes, lengths) => {
      const decoder = new TokenTextDecoder()
      const text = cut(Buffer.from(bytes), lengths)
        .map((piece) => decoder.push(piece))
        .join('')
      expect(text + decoder.end()).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
    }),
  )
})

function answer(pieces: readonly Uint8Array[], stops: readonly string[]): TextPiece[] {
  const parser = new AnswerParser(plainPlan(stops).parser)
  const sent: AnswerEvent[] = []
  for (const piece of pieces) {
    sent.push(...parser.push(piece))
    if (parser.stopped) break
  }
  sent.push(...parser.end())
  return sent.flatMap((event) => (event.is === 'text' ? [event.piece] : []))
}

test('an answer: the oracle’s text, and lengths that add up to each piece', () => {
  fc.assert(
    fc.property(Text, Stops, Lengths, (text, stops, lengths) => {
      const tokens = cut(Buffer.from(text), lengths)
      const sent = answer(tokens, stops)
      expect(sent.map((piece) => piece.text).join('')).toBe(answerByOracle(text, stops).text)
      let counted = 0
      for (const piece of sent) {
        expect(piece.chars.reduce((sum, units) => sum + units, 0)).toBe(piece.text.length)
        expect(piece.text.isWellFormed()).toBe(true)
        counted += piece.chars.length
      }
      expect(counted).toBeLessThanOrEqual(tokens.length)
    }),
    { numRuns: 500 },
  )
})

test('tokens stay whole while a stop is possible, and three tokens of one character count as three', () => {
  const encode = (text: string) => Buffer.from(text)
  const euro = encode('€')
  expect(
    answer(
      [
        encode('one'),
        encode(' tw'),
        encode('o'),
        ...[0, 1, 2].map((at) => euro.subarray(at, at + 1)),
      ],
      ['wow'],
    ).filter(({ text }) => text !== ''),
  ).toEqual([
    { text: 'one', chars: [3], chances: [] },
    // "wo" may still become the stop, "€" says that it does not.
    { text: ' two€', chars: [3, 1, 0, 0, 1], chances: [] },
  ])
})

test('thousands of tokens without text stay within the frame', () => {
  const parser = new AnswerParser(plainPlan([]).parser)
  for (let at = 0; at < 5000; at++) expect(parser.push(new Uint8Array())).toEqual([])
  const [event] = parser.push(Buffer.from('x'))
  expect(event?.is === 'text' && event.piece.chars.length).toBeLessThanOrEqual(1024)
})
