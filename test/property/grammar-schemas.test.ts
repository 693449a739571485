/** Random schemas with random values: what is valid is accepted, what is not is not. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSchema } from '../../src/grammar/compile.ts'
import { Gbnf } from '../fixtures/gbnf.ts'
import { GbnfWriter } from '../fixtures/gbnf-writer.ts'

interface Described {
  readonly schema: Record<string, unknown>
  readonly value: fc.Arbitrary<unknown>
}

const CHARACTERS = Array.from('aB0-_"\\\n\u0001é日🙂')
const text = fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 8 })
const tenths = fc.integer({ min: -500, max: 500 }).map((value) => value / 10)
const name = fc.constantFrom('a', 'ab', 'abc', 'b', 'kind', 'é"', 'constructor')
const PATTERNS = ['^[a-z]{1,4}$', '[0-9]+x?', '^(ab|c)*d', '^\\w+@\\w+\\.(de|org)$', '"\\\\']

const integers = fc
  .tuple(fc.integer({ min: -3000, max: 3000 }), fc.nat(2000), fc.boolean(), fc.boolean())
  .map(([low, span, hasLow, hasHigh]): Described => {
    const bounds = { ...(hasLow && { minimum: low }), ...(hasHigh && { maximum: low + span }) }
    return {
      schema: { type: 'integer', ...bounds },
      value: fc.integer({ min: low, max: low + span }),
    }
  })

const numbers = fc
  .tuple(tenths, tenths, fc.constantFrom('minimum', 'exclusiveMinimum'))
  .map(([a, b, low]): Described => {
    const [from, to] = [Math.min(a, b), Math.round(Math.max(a, b) * 10 + 5) / 10]
    const value = fc.integer({ min: Math.round(from * 10) + 1, max: Math.round(to * 10) })
    return {
      schema: { type: 'number', [low]: from, maximum: to },
      value: value.map((tenth) => tenth / 10),
    }
  })

const strings = fc.oneof(
  fc.tuple(fc.nat(4), fc.nat(6)).map(([min, more]): Described => {
    const unit = fc.constantFrom(...CHARACTERS)
    return {
      schema: { type: 'string', minLength: min, maxLength: min + more },
      value: fc.string({ unit, minLength: min, maxLength: min + more }),
    }
  }),
  fc.constantFrom(...PATTERNS).map((pattern): Described => {
    const matching = fc.stringMatching(new RegExp(pattern, 'u'))
    const value = matching.filter((match) => new RegExp(pattern, 'u').test(match))
    return { schema: { type: 'string', pattern }, value }
  }),
)

const flat: fc.Arbitrary<Described> = fc.oneof(
  integers,
  numbers,
  strings,
  fc
    .uniqueArray(fc.oneof(text, fc.integer(), fc.boolean()), { minLength: 1, maxLength: 5 })
    .map((values): Described => ({ schema: { enum: values }, value: fc.constantFrom(...values) })),
  fc.constant<Described>({
    schema: { type: ['boolean', 'null'] },
    value: fc.constantFrom(true, null),
  }),
  fc.constant<Described>({ schema: {}, value: fc.jsonValue({ maxDepth: 2 }).map(plain) }),
)

/** Numbers as people write them: fast-check likes 5e-324, and a bound would refuse its spelling. */
function plain(value: unknown): unknown {
  const round = (_: string, each: unknown) =>
    typeof each === 'number' ? Math.round(each) % 1000 : each
  return JSON.parse(JSON.stringify(value, round).replaceAll(/\\ud[89a-f]../gi, '?'))
}

const described: fc.Arbitrary<Described> = fc.letrec<{ node: Described }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    flat,
    arrays(tie('node')),
    objects(tie('node')),
    unions(tie('node')),
  ),
})).node

function arrays(node: fc.Arbitrary<Described>): fc.Arbitrary<Described> {
  return fc
    .tuple(fc.array(node, { maxLength: 2 }), node, fc.nat(2), fc.nat(3))
    .map(([prefix, rest, min, more]): Described => ({
      schema: {
        type: 'array',
        ...(prefix.length > 0 && { prefixItems: prefix.map((item) => item.schema) }),
        items: rest.schema,
        minItems: prefix.length + min,
        maxItems: prefix.length + min + more,
      },
      value: fc
        .tuple(
          fc.tuple(...prefix.map((item) => item.value)),
          fc.array(rest.value, { minLength: min, maxLength: min + more }),
        )
        .map(([head, tail]) => [...head, ...tail]),
    }))
}

function objects(node: fc.Arbitrary<Described>): fc.Arbitrary<Described> {
  const members = fc.uniqueArray(fc.tuple(name, node, fc.boolean()), {
    maxLength: 4,
    selector: ([key]) => key,
  })
  return fc
    .tuple(members, fc.constantFrom('closed', 'open', 'nulls'))
    .map(([list, others]): Described => {
      const required = list.filter(([, , isRequired]) => isRequired).map(([key]) => key)
      const additional = {
        closed: { additionalProperties: false },
        open: {},
        nulls: { additionalProperties: { type: 'null' } },
      }
      const entries = list.map(([key, { value }, isRequired]) =>
        isRequired
          ? value.map((each) => [[key, each]])
          : fc.option(
              value.map((each) => [[key, each]]),
              { nil: [] },
            ),
      )
      const extra =
        others === 'closed'
          ? fc.constant([])
          : fc.constantFrom(
              [],
              [['abcd', null]],
              [
                ['z', null],
                ['', null],
              ],
            )
      return {
        schema: {
          type: 'object',
          properties: fromEntries(list.map(([key, { schema }]) => [key, schema])),
          required,
          ...additional[others as 'open'],
        },
        value: fc.tuple(fc.tuple(...entries), extra).map(([own, more]) => {
          const known = new Set<string>(list.map(([key]) => key))
          return fromEntries([...own.flat(), ...more.filter(([key]) => !known.has(key))])
        }),
      }
    })
}

function fromEntries(entries: readonly (readonly unknown[])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]): [string, unknown] => [String(key), value]))
}

function unions(node: fc.Arbitrary<Described>): fc.Arbitrary<Described> {
  return fc
    .tuple(node, node, fc.constantFrom('anyOf', 'allOf', '$ref'))
    .map(([a, b, how]): Described => {
      if (how === 'anyOf')
        return { schema: { anyOf: [a.schema, b.schema] }, value: fc.oneof(a.value, b.value) }
      if (how === 'allOf') return { schema: { allOf: [a.schema, {}, a.schema] }, value: a.value }
      return { schema: { not_ref: a.schema }, value: a.value }
    })
}

/** Puts what `unions` marked behind a reference, as a generator of schemas would. */
function withReferences(schema: Record<string, unknown>): Record<string, unknown> {
  const defs: Record<string, unknown> = {}
  const moved: unknown = JSON.parse(JSON.stringify(schema), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('not_ref' in value)) return value
    const key = `d${Object.keys(defs).length}`
    defs[key] = value.not_ref
    return { $ref: `#/$defs/${key}` }
  })
  return { ...(moved as Record<string, unknown>), $defs: defs }
}

const ajv = new Ajv2020({ strict: false, ownProperties: true, logger: false })

const withValue = described.chain(({ schema, value }) =>
  value.map((each) => ({ schema: withReferences(schema), value: each })),
)

test('a value made for a schema is accepted, in its compact text', () => {
  fc.assert(
    fc.property(withValue, ({ schema, value }) => {
      expect(ajv.validate(schema, value), 'the generator').toBe(true)
      const grammar = new Gbnf(compileSchema(schema).grammar)
      expect(grammar.accepts(JSON.stringify(value))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

const smallJson = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    12,
    2.5,
    '',
    'a',
    'abx',
    '7',
    [],
    {},
    [1],
    { a: 1 },
    { kind: 'x' },
  ),
  text,
)

/** The value with one place in it changed. */
function changed(value: unknown, path: readonly number[], other: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null) return other
  const keys = Object.keys(value)
  if (keys.length === 0) return Array.isArray(value) ? [other] : { abcd: other }
  const at = keys[step % keys.length]!
  const entries = Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    if (key !== at) return [[key, member]]
    // Taken out, or changed further in.
    return rest.length === 0 && other === null ? [] : [[key, changed(member, rest, other)]]
  })
  return Array.isArray(value) ? entries.map(([, member]) => member) : fromEntries(entries)
}

test('a changed value is accepted exactly when it is valid', () => {
  let invalid = 0
  fc.assert(
    fc.property(
      withValue,
      fc.array(fc.tuple(fc.array(fc.nat(3), { maxLength: 3 }), smallJson), {
        minLength: 5,
        maxLength: 5,
      }),
      ({ schema, value }, changes) => {
        const grammar = new Gbnf(compileSchema(schema).grammar)
        const validate = ajv.compile(schema)
        for (const [path, other] of changes) {
          const now = changed(value, path, other)
          const isValid = validate(now)
          if (!isValid) invalid++
          // What stays keeps the schema's order, and what is new has one member.
          expect(grammar.accepts(JSON.stringify(now)), JSON.stringify(now)).toBe(isValid)
        }
      },
    ),
    { numRuns: 200 },
  )
  expect(invalid, 'enough of them are invalid').toBeGreaterThan(300)
})

const schemas = described.map(({ schema }) => withReferences(schema))

test('whatever a grammar can write parses, and is valid', () => {
  fc.assert(
    fc.property(schemas, fc.infiniteStream(fc.nat(0xfffff)), (schema, stream) => {
      const writer = new GbnfWriter(new Gbnf(compileSchema(schema).grammar))
      const validate = ajv.compile(schema)
      for (const expansions of [0, 20, 200]) {
        const written = writer.write((below) => stream.next().value % below, expansions)
        const value: unknown = JSON.parse(written)
        expect(validate(value), written).toBe(true)
      }
      expect(writer.deadRules).toEqual([])
    }),
    { numRuns: 200 },
  )
})
