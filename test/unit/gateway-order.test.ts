/** A request held against the engine it is for: slots, vocabulary, thinking, schemas. */
import { describe, expect, test } from 'vitest'
import { orderOf } from '../../src/gateway/chat/order.ts'
import { parseChatRequest } from '../../src/gateway/chat/request.ts'
import { SchemaBook } from '../../src/gateway/chat/schemas.ts'
import { READY } from './gateway-fakes.ts'

type Thinking = (typeof READY)['abilities']['thinking']

function order(over: object, thinking: Thinking = 'never') {
  const messages = [{ role: 'user', content: 'hello' }]
  const chat = parseChatRequest({ model: 'tiny', messages, ...over }, { maxMessages: 9 })
  const ready = { ...READY, slots: 4, abilities: { ...READY.abilities, thinking } }
  return orderOf(chat, { ready, clientId: 'c-1', schemas: new SchemaBook() })
}

const look = (parameters: object, strict = false) => ({
  type: 'function',
  function: { name: 'look', strict, parameters },
})
const format = (schema: object, strict = true) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'x', strict, schema } },
})
const INT = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }

test('every field reaches the engine', () => {
  const { order: sent } = order({
    n: 4,
    seed: 7,
    max_tokens: 9,
    stop: 'x',
    logprobs: true,
    top_logprobs: 3,
    logit_bias: { '49151': -1 },
    top_k: 5,
    min_p: 0.5,
    cache_prompt: false,
  })
  expect(sent).toMatchObject({
    client: 'c-1',
    choices: 4,
    maxTokens: 9,
    stop: ['x'],
    topLogprobs: 3,
    sampling: { seed: 7, topK: 5, minP: 0.5, biases: [[49_151, -1]] },
    prefix: 'fresh',
    cuts: 'fixed',
    echo: 'none',
    form: { rules: null, calls: null },
  })
  expect(order({}).order).toMatchObject({ prefix: 'reuse', cuts: 'fast', topLogprobs: null })
})

describe('what an engine cannot do', () => {
  test.each([
    [{ n: 5 }, 'invalid_value', 'n', 'n: 5 answers are more than the 4'],
    [{ logit_bias: { '49152': 1 } }, 'invalid_value', 'logit_bias', 'from 0 to 49151'],
  ])('%j', (over, code, param, says) => {
    expect(() => order(over)).toThrow(expect.objectContaining({ code, param }))
    expect(() => order(over)).toThrow(says)
  })

  test.each<
    [string | null, Thinking, 'default' | 'off' | 'invalid_value' | 'unsupported_parameter']
  >([
    [null, 'never', 'default'],
    [null, 'always', 'default'],
    ['none', 'never', 'default'],
    ['none', 'optional', 'off'],
    ['none', 'always', 'invalid_value'],
    ['low', 'optional', 'default'],
    ['max', 'always', 'default'],
    ['medium', 'never', 'unsupported_parameter'],
  ])('reasoning_effort %s of a model that thinks %s', (reasoning_effort, thinking, verdict) => {
    const ask = () => order({ reasoning_effort }, thinking).order.input
    if (verdict === 'default' || verdict === 'off')
      expect(ask()).toMatchObject({ thinking: verdict })
    else {
      const mistake = { code: verdict, param: 'reasoning_effort' }
      expect(ask).toThrow(expect.objectContaining(mistake))
    }
  })
})

describe('schemas', () => {
  test('of tools and of the answer become rules, each with its own names', () => {
    const { order: sent, shapes } = order({ tools: [look(INT, true)], ...format(INT, false) })
    expect(sent.input.kind === 'chat' && sent.input.tools[0]).toMatchObject({
      name: 'look',
      parameters: JSON.stringify(INT),
      rules: expect.stringContaining('t0-root ::=') as string,
    })
    expect(sent.form.rules).toContain('a-root ::=')
    expect(sent.form.calls).toEqual({ mode: 'may', only: null, atOnce: 'several' })
    expect(shapes.arguments.get('look')).toEqual({ strict: INT })
    expect(shapes.answer).toEqual({ strict: null })
  })

  test.each([
    [
      format({ type: 'object', properties: { a: { if: {} } } }),
      'if',
      'response_format.json_schema.schema',
    ],
    [
      { tools: [look({ type: 'object', properties: { a: { not: {} } } })] },
      'not',
      'tools[0].function.parameters',
    ],
    [
      { tools: [look({ properties: { a: { pattern: '(?=x)' } } })] },
      'pattern',
      'tools[0].function.parameters',
    ],
    [format({ $ref: 'http://example.org/s' }), '$ref', 'response_format.json_schema.schema'],
  ])('%j is refused by its keyword', (over, keyword, param) => {
    expect(() => order(over)).toThrow(expect.objectContaining({ code: 'invalid_value', param }))
    expect(() => order(over)).toThrow(`${param}: ${keyword}: `)
  })

  test('many tools share the work of one schema', () => {
    const heavy = { properties: { a: { type: 'string', format: 'email' } } }
    expect(() => order({ tools: [look(heavy)] })).not.toThrow()
    const tools = Array.from({ length: 128 }, (_, index) => ({
      type: 'function',
      function: { name: `t${index}`, parameters: heavy },
    }))
    expect(() => order({ tools })).toThrow('steps')
  })

  test('are remembered for the same client only, and not without end', () => {
    const book = new SchemaBook()
    const text = (n: number) => [
      { text: JSON.stringify({ const: n }), rootRule: 'a-root', place: 'x' },
    ]
    const [first] = book.compile('c-1', text(0))
    expect(book.compile('c-1', text(0))[0]).toBe(first)
    expect(book.compile('c-2', text(0))[0]).not.toBe(first)
    for (let n = 1; n < 400; n++) book.compile('c-1', text(n))
    expect(book.compile('c-1', text(0))[0]).not.toBe(first)
  })
})
