/** What leaves is the same for every cut of the model's text into tokens' frames. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChoiceFilter, type ChoicePart } from '../../src/gateway/chat/choice-filter.ts'
import { textOf } from '../../src/guard/output/redactor.ts'
import type { BodyOf, TokenChance } from '../../src/wire/frames.ts'
import { realGuard } from '../unit/gateway-guards.ts'

const GUARD = realGuard().answer([])

interface Token {
  readonly bytes: Buffer
  readonly chars: number
}

/** A text as a tokenizer may cut it: anywhere, also inside a character. */
const tokens = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.constantFrom('ada@', 'example', '.org', ' 4111', ' 1111', ' 111', '11111', 'sk-', 'A1'),
      fc.constantFrom('B2'.repeat(11), 'write ', 'to ', 'é', '😀', 'x@y.org', ' '),
    ),
    { maxLength: 14 },
  )
  .chain((texts) =>
    fc.array(fc.boolean(), { minLength: texts.length, maxLength: texts.length }).map((splits) =>
      texts.flatMap((text, index): Token[] => {
        const bytes = Buffer.from(text.toWellFormed())
        const isWide = bytes.length > text.length && bytes[0]! > 0x7f
        if (splits[index] !== true || !isWide) return [{ bytes, chars: text.length }]
        // The character belongs to the token that completes it.
        return [
          { bytes: bytes.subarray(0, 1), chars: 0 },
          { bytes: bytes.subarray(1), chars: text.length },
        ]
      }),
    ),
  )

function chanceOf({ bytes }: Token): TokenChance {
  return { bytes: bytes.toString('base64'), logprob: -1, top: [] }
}

function framesOf(list: readonly Token[], marks: readonly number[]): BodyOf<'job.text'>[] {
  const cuts = [...new Set(marks.map((n) => n % (list.length + 1)))].sort((a, b) => a - b)
  return [0, ...cuts].map((from, index) => {
    const some = list.slice(from, cuts[index] ?? list.length)
    return {
      job: 1,
      choice: 0,
      part: 'answer',
      text: new TextDecoder().decode(Buffer.concat(some.map(({ bytes }) => bytes))),
      chars: some.map(({ chars }) => chars),
      chances: some.map(chanceOf),
    }
  })
}

/** A frame never ends inside a character, as the engine promises. */
const isWhole = (frames: readonly BodyOf<'job.text'>[]) =>
  frames.every(({ text, chars }) => chars.reduce((sum, n) => sum + n, 0) === text.length)

function answer(frames: readonly BodyOf<'job.text'>[]): Extract<ChoicePart, { kind: 'text' }>[] {
  const filter = new ChoiceFilter(0, {
    guard: GUARD,
    shapes: { answer: 'text', arguments: new Map() },
    tokens: 'told',
  })
  const parts = [
    ...frames.flatMap((frame) => filter.take(frame)),
    ...filter.end({ finish: 'stop', stop: null }),
  ]
  return parts.filter((part) => part.kind === 'text')
}

const said = (parts: ReturnType<typeof answer>) => parts.map(({ text }) => text).join('')

test('text and tokens, 4,000 times', { timeout: 120_000 }, () => {
  let masked = 0
  fc.assert(
    fc.property(tokens, fc.array(fc.nat(30), { maxLength: 6 }), (list, marks) => {
      const [whole, cut] = [framesOf(list, []), framesOf(list, marks)]
      fc.pre(isWhole(whole) && isWhole(cut))
      const [one, many] = [answer(whole), answer(cut)]
      const plain = GUARD.redactor()
      const redacted = textOf([...plain.push(whole[0]!.text), ...plain.end()])
      expect([said(one), said(many)]).toEqual([redacted, redacted])
      const entries = (parts: typeof one) => parts.flatMap((part) => part.tokens ?? [])
      expect(entries(many)).toEqual(entries(one))
      for (const { text, tokens: told } of [...one, ...many]) {
        // Each piece leaves with its own tokens, and with no other.
        expect(Buffer.concat((told ?? []).map(({ bytes }) => bytes)).toString()).toBe(text)
      }
      const clear = entries(one).filter(({ logprob }) => logprob === -1)
      const all = list.map(({ bytes }) => bytes.toString('hex'))
      // What is told as the model's is the model's, in its order.
      let at = 0
      for (const { bytes } of clear) at = all.indexOf(bytes.toString('hex'), at) + 1
      expect(clear.length === 0 || at > 0).toBe(true)
      if (clear.length < list.length) masked++
    }),
    { numRuns: 4000 },
  )
  expect(masked).toBeGreaterThan(200)
})

test('JSON of an answer and of a call, 1,000 times', { timeout: 120_000 }, () => {
  const document = fc.dictionary(
    fc.constantFrom('a', 'to', 'ada@example.org'),
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constant('to ada@example.org'),
      fc.nat(),
    ),
  )
  const shapes = {
    answer: { strict: null },
    arguments: new Map([['send', { strict: { properties: { to: { format: 'email' } } } }]]),
  }
  const play = (text: string, marks: readonly number[], part: 'answer' | 'arguments') => {
    const filter = new ChoiceFilter(0, { guard: GUARD, shapes, tokens: 'untold' })
    const parts: ChoicePart[] = part === 'arguments' ? filter.call('send') : []
    const cuts = [...new Set(marks.map((n) => n % (text.length + 1)))].sort((a, b) => a - b)
    for (const [index, from] of [0, ...cuts].entries()) {
      const piece = text.slice(from, cuts[index] ?? text.length)
      const frame = { part, text: piece, chars: [piece.length], chances: [] }
      parts.push(...filter.take(frame))
    }
    parts.push(...filter.end({ finish: part === 'answer' ? 'stop' : 'calls', stop: null }))
    const texts = parts.map((p) => (p.kind === 'text' || p.kind === 'arguments' ? p.text : ''))
    const finish = parts.find((p) => p.kind === 'finish')?.finish
    return { text: texts.join(''), finish }
  }
  fc.assert(
    fc.property(document, fc.array(fc.nat(200), { maxLength: 8 }), (value, marks) => {
      const given = JSON.stringify(value)
      for (const part of ['answer', 'arguments'] as const) {
        const whole = play(given, [], part)
        expect(play(given, marks, part)).toEqual(whole)
        expect(whole.text).not.toContain('ada@')
        if (whole.finish !== 'content_filter') JSON.parse(whole.text)
        else expect(() => JSON.parse(whole.text) as unknown).toThrow()
      }
    }),
    { numRuns: 1000 },
  )
})
