import { expect, test } from 'vitest'
import { canonicalize, canonicalizeParsed } from '../../src/audit/canonical.ts'

test.each([
  { name: 'NaN', value: NaN },
  { name: 'infinity', value: [Infinity] },
  { name: 'bigint', value: 1n },
  { name: 'undefined in a list', value: [undefined] },
  { name: 'a function', value: { f: () => 1 } },
  { name: 'a lone surrogate', value: '\ud83d' },
  { name: 'a lone surrogate in a name', value: { '\udc00': 1 } },
])('no canonical text: $name', ({ value }) => {
  expect(() => canonicalize(value)).toThrow(TypeError)
})

test('members that are undefined are left out', () => {
  expect(canonicalize({ b: undefined, a: 1 })).toBe('{"a":1}')
})

test('a parsed lone surrogate is refused, a pair and the text of an escape are not', () => {
  expect(() => canonicalizeParsed(JSON.parse('"\\ud83d"'))).toThrow(TypeError)
  expect(canonicalizeParsed(JSON.parse('"\\ud83d\\ude00"'))).toBe('"😀"')
  expect(canonicalizeParsed('\\ud83d')).toBe('"\\\\ud83d"')
})
