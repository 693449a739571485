import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assertStrictJson } from '../../src/gateway/strict-json.ts'

test('what JSON.stringify writes is strict', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      assertStrictJson(JSON.stringify(value, null, indent))
    }),
  )
})

test('a key given twice is found, however it is written and wherever it is', () => {
  const escaped = (key: string) =>
    `"${[...Array(key.length).keys()]
      .map((i) => `\\u${key.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join('')}"`
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
      fc.integer({ min: 0, max: 5 }),
      fc.boolean(),
      (key, others, depth, asEscapes) => {
        const inner = JSON.stringify({ ...others, [key]: 1 }).slice(0, -1)
        const again = asEscapes ? escaped(key) : JSON.stringify(key)
        const text = `${'[{"x":'.repeat(depth)}${inner}, ${again} : 2}${'}]'.repeat(depth)}`
        JSON.parse(text)
        expect(() => {
          assertStrictJson(text)
        }).toThrow('twice')
      },
    ),
  )
})

test('depth is bounded', () => {
  assertStrictJson(`${'['.repeat(32)}${']'.repeat(32)}`)
  expect(() => {
    assertStrictJson(`${'['.repeat(33)}${']'.repeat(33)}`)
  }).toThrow('deeper than 32')
})
