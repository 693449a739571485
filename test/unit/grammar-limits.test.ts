/** Schemas that want too much. */
import { expect, test } from 'vitest'
import { compileSchema } from '../../src/grammar/compile.ts'
import { DEFAULT_LIMITS, SchemaFault } from '../../src/grammar/limits.ts'
import { Gbnf } from '../fixtures/gbnf.ts'

const range = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))
const nested = (depth: number) => {
  let schema: unknown = { type: 'integer' }
  for (let level = 0; level < depth; level++) schema = { type: 'array', items: schema }
  return schema
}
const chain = (length: number, next: (name: string) => unknown) => ({
  $ref: '#/$defs/d0',
  $defs: {
    ...Object.fromEntries(
      range(length, (index): [string, unknown] => [`d${index}`, next(`#/$defs/d${index + 1}`)]),
    ),
    [`d${length}`]: { type: 'integer' },
  },
})
const named = (count: number, make: (index: number) => unknown) => ({
  type: 'object',
  properties: Object.fromEntries(range(count, (index) => [`p${index}`, make(index)])),
})
/** Two branches that begin alike and contain themselves: 2^depth readings of `{"c":{"c":…`. */
const doubling = (first: object) => ({
  $ref: '#/$defs/n',
  $defs: {
    n: {
      anyOf: [1, 2].map((value) => ({
        type: 'object',
        properties: { ...first, c: { $ref: '#/$defs/n' }, k: { const: value } },
        required: [...Object.keys(first), 'k'],
      })),
    },
  },
})

const HOSTILE: readonly (readonly [string, unknown, RegExp])[] = [
  ['nested a little too deep', nested(100), /deeper than 32/],
  ['nested beyond any stack', nested(50_000), /deeper than 32/],
  ['a value beyond any stack', { const: deepValue(50_000) }, /too deep/],
  ['many schemas', { anyOf: range(6_000, () => ({})) }, /more than 5000/],
  ['many values', { enum: range(6_000, String) }, /more than 5000/],
  ['a long row of references', chain(4_000, ($ref) => ({ $ref })), /in a row/],
  ['a pattern of 2^20 states', { pattern: '(a|b)*a(a|b){20}' }, /4000 states/],
  ['a pattern of a million steps', { pattern: '^(a{1000}){1000}$' }, /20000 steps/],
  ['a long pattern', { pattern: 'a'.repeat(1_001) }, /1000 characters/],
  ['groups in groups', { pattern: '('.repeat(400) + ')'.repeat(400) }, /deeper than 32/],
  ['many patterns', named(200, (i) => ({ pattern: `(a|b)*a(a|b){9}${i}` })), /steps|longer/],
  ['many wide classes', named(100, (i) => ({ pattern: `^[${wide(i)}]{1,200}$` })), /steps|longer/],
  ['lengths that add up', named(400, (i) => ({ maxLength: 100 + i })), /add up/],
  ['branches that multiply', { allOf: range(30, twoWays) }, /128 ways/],
  ['readings that double', doubling({}), /begin alike/],
  ['long texts', { enum: range(4_000, (i) => 'n'.repeat(i)) }, /steps|longer/],
  [
    'pattern names',
    { patternProperties: Object.fromEntries(range(17, (i) => [`${i}`, {}])) },
    /16/,
  ],
  ['combinations', conjunctions(), /steps|longer|combinations/],
]

function deepValue(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

function wide(index: number): string {
  return range(300, (k) => String.fromCharCode(0x4e00 + index * 7 + 2 * k)).join('')
}

function twoWays(index: number): unknown {
  return { anyOf: ['a', 'b'].map((name) => ({ required: [`${name}${index}`], type: 'object' })) }
}

function conjunctions(): unknown {
  const to = (index: number) => ({ $ref: `#/$defs/d${index % 40}` })
  const properties = (index: number) =>
    Object.fromEntries(range(6, (k) => [`x${k}`, to(index * (2 * k + 1) + k * k + 1)]))
  return {
    allOf: [0, 7, 13, 22].map(to),
    $defs: Object.fromEntries(range(40, (i) => [`d${i}`, { properties: properties(i) }])),
  }
}

test.each(HOSTILE)('%s: refused, and soon', (_, schema, reason) => {
  const start = performance.now()
  expect(() => compileSchema(schema)).toThrow(reason)
  expect(() => compileSchema(schema)).toThrow(SchemaFault)
  // About a second each on an idle machine at the worst; this one may be busy.
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('branches that begin alike are fine when a first property tells them apart', () => {
  const schema = {
    $ref: '#/$defs/n',
    $defs: {
      n: {
        anyOf: ['leaf', 'node'].map((kind) => ({
          type: 'object',
          properties: { kind: { const: kind }, c: { $ref: '#/$defs/n' } },
          required: kind === 'leaf' ? ['kind'] : ['kind', 'c'],
        })),
      },
    },
  }
  const grammar = new Gbnf(compileSchema(schema).grammar)
  const text = `${'{"kind":"node","c":'.repeat(50)}{"kind":"leaf"}${'}'.repeat(50)}`
  const { accepted, mostReadings } = grammar.read(text)
  expect(accepted).toBe(true)
  expect(mostReadings).toBeLessThan(20)
})

test('a hundred branches and a thousand values are ordinary', () => {
  const branches = range(100, (index) => ({
    type: 'object',
    properties: { kind: { const: `k${index}` }, value: { type: 'integer' } },
    required: ['kind'],
    additionalProperties: false,
  }))
  const union = new Gbnf(compileSchema({ oneOf: branches }).grammar)
  expect(union.accepts('{"kind":"k77","value":1}')).toBe(true)
  const names = range(1_000, (index) => `country ${index}`)
  const read = new Gbnf(compileSchema({ enum: names }).grammar).read('"country 977"')
  expect(read.accepted).toBe(true)
  // Told apart character by character, not tried side by side.
  expect(read.mostReadings).toBeLessThan(12)
})

test('a grammar has no rule that nests or repeats beyond what is said', () => {
  const { grammar } = compileSchema({
    ...named(30, (index) => ({ type: 'string', maxLength: 500 + index })),
    additionalProperties: false,
  })
  const depth = grammar.split('\n').map((line) => {
    const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]/g, '')
    let open = 0
    return Math.max(
      0,
      ...Array.from(bare, (sign) => (open += sign === '(' ? 1 : sign === ')' ? -1 : 0)),
    )
  })
  expect(Math.max(...depth)).toBeLessThanOrEqual(2)
  const steps = [...grammar.matchAll(/\{\d+,(\d+)\}/g)].map((found) => Number(found[1]))
  expect(Math.max(...steps)).toBeLessThanOrEqual(DEFAULT_LIMITS.repetitions)
})
