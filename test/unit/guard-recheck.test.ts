/** What `npm run recheck` takes for proven: expressions that are slow, each in its own way, are not. */
import { describe, expect, test } from 'vitest'
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
]

const SLOW = [
  { pattern: /^(a|a)*$/, why: 'two ways for each letter' },
  { pattern: /(?:a|a){30}b/y, why: 'the same, counted' },
  { pattern: /(?:a?){30}a{30}/y, why: 'a count of nothing' },
  { pattern: /(?:a{0,50}){0,50}b/y, why: 'a count in a count' },
  { pattern: /a?a?a?a?a?aaaaa/y, why: 'written out' },
  { pattern: /a*a*b/y, why: 'a square at one place' },
  { pattern: /a*A*b/iy, why: 'a square without regard to case' },
  { pattern: /a*(?!c)a*b/y, why: 'a square around a look' },
  { pattern: /a+b/, why: 'a square over all places' },
  { pattern: /"(?:[^"\\]|\\.)*"/g, why: 'each quote may begin one' },
  { pattern: /(?<![a-z])[a-z]+@/, why: 'nothing is proven of a look behind' },
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
