/** Masks inside JSON: the document stays JSON, and a schema stays kept, or nothing more leaves. */
import { describe, expect, test } from 'vitest'
import { createJsonRedactor } from '../../src/guard/output/json-redactor.ts'
import { ANYWHERE, schemaPlace, type MaskPlace } from '../../src/guard/output/mask-place.ts'
import { createRedactor, textOf } from '../../src/guard/output/redactor.ts'
import { MASKING } from './guard-policies.ts'

const KEY = 'sk-local-0123456789012345678901234567890123456789012'

function redact(chunks: readonly string[], place: MaskPlace = ANYWHERE) {
  const redactor = createJsonRedactor(createRedactor(MASKING), place)
  const pieces = [...chunks.flatMap((chunk) => redactor.push(chunk)), ...redactor.end()]
  return { text: textOf(pieces), state: redactor.state(), findings: redactor.findings() }
}

/** given → sent */
const VECTORS: readonly (readonly [string, string])[] = [
  ['{"a":"to ada@example.org!"}', '{"a":"to [EMAIL]!"}'],
  ['{"a":"ada\\u0040example.org"}', '{"a":"[EMAIL]"}'],
  ['{"a":"\\u0061\\u0064a@example\\u002eorg\\n"}', '{"a":"[EMAIL]\\n"}'],
  ['{"ada@example.org":1}', '{"[EMAIL]":1}'],
  [`["${KEY}","x"]`, '["[SECRET]","x"]'],
  ['"4111 1111 1111 1111"', '"[CARD]"'],
  ['{"n":4111111111111111}', '{"n":"[CARD]"}'],
  ['[4111111111111111.5e3,7]', '["[CARD]",7]'],
  ['4111111111111111', '"[CARD]"'],
  [
    '{"k":"-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----\\nafter"}',
    '{"k":"[SECRET]\\nafter"}',
  ],
  ['{"k":"-----BEGIN PRIVATE KEY-----\\nMII","b":"free"}', '{"k":"[SECRET]","b":"free"}'],
  // What nothing is wrong with keeps its spelling.
  [
    ' { "é\\u00e9\\/" : [ true , null , -1.5E+3 ] } ',
    ' { "é\\u00e9\\/" : [ true , null , -1.5E+3 ] } ',
  ],
  ['{}', '{}'],
  ['[[],{"a":{}}]', '[[],{"a":{}}]'],
  ['"\\ud83d\\ude00"', '"\\ud83d\\ude00"'],
]

describe('JSON of any kind', () => {
  test.each(VECTORS)('%s', (given, sent) => {
    expect(redact([given])).toMatchObject({ text: sent, state: 'whole' })
    JSON.parse(sent)
  })

  test.each(VECTORS)('every cut of: %s', (given, sent) => {
    for (let i = 0; i <= given.length; i++) {
      expect(redact([given.slice(0, i), given.slice(i)]).text).toBe(sent)
    }
    expect(redact(Array.from(given)).text).toBe(sent)
  })

  test('a number whose beginning has left cannot become a text any more', () => {
    expect(redact(['[1,-4111111111111111,2]'])).toMatchObject({ text: '[1,-', state: 'blocked' })
  })

  test.each([
    ['{"a":"to ada@exam', '{"a":"to ada@exam'],
    ['{"a":"to ada@example.org', '{"a":"to [EMAIL]'],
    ['{"a":"x\\u00', '{"a":"x'],
    ['{"a":tr', '{"a":tr'],
    ['{"a":12', '{"a":12'],
  ])('a document that is cut: %s', (given, sent) => {
    expect(redact([given])).toMatchObject({ text: sent, state: 'open' })
  })

  test.each([
    'ada@example.org',
    '{ada@example.org}',
    '{"a":ada@example.org}',
    '{"a" "b"}',
    '{"a":1,}',
    '[1,]',
    '[1 2]',
    '{]',
    '[}',
    '{1:2}',
    '"a"b',
    '{}{}',
    '01',
    '1.',
    '[tru]',
    '[nul1]',
    '"a\nb"',
    '"\\x"',
    '"\\u12g4"',
    ':',
    "{'a':1}",
    `[${'1'.repeat(5000)}]`,
  ])('what is not JSON never leaves: %s', (given) => {
    expect(() => redact([given, ' '])).toThrow(expect.objectContaining({ code: 'ENGINE_BUG' }))
  })

  test('findings count, and carry no text', () => {
    expect(redact(['["a@example.org","b@example.org",4111111111111111]']).findings).toEqual([
      { code: 'output.email', count: 2 },
      { code: 'output.card', count: 1 },
    ])
  })
})

const SCHEMA = {
  type: 'object',
  properties: {
    note: { type: 'string' },
    to: { type: 'string', format: 'email' },
    kind: { enum: ['a', 'b'] },
    code: { type: 'string', pattern: '^[a-z]+$' },
    short: { type: 'string', maxLength: 20 },
    ref: { $ref: '#/$defs/mail' },
    free: { $ref: '#/$defs/any' },
    list: { type: 'array', items: { anyOf: [{ type: 'null' }, { const: 'x' }] } },
    pair: { prefixItems: [{ type: 'string' }, { pattern: 'x' }] },
    tree: { $ref: '#' },
    maybe: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    both: { allOf: [{ type: 'string' }, { minLength: 3 }] },
    odd: { type: 'string', contentSomething: 'x' },
    set: { type: 'array', uniqueItems: true, items: { type: 'string' } },
    map: { additionalProperties: { type: 'string' } },
    closed: { properties: { a: {} }, additionalProperties: false },
  },
  $defs: { mail: { format: 'email' }, any: { type: 'string', description: 'x' } },
}

describe('JSON of a strict schema', () => {
  const mail = '"x ada@example.org"'
  test.each([
    `{"note":${mail}}`,
    `{"free":${mail}}`,
    `{"maybe":${mail}}`,
    `{"pair":[${mail}]}`,
    `{"tree":{"tree":{"note":${mail}}}}`,
    `{"map":{"b":${mail}}}`,
    `{"map":{${mail}:"b"}}`,
    `{"nobody named it":${mail}}`,
  ])('masks where a string is free: %s', (given) => {
    const { text, state } = redact([given], schemaPlace(SCHEMA))
    expect([text, state]).toEqual([given.replace('ada@example.org', '[EMAIL]'), 'whole'])
  })

  test.each([
    `{"to":${mail}}`,
    `{"kind":${mail}}`,
    `{"code":${mail}}`,
    `{"short":${mail}}`,
    `{"ref":${mail}}`,
    `{"list":[null,${mail}]}`,
    `{"pair":["",${mail}]}`,
    `{"tree":{"to":${mail}}}`,
    `{"both":${mail}}`,
    `{"odd":${mail}}`,
    `{"set":[${mail}]}`,
    `{${mail}:1}`,
    `{"closed":{${mail}:1}}`,
  ])('blocks where the schema says something about it: %s', (given) => {
    const { text, state } = redact([given], schemaPlace(SCHEMA))
    expect(state).toBe('blocked')
    // All that went before is out, and nothing of the match.
    expect(text).toBe(given.slice(0, given.indexOf('ada@')))
  })

  test('a number is never made a text', () => {
    const { text, state } = redact(['{"note":4111111111111111}'], schemaPlace(SCHEMA))
    expect([text, state]).toEqual(['{"note":', 'blocked'])
  })

  test('a reference that turns in a circle, and one that leads nowhere', () => {
    const circle = {
      $ref: '#/$defs/a',
      $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
    }
    expect(schemaPlace(circle).takesMask).toBe(true)
    expect(schemaPlace({ $ref: '#/$defs/none' }).takesMask).toBe(false)
    expect(schemaPlace({ $ref: 'http://example.org' }).takesMask).toBe(false)
  })
})
