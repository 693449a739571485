/** Answers with thoughts and calls, cut into tokens in every way: always the same parts. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AnswerParser,
  type AnswerEvent,
  type CallOptions,
  type ParserOptions,
} from '../../src/engine/answer/answer-parser.ts'
import { callGrammar } from '../../src/engine/answer/call-grammar.ts'

type Format = CallOptions['format']

const FORMATS: Record<string, Format> = {
  hermes: {
    open: '<tool_call>\n',
    beforeName: '{"name": "',
    afterName: '", "arguments": ',
    afterArguments: '}\n</tool_call>',
    between: '\n<tool_call>\n',
    close: '',
    where: 'anywhere',
  },
  mistral: {
    open: '[TOOL_CALLS] [',
    beforeName: '{"name": "',
    afterName: '", "arguments": ',
    afterArguments: '}',
    between: ', ',
    close: ']',
    where: 'anywhere',
  },
  bare: {
    open: '',
    beforeName: '{"name": "',
    afterName: '", "parameters": ',
    afterArguments: '}',
    between: null,
    close: '',
    where: 'start',
  },
}

const NAMES = ['look', 'look_up', 'add']
const Call = fc.record({
  name: fc.constantFrom(...NAMES),
  value: fc.dictionary(
    fc.string({ maxLength: 6 }),
    fc.oneof(fc.integer(), fc.string({ maxLength: 12 }), fc.constant({ deep: ['}', '"{'] })),
    { maxKeys: 3 },
  ),
})
/** Nothing that begins a call or a thought. */
const Prose = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', 'é', '😀', 'b', '.'),
  maxLength: 30,
})
const Lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })

function written(format: Format, calls: readonly { name: string; value: unknown }[]): string {
  const { open, beforeName, afterName, afterArguments, between, close } = format
  const each = calls.map(
    ({ name, value }) =>
      `${beforeName}${name}${afterName}${JSON.stringify(value)}${afterArguments}`,
  )
  return `${open}${each.join(between ?? '')}${close}`
}

interface Parts {
  answer: string
  thought: string
  calls: { name: string; arguments: string }[]
}

function parse(text: string, lengths: readonly number[], options: ParserOptions) {
  const parser = new AnswerParser(options)
  const events: AnswerEvent[] = []
  const bytes = Buffer.from(text)
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!
    events.push(...parser.push(bytes.subarray(at, at + length)))
    at += length
    if (parser.stopped) break
  }
  events.push(...parser.end())
  const parts: Parts = { answer: '', thought: '', calls: [] }
  for (const event of events) {
    if (event.is === 'call') parts.calls.push({ name: event.name, arguments: '' })
    if (event.is !== 'text') continue
    expect(event.piece.chars.reduce((sum, units) => sum + units, 0)).toBe(event.piece.text.length)
    if (event.part === 'arguments') parts.calls.at(-1)!.arguments += event.piece.text
    else parts[event.part] += event.piece.text
  }
  return { parts, parser, events }
}

const NO_GRAMMAR = { answer: false, call: false }
const asParts = (calls: readonly { name: string; value: unknown }[]) =>
  calls.map(({ name, value }) => ({ name, arguments: JSON.stringify(value) }))

test.each(Object.entries(FORMATS))('calls of %s, with text before them or not', (_name, format) => {
  fc.assert(
    fc.property(
      Prose,
      fc.array(Call, { minLength: 1, maxLength: format.between === null ? 1 : 3 }),
      Lengths,
      (prose, calls, lengths) => {
        const before = format.where === 'anywhere' ? prose : ''
        const call = { format, names: NAMES, mode: 'may', beside: 'text' } as const
        const options = { stops: [], thoughts: null, calls: call, grammarAt: NO_GRAMMAR }
        const { parts, parser } = parse(before + written(format, calls), lengths, options)
        expect(parts.calls).toEqual(asParts(calls))
        expect(parts.answer).toBe(before)
        expect(parser.calls).toBe(calls.length)
      },
    ),
    { numRuns: 500 },
  )
})

test.each(Object.entries(FORMATS))('calls of %s from the first token on', (_name, format) => {
  fc.assert(
    fc.property(fc.array(Call, { minLength: 1, maxLength: 1 }), Lengths, (calls, lengths) => {
      const call = { format, names: NAMES, mode: 'must', beside: 'text' } as const
      const options = { stops: [], thoughts: null, calls: call, grammarAt: NO_GRAMMAR }
      const { parts } = parse(written(format, calls), lengths, options)
      expect(parts).toEqual({ answer: '', thought: '', calls: asParts(calls) })
    }),
  )
})

test('text that only looks like the beginning of a call stays text', () => {
  const format = FORMATS.bare!
  const call = { format, names: NAMES, mode: 'may', beside: 'text' } as const
  const options = { stops: [], thoughts: null, calls: call, grammarAt: NO_GRAMMAR }
  for (const text of ['{"name', '{"nama": "look"}', '{', '  {"na', 'x {"name": "look"', '\n\n']) {
    fc.assert(
      fc.property(Lengths, (lengths) => {
        expect(parse(text, lengths, options).parts).toEqual({
          answer: text,
          thought: '',
          calls: [],
        })
      }),
      { numRuns: 50 },
    )
  }
})

describe('JSON or a call', () => {
  const { hermes, mistral } = FORMATS
  const options = (format: Format): ParserOptions => {
    const calls = { format, names: NAMES, mode: 'may', beside: 'json' } as const
    return { stops: [], thoughts: null, calls, grammarAt: NO_GRAMMAR }
  }

  test.each([hermes!, mistral!])(
    'what was cut before the name of a call is no answer',
    (format) => {
      const opening = format.open + format.beforeName
      for (let length = 1; length < opening.length; length++) {
        const { parts } = parse(opening.slice(0, length), [1], options(format))
        expect(parts).toEqual({ answer: '', thought: '', calls: [] })
      }
    },
  )

  test('a call in a string is text', () => {
    fc.assert(
      fc.property(Lengths, Call, (lengths, call) => {
        const answer = JSON.stringify({ said: written(hermes!, [call]) })
        expect(parse(answer, lengths, options(hermes!)).parts.answer).toBe(answer)
        const called = parse(written(hermes!, [call]), lengths, options(hermes!))
        expect(called.parts.calls).toEqual(asParts([call]))
      }),
    )
  })
})

test.each([true, false])('thoughts, opened by the prompt: %s', (opensInPrompt) => {
  const thoughts = { open: '<think>', close: '</think>', opensInPrompt }
  const options = { stops: ['STOP'], thoughts, calls: null, grammarAt: NO_GRAMMAR }
  fc.assert(
    fc.property(Prose, Prose, Lengths, (thought, prose, lengths) => {
      const said = `${opensInPrompt ? '' : '<think>'}STOP${thought}</think>\n\n${prose}STOP more`
      const { parts, parser } = parse(said, lengths, options)
      // A stop string in a thought stops nothing.
      expect(parts.thought).toBe(`STOP${thought}`)
      expect(parts.answer).toBe(prose.trimStart())
      expect(parser.stop).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('a grammar begins exactly behind the trigger; a token that reaches beyond is cut', () => {
  const call = { format: FORMATS.hermes!, names: NAMES, mode: 'may', beside: 'text' } as const
  const grammarAt = { answer: false, call: true }
  const options = { stops: [], thoughts: null, calls: call, grammarAt }
  const parser = new AnswerParser(options)
  expect(parser.push(Buffer.from('well'))).toHaveLength(1)
  expect(parser.push(Buffer.from(' <tool'))).toEqual([])
  expect(parser.push(Buffer.from('_call>\n{'))).toContainEqual({
    is: 'boundary',
    at: 'call',
    kept: '_call>',
  })
  // What follows is what the grammar writes.
  const events = parser.push(Buffer.from('\n{"name": "add", "arguments": {}}\n</tool_call>'))
  expect(events).toContainEqual({ is: 'call', name: 'add' })
  expect(parser.calls).toBe(1)
  const whole = new AnswerParser(options)
  expect(whole.push(Buffer.from('<tool_call>'))).toContainEqual({
    is: 'boundary',
    at: 'call',
    kept: null,
  })
})

test('a call that left its grammar is a fault, not an answer', () => {
  const call = { format: FORMATS.hermes!, names: NAMES, mode: 'must', beside: 'text' } as const
  const options = { stops: [], thoughts: null, calls: call, grammarAt: NO_GRAMMAR }
  expect(() => parse('<tool_call>\n{"name": "unknown", ', [4], options)).toThrow('left its grammar')
})

test('the grammar of calls spells names and literals as GBNF wants them', () => {
  const format = { ...FORMATS.hermes!, open: 'a"\\\n\u0007', between: null }
  const text = callGrammar(format, [{ name: 'f', root: 't0-root' }], format.open)
  expect(text).toContain('calls-root ::= "a\\"\\\\\\n\\x07" calls-one')
  expect(text).toContain('calls-one ::= "f\\", \\"arguments\\": " t0-root "}\\n</tool_call>"')
})
