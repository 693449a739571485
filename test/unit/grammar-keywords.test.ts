/** Each keyword, by texts that must pass and texts that must not. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { compileSchema, jsonObjectGrammar } from '../../src/grammar/compile.ts'
import { SchemaFault } from '../../src/grammar/limits.ts'
import { Gbnf } from '../fixtures/gbnf.ts'
import { GRAMMAR_CASES } from '../fixtures/grammar-cases.ts'

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })

describe.each(GRAMMAR_CASES)('$keyword $schema', ({ keyword, schema, yes, no }) => {
  const grammar = new Gbnf(compileSchema(schema).grammar)
  const validate = ajv.compile(schema as object)

  test.each(yes)('accepts %s', (text) => {
    expect(grammar.accepts(text)).toBe(true)
    expect(validate(JSON.parse(text)), 'the case itself').toBe(true)
  })

  test.each(no)('does not accept %s', (text) => {
    expect(grammar.accepts(text)).toBe(false)
  })

  if (keyword !== 'format') {
    test('what is valid JSON among the refused is invalid, or not in our spelling', () => {
      const valid = no.filter((text) => isJson(text) && validate(JSON.parse(text)))
      // Another spelling of an accepted value: spaces, -0, 1.0, a member that comes twice.
      expect(valid.filter((text) => !SPELLINGS.has(text))).toEqual([])
    })
  }
})

/** Valid, and yet not written: the spec page says so. */
const SPELLINGS = new Set([' true', 'true ', '-0', '1.0', '1e3', '{"a":  1}', '1e400'])

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('members come in the order of the schema, others behind them', () => {
  const schema = { type: 'object', properties: { b: {}, a: {} } }
  const grammar = new Gbnf(compileSchema(schema).grammar)
  expect(grammar.accepts('{"b":1,"a":2,"c":3}')).toBe(true)
  expect(grammar.accepts('{"a":1,"b":2}')).toBe(false)
  expect(grammar.accepts('{"c":3,"b":1}')).toBe(false)
})

test('properties that nothing was said of can be left out', () => {
  const schema = { type: 'object', properties: { a: { type: 'object' } } }
  const left = new Gbnf(compileSchema(schema, { unsaidProperties: 'left out' }).grammar)
  expect(left.accepts('{"a":{"free":1}}')).toBe(true)
  expect(left.accepts('{"b":1}')).toBe(false)
  const said = { ...schema, additionalProperties: true }
  const open = new Gbnf(compileSchema(said, { unsaidProperties: 'left out' }).grammar)
  expect(open.accepts('{"b":1}')).toBe(true)
})

test('names that JavaScript objects have of their own are names like any other', () => {
  const schema: unknown = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"integer"},"toString":{"type":"null"}},' +
      '"required":["__proto__","constructor"]}',
  )
  const grammar = new Gbnf(compileSchema(schema).grammar)
  expect(grammar.accepts('{"__proto__":1,"toString":null,"constructor":2}')).toBe(true)
  expect(grammar.accepts('{"__proto__":"x","constructor":2}')).toBe(false)
  expect(grammar.accepts('{"toString":null}')).toBe(false)
  expect(faultOf(JSON.parse('{"toString":1}')).keyword).toBe('toString')
  expect(faultOf(JSON.parse('{"__proto__":1}')).keyword).toBe('a keyword')
})

test('a lone surrogate is no character', () => {
  for (const schema of [{ type: 'string' }, { pattern: '^[^a]$' }, { pattern: '^[\\s\\S]$' }, {}]) {
    const grammar = new Gbnf(compileSchema(schema).grammar)
    expect(grammar.accepts('"\ud7ff"')).toBe(true)
    for (const text of ['"\ud800"', '"\udfff"']) expect(grammar.accepts(text)).toBe(false)
  }
})

test('json_object is any object, and nothing else', () => {
  const grammar = new Gbnf(jsonObjectGrammar().grammar)
  for (const text of ['{}', '{"a":[{"b":"c"}],"d":1.5e3}']) expect(grammar.accepts(text)).toBe(true)
  for (const text of ['[]', '"x"', '{"a"', '{} ', '']) expect(grammar.accepts(text)).toBe(false)
  const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(grammar.accepts(nested(17))).toBe(true)
  expect(grammar.accepts(nested(18))).toBe(false)
})

test('several schemas live in one grammar under names of their own', () => {
  const weather = compileSchema({ type: 'integer' }, { rootRule: 'tool-weather' })
  const search = compileSchema({ type: 'string', format: 'date' }, { rootRule: 'tool-search' })
  const root = `root ::= ${weather.rootRule} | ${search.rootRule}\n`
  const grammar = new Gbnf(root + weather.grammar + search.grammar)
  expect(['7', '"2024-02-29"'].every((text) => grammar.accepts(text))).toBe(true)
  expect(grammar.accepts('"7"')).toBe(false)
  expect(() => compileSchema({}, { rootRule: 'root-1' })).toThrow(TypeError)
  expect(() => compileSchema({}, { rootRule: 'a ::= b' })).toThrow(TypeError)
})

/** keyword, schema, where */
const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ['not', { not: {} }, '#'],
  ['if', { properties: { a: { if: {}, then: {} } } }, '#/properties/a'],
  ['dependentRequired', { dependentRequired: { a: ['b'] } }, '#'],
  ['unevaluatedProperties', { items: { unevaluatedProperties: false } }, '#/items'],
  ['contains', { contains: {} }, '#'],
  ['uniqueItems', { uniqueItems: true }, '#'],
  ['multipleOf', { anyOf: [{}, { multipleOf: 3 }] }, '#/anyOf/1'],
  ['minProperties', { minProperties: 1 }, '#'],
  ['$dynamicRef', { $dynamicRef: '#x' }, '#'],
  ['$id', { items: { $id: 'http://x/' } }, '#/items'],
  ['$schema', { $schema: 'http://example.com/mine' }, '#'],
  ['$ref', { $ref: 'http://example.com/schema' }, '#'],
  ['$ref', { $ref: '#/$defs/none' }, '#'],
  ['$ref', { $ref: '#anchor' }, '#'],
  ['$ref', { $ref: '#/%zz' }, '#'],
  ['$ref', { $ref: '#' }, '#'],
  ['$ref', { anyOf: [{ type: 'null' }, { $ref: '#' }] }, '#'],
  [
    '$ref',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      definitions: { a: {} },
      $ref: '#/definitions/a',
      minimum: 3,
    },
    '#',
  ],
  ['items', { items: [{}] }, '#'],
  ['oneOf', { oneOf: [{ type: 'integer' }, { minimum: 2 }] }, '#'],
  ['pattern', { pattern: 'a(?=b)' }, '#'],
  ['pattern', { pattern: '(?<!a)b' }, '#'],
  ['pattern', { pattern: '(a)\\1' }, '#'],
  ['pattern', { pattern: '\\bword' }, '#'],
  ['pattern', { pattern: '\\p{L}' }, '#'],
  ['pattern', { pattern: '(a' }, '#'],
  ['patternProperties', { patternProperties: { 'a**': {} } }, '#'],
  ['format', { format: 'uri' }, '#'],
  ['minimum', { type: 'number', minimum: 1e-21 }, '#'],
  ['exclusiveMaximum', { exclusiveMaximum: 1234567890123456 }, '#'],
  ['type', { type: 'text' }, '#'],
  ['type', { type: [] }, '#'],
  ['enum', { enum: [] }, '#'],
  ['const', { const: '\ud800' }, '#'],
  ['maxLength', { type: 'string', maxLength: 2001 }, '#'],
  ['minItems', { minItems: -1 }, '#'],
  ['required', { required: ['a', 'a'] }, '#'],
  ['', { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }, '#'],
  ['', false, '#'],
  ['', { type: 'integer', minimum: 2, maximum: 1 }, '#'],
  ['', { type: 'integer', exclusiveMinimum: 2, exclusiveMaximum: 3 }, '#'],
  ['', [], '#'],
  ['', undefined, '#'],
  ['', { properties: { a: 3 } }, '#/properties/a'],
]

test.each(REFUSED)('%s is refused in %j', (keyword, schema, pointer) => {
  const fault = faultOf(schema)
  expect({ keyword: fault.keyword, pointer: fault.pointer }).toEqual({ keyword, pointer })
  expect(fault.code).toBe('GRAMMAR_SCHEMA')
})

test('a fault repeats nothing that the client wrote, but for its keyword and the pointer', () => {
  const secret = 'my dog is called Rex'
  for (const schema of [
    { properties: { [secret]: { not: {} } } },
    { [secret]: 1 },
    { pattern: `(${secret}` },
    { patternProperties: { [`(${secret}`]: {} } },
    { $ref: `#/${secret}` },
    { enum: [secret], type: 'integer' },
    { const: { [secret]: '\ud800' } },
  ]) {
    expect(faultOf(schema).message).not.toContain('Rex')
  }
  expect(faultOf({ properties: { [secret]: { not: {} } } }).pointer).toContain('Rex')
})

function faultOf(schema: unknown): SchemaFault {
  try {
    compileSchema(schema)
  } catch (error) {
    if (error instanceof SchemaFault) return error
    throw error
  }
  throw new Error(`not refused: ${JSON.stringify(schema)}`)
}
