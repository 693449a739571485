import { describe, expect, test } from 'vitest'
import { Disguise } from '../../src/engine/prompt/disguise.ts'
import { jsonValue } from '../../src/engine/prompt/json-values.ts'
import { jsonText, ONE_LINE, plainText } from '../../src/engine/prompt/value-text.ts'

const none = new Disguise([], [])
const same = (text: string) => text
const through = (json: string, style = ONE_LINE) => jsonText(jsonValue(json, same), style, none)

describe('JSON through a template is as llama.cpp writes it', () => {
  test.each([
    [
      '{"b":1,"a":[1,{"c":null}],"10":true,"2":false}',
      '{"b": 1, "a": [1, {"c": null}], "10": true, "2": false}',
    ],
    ['{}', '{}'],
    [' [ ] ', '[]'],
    ['{"a":{},"b":[]}', '{"a": {}, "b": []}'],
    ['{"a":1,"b":2,"a":3}', '{"a": 3, "b": 2}'],
    ['{"__proto__":{"constructor":1}}', '{"__proto__": {"constructor": 1}}'],
    [
      '[12345678901234567890,9007199254740993,-9223372036854775808]',
      '[12345678901234567890, 9007199254740993, -9223372036854775808]',
    ],
    [
      '[1.0,1.50,-0.25,1e3,1E-5,1e21,0.000012,1234567.5,123456.5,0.1]',
      '[1, 1.5, -0.25, 1000, 1e-05, 1e+21, 1.2e-05, 1.23457e+06, 123456, 0.1]',
    ],
    [
      '"a\\"b\\\\c\\/d\\n\\t\\u0001\\u007f\\u00e9\\ud83d\\ude42"',
      '"a\\"b\\\\c/d\\n\\t\\u0001\u007fé🙂"',
    ],
    ['"]}{[,:"', '"]}{[,:"'],
    ['["\\\\"," \\\\\\" "]', '["\\\\", " \\\\\\" "]'],
  ])('%s', (given, written) => {
    expect(through(given)).toBe(written)
  })

  test('indented, with other separators, in ASCII', () => {
    const indented = { ...ONE_LINE, indentSpaces: 2, betweenItems: ',' }
    expect(through('{"a":[1,2],"b":{}}', indented)).toBe(
      '{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}',
    )
    expect(through('{"a":[1,2]}', { ...ONE_LINE, betweenItems: ',', afterKey: ':' })).toBe(
      '{"a":[1,2]}',
    )
    expect(through('"é🙂"', { ...ONE_LINE, charset: 'ascii' })).toBe('"\\u00e9\\ud83d\\ude42"')
  })

  test('as it is put out without tojson: Python’s form', () => {
    const value = jsonValue('{"a":[true,null,1.5,2.0,"x"],"it\'s":"y"}', same)
    expect(plainText(value, none)).toBe("{'a': [True, None, 1.5, 2.0, 'x'], \"it's\": 'y'}")
  })
})

describe('marks', () => {
  const disguise = new Disguise(['<', '>', '\u0001', 'u'], [])
  const value = jsonValue('{"<k>":["<v>\\n\\u0001é"]}', (text) => disguise.hide(text))

  test('lie on keys and strings, and on escapes made of them', () => {
    for (const charset of ['unicode', 'ascii'] as const) {
      const text = jsonText(value, { ...ONE_LINE, charset }, disguise)
      const plain = disguise.reveal(text)
      const escaped = charset === 'ascii' ? '\\u00e9' : 'é'
      expect(plain).toBe(`{"<k>": ["<v>\\n\\u0001${escaped}"]}`)
      for (const sign of ['<', '>', 'u']) {
        for (let at = plain.indexOf(sign); at !== -1; at = plain.indexOf(sign, at + 1)) {
          expect(disguise.isStrangersAt(text, at)).toBe(true)
        }
      }
    }
  })

  test('lie on what is put out without tojson', () => {
    expect(disguise.touches(plainText(value, disguise) ?? '')).toBe(true)
    expect(plainText(value, disguise)).not.toContain('<')
  })
})

describe('what is not JSON is a fault that does not quote it', () => {
  test.each([['SECRET'], ['{"SECRET":1'], ["{'SECRET':1}"], [''], ['{"a":01,"SECRET":1}']])(
    '%s',
    (text) => {
      expect(() => jsonValue(text, same)).toThrow(/^((?!SECRET).)*not JSON$/)
    },
  )

  test('neither too deep nor too long', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(through(deep(100))).toBe(deep(100))
    expect(() => jsonValue(deep(102), same)).toThrow(/nested more than 100 deep/)
    expect(() => jsonValue(deep(200_000), same)).toThrow(/nested more than 100 deep/)
    expect(() => jsonValue(`"${'x'.repeat(2_100_000)}"`, same)).toThrow(/characters/)
  })
})
