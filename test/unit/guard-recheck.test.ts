/** What `npm run recheck` takes for proven: expressions that are slow, each in its own way, are not. */
import { describe, expect, test } from 'vitest'
import { effortOf, waysOf } from '../../scripts/guard/recheck/effort.ts'
import { longest, readPattern, skeletonOf } from '../../scripts/guard/recheck/pattern.ts'
import { proveLinear } from '../../scripts/guard/recheck/proof.ts'

const LINEAR = [
  /[a-z]+b/y,
  /^a{1,1000}b{1,1000}c/,
  /[A-Za-z0-9_]{20,200}\.[A-Za-z0-9_]{20,200}/y,
  /^(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,63}/,
  /[a-z]{1,300}@/,
  /\p{L}+/u,
  /(?<![0-9])[0-9]{13,19}(?![0-9])/,
  /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/,
  /\b(?:ignore|forget) (?:all )?previous/iu,
  /^[\t\n a-z]+$/,
  /^(?:[2-689]\d{8}|7\d{9,10}|[2-8]\d{7}|2\d{6})$/,
  /a?a?a?aaa/,
  /(?<![a-z])[a-z]+@/,
]

const SLOW = [
  { pattern: /^(a|a)*$/, why: 'two ways for each letter' },
  { pattern: /(?:a?){30}a{30}/y, why: 'a count of nothing' },
  { pattern: /(?:a{0,50}){0,50}b/y, why: 'a count in a count' },
  { pattern: /\d.*\d.*x/, why: 'a square behind each digit' },
  { pattern: /(\w+\s?)+$/, why: 'words without an end' },
  { pattern: /(?:a+|b)*(?<=c)$/, why: 'two ways, before a look' },
  { pattern: /a*a*b/y, why: 'a square at one place' },
  { pattern: /a*A*b/iy, why: 'a square without regard to case' },
  { pattern: /a*(?!c)a*b/y, why: 'a square around a look' },
  { pattern: /a+b/, why: 'a square over all places' },
  { pattern: /"(?:[^"\\]|\\.)*"/g, why: 'each quote may begin one' },
  { pattern: /a(?=b*c)/y, why: 'a look without an end' },
  { pattern: /[0-9]{0,2000}b/, why: 'a long way from each place' },
  { pattern: /(a)\1/y, why: 'it is not understood' },
]

describe('proofs', () => {
  test.each(LINEAR)('%s is linear', ({ source, flags }) => {
    expect(proveLinear(source, flags)).toMatchObject({ is: 'linear' })
  })

  test.each(SLOW)('$pattern is not: $why', ({ pattern: { source, flags } }) => {
    expect(proveLinear(source, flags)).toMatchObject({ is: 'unproven' })
  })
})

// It is no proof: recheck's search sees these as linear, since they end, however late.
test.each([/(?:a|a){30}b/y, /a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaa/y])(
  'an attack on %s finds nothing, and says no more than that',
  ({ source, flags }) => {
    expect(proveLinear(source, flags)).toEqual({ is: 'linear', how: 'attacked in vain' })
  },
)

describe('effort', () => {
  test.each([
    { source: 'abc', effort: 4 },
    { source: '(?:a|bc)d', effort: 2 * 6 },
    { source: 'a{2,5}b', effort: 4 * 8 },
    { source: '(?:a|b){1,2}', effort: (2 + 4) * 8 },
    { source: 'a(?=b?)', effort: 2 * 6 },
    { source: 'a*', effort: Infinity },
  ])('$source: $effort', ({ source, effort }) => {
    expect(effortOf(readPattern(source))).toBe(effort)
  })

  test.each([
    { source: 'a*b{0,3}c', ways: 4 },
    { source: '(?:a*|b)c', ways: 2 },
    { source: '(?:a|b)*', ways: Infinity },
  ])('$source: $ways where an endless one is one', ({ source, ways }) => {
    expect(waysOf(readPattern(source))).toBe(ways)
  })
})

describe('reading', () => {
  test.each([
    { source: 'a(?:b|cd{2,5})?[^]\\u{1F600}', chars: 9 },
    { source: '(?<name>x)*', chars: Infinity },
    { source: '^\\b$(?=ab)', chars: 2 },
    { source: '(?:){3}', chars: 0 },
    { source: '\\p{L}{1,3}[\\]()*+]', chars: 4 },
  ])('$source has at most $chars characters', ({ source, chars }) => {
    expect(longest(readPattern(source))).toBe(chars)
  })

  test.each(['(a', 'a)', '(?:a))', '\\1'])('%s is refused', (source) => {
    expect(() => readPattern(source)).toThrow()
  })

  test('a skeleton matches all that the expression matches', () => {
    const source = '^(?:ab|c){1,3}[^x]{2,4}\\d{2}\\.?(?!y)$'
    const skeleton = skeletonOf(readPattern(source), ['^'])
    expect(() => new RegExp(skeleton, 'u')).not.toThrow()
    expect('ababcqq12.').toMatch(new RegExp(source))
    expect('ababcqq12.').toMatch(new RegExp(skeleton))
  })
})
