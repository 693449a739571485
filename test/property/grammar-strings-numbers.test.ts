/** Patterns against JavaScript's own, ranges of numbers against arithmetic. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSchema } from '../../src/grammar/compile.ts'
import { SchemaFault } from '../../src/grammar/limits.ts'
import { Gbnf } from '../fixtures/gbnf.ts'
import { GbnfWriter } from '../fixtures/gbnf-writer.ts'

const ATOMS = [
  'a',
  'b',
  '0',
  '"',
  '\\\\',
  '.',
  '[ab]',
  '[^a"]',
  '[a-c0-9]',
  '\\d',
  '\\D',
  '\\w',
  '\\s',
  '\\S',
  '\\n',
]
const MORE = [
  '\\u0041',
  '\\u{1F642}',
  '\\x62',
  '🙂',
  'é',
  '\\ud83d\\ude42',
  '^',
  '$',
  '\\/',
  '\\-',
  '[\\d"]',
  '[\\s\\S]',
]
const QUANTIFIERS = ['', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '{1,2}?']

const patterns = fc.letrec<{ choice: string; sequence: string; term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom(...ATOMS, ...MORE),
    tie('choice').map((inner) => `(${inner})`),
    tie('choice').map((inner) => `(?:${inner})`),
  ),
  sequence: fc
    .array(fc.tuple(tie('term'), fc.constantFrom(...QUANTIFIERS)), { maxLength: 4 })
    .map((terms) =>
      terms.map(([term, times]) => (/^[$^]$/.test(term) ? term : term + times)).join(''),
    ),
  choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((ways) => ways.join('|')),
})).choice

const guarded = fc
  .tuple(fc.constantFrom('(?=', '(?!'), patterns, patterns)
  .map(([sign, guard, rest]) => `^${sign}${guard})(?:${rest})`)

const texts = fc.string({
  unit: fc.constantFrom(...Array.from('aAbc0"\\ \n\u0001é🙂/-')),
  maxLength: 6,
})

test('a pattern finds what JavaScript finds', () => {
  let found = 0
  let refused = 0
  fc.assert(
    fc.property(
      fc.oneof(patterns, guarded).filter((pattern) => pattern.length < 120),
      fc.array(texts, { minLength: 12, maxLength: 12 }),
      (pattern, list) => {
        // A hyphen needs no escape under flag u, and is not allowed one outside of a class.
        const expression = new RegExp(pattern.replaceAll('\\-', '-'), 'u')
        const grammar = grammarOf({ type: 'string', pattern })
        if (grammar === 'too large') {
          refused++
          return
        }
        for (const text of list) {
          const isFound = expression.test(text)
          if (isFound) found++
          expect(
            grammar?.accepts(JSON.stringify(text)) ?? false,
            JSON.stringify([pattern, text]),
          ).toBe(isFound)
        }
      },
    ),
    { numRuns: 300 },
  )
  expect(found).toBeGreaterThan(250)
  expect(refused).toBeLessThan(15)
})

/** null: refused because no string fits; or because it takes more steps than anybody may. */
function grammarOf(schema: unknown): Gbnf | null | 'too large' {
  try {
    return new Gbnf(compileSchema(schema).grammar)
  } catch (error) {
    if (error instanceof SchemaFault && error.message.startsWith('no value')) return null
    if (error instanceof SchemaFault && error.message.includes('steps')) return 'too large'
    throw error
  }
}

function numberGrammar(schema: unknown): Gbnf | null {
  const grammar = grammarOf(schema)
  if (grammar === 'too large') throw new Error('numbers are never too large')
  return grammar
}

test('integers from–to, each of them, and none beside', () => {
  const ends = [
    -1001, -1000, -999, -101, -100, -12, -10, -9, -1, 0, 1, 9, 10, 11, 99, 100, 119, 1000,
  ]
  for (const minimum of ends) {
    for (const maximum of ends.filter((end) => end >= minimum)) {
      const grammar = numberGrammar({ type: 'integer', minimum, maximum })
      for (const end of ends) {
        for (const value of [end - 1, end, end + 1]) {
          const isIn = value >= minimum && value <= maximum
          if (grammar?.accepts(String(value)) !== isIn) {
            expect.fail(`${value} in ${minimum}–${maximum}`)
          }
        }
      }
    }
  }
})

const decimal = fc
  .tuple(fc.integer({ min: -9999, max: 9999 }), fc.constantFrom(0, 1, 2, 3))
  .map(([digits, places]) => digits / 10 ** places)

test('decimals from–to: what is written is in, and what is in can be written', () => {
  const bounds = fc.record(
    { minimum: decimal, maximum: decimal, exclusiveMinimum: decimal, exclusiveMaximum: decimal },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(
      bounds,
      fc.array(decimal, { minLength: 8, maxLength: 8 }),
      fc.infiniteStream(fc.nat(0xffff)),
      (range, values, stream) => {
        const isIn = (value: number) =>
          value >= (range.minimum ?? -Infinity) &&
          value <= (range.maximum ?? Infinity) &&
          value > (range.exclusiveMinimum ?? -Infinity) &&
          value < (range.exclusiveMaximum ?? Infinity)
        const grammar = numberGrammar({ type: 'number', ...range })
        const near = Object.values(range).flatMap((end) => [end, end + 0.001, end - 0.001])
        for (const value of [...values, ...near].map((each) => Number(each.toFixed(3)))) {
          expect(grammar?.accepts(String(value)) ?? false, String(value)).toBe(isIn(value))
        }
        if (grammar === null) return
        const writer = new GbnfWriter(grammar)
        for (let count = 0; count < 8; count++) {
          const written = writer.write((below) => stream.next().value % below, 60)
          expect(isIn(Number(written)), written).toBe(true)
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('rounding cannot carry a number onto an exclusive bound', () => {
  for (const bound of [5, 0.1, 0.3, 99_999, 1e-14, 123_456.789]) {
    const below = numberGrammar({ type: 'number', exclusiveMaximum: bound })!
    const above = numberGrammar({ type: 'number', exclusiveMinimum: bound })!
    for (let digits = 1; digits <= 25; digits++) {
      for (const text of near(bound, digits)) {
        if (below.accepts(text)) expect(Number(text), text).toBeLessThan(bound)
        if (above.accepts(text)) expect(Number(text), text).toBeGreaterThan(bound)
      }
    }
  }
})

/** Decimals that differ from a bound in the last of so many digits behind the point. */
function near(bound: number, digits: number): string[] {
  const scale = 10n ** BigInt(digits)
  const [whole = '0', fraction = ''] = bound.toFixed(20).split('.')
  const scaled = BigInt(whole) * scale + BigInt(fraction.padEnd(digits, '0').slice(0, digits))
  return [scaled - 1n, scaled, scaled + 1n]
    .filter((value) => value >= 0n)
    .map((value) => `${value / scale}.${(value % scale).toString().padStart(digits, '0')}`)
}
