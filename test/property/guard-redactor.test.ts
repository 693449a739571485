import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor, textOf } from '../../src/guard/output/redactor.ts'
import { OUTPUT_CLASSES } from '../../src/guard/classes.ts'
import { actionsOf, MASKING, policyOf } from '../unit/guard-policies.ts'

function redact(chunks: readonly string[]): string {
  const redactor = createRedactor(MASKING)
  return textOf([...chunks.flatMap((chunk) => redactor.push(chunk)), ...redactor.end()])
}

/** What is held back after each chunk: what went in, less what is decided. */
function longestHoldBack(text: string): number {
  const redactor = createRedactor(MASKING)
  let longest = 0
  let sinceOut = 0
  for (const character of text) {
    sinceOut = redactor.push(character).length === 0 ? sinceOut + character.length : 0
    longest = Math.max(longest, sinceOut)
  }
  return longest
}

const KEY = 'sk-local-0123456789012345678901234567890123456789012'
const JWT = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF_-123'
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nMIIEow${'A'.repeat(300)}\n-----END RSA PRIVATE KEY-----`

/** given → sent */
const VECTORS: readonly (readonly [string, string])[] = [
  ['write to ada@example.org today', 'write to [EMAIL] today'],
  ['Ada.Lovelace+x@mail.example.co.uk.', '[EMAIL].'],
  ['a@b', 'a@b'],
  ['@home @ 5', '@home @ 5'],
  [`${'x'.repeat(100)}@example.org`, `${'x'.repeat(36)}[EMAIL]`],
  ['card 4111 1111 1111 1111.', 'card [CARD].'],
  ['card 4111-1111-1111-1111 2026', 'card [CARD] 2026'],
  ['4111111111111111', '[CARD]'],
  ['4111111111111112', '4111111111111112'],
  ['378282246310005', '[CARD]'],
  ['room 4111 1111', 'room 4111 1111'],
  ['12 4111 1111 1111 1111', '12 [CARD]'],
  [`key ${KEY} end`, 'key [SECRET] end'],
  ['risk-free sk-short', 'risk-free sk-short'],
  [`AKIA${'Q7'.repeat(8)}`, '[SECRET]'],
  ['AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
  [`token ghp_${'a1'.repeat(18)}.`, 'token [SECRET].'],
  [`AIza${'b7'.repeat(17)}c`, '[SECRET]'],
  [`bearer ${JWT}, ok`, 'bearer [SECRET], ok'],
  ['eyJ is how they begin', 'eyJ is how they begin'],
  [`${PEM}\nafter`, '[SECRET]\nafter'],
  ['-----BEGIN PRIVATE KEY-----\nnever ends', '[SECRET]'],
  ['-----BEGIN CERTIFICATE-----', '-----BEGIN CERTIFICATE-----'],
  ['', ''],
]

describe('redactor', () => {
  test.each(VECTORS)('%s', (given, sent) => {
    expect(redact([given])).toBe(sent)
  })

  test.each(VECTORS)('every cut of: %s', (given, sent) => {
    for (let i = 0; i <= given.length; i++) {
      expect(redact([given.slice(0, i), given.slice(i)])).toBe(sent)
    }
    expect(redact(Array.from(given))).toBe(sent)
  })

  test('the same for every chunking of 10,000 texts', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(...VECTORS.map(([given]) => given)),
      fc.constantFrom('@', '.', '-', ' ', 'eyJ', 'sk-', 'AKIA', '4111', '-----', 'BEGIN ', '.com'),
      fc.stringMatching(/^[a-z0-9.@-]{0,20}$/),
      fc.stringMatching(/^[0-9 -]{0,24}$/),
    )
    const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 12 }), (whole, marks) => {
        const cuts = [...new Set(marks.map((n) => n % (whole.length + 1)))].sort((a, b) => a - b)
        const chunks = [0, ...cuts].map((from, i) => whole.slice(from, cuts[i] ?? whole.length))
        expect(redact(chunks)).toBe(redact([whole]))
      }),
      { numRuns: 10_000 },
    )
  }, 60_000)

  test('what no match can include has left: clean text is never further behind than stated', () => {
    const { maxHoldBackChars } = createRedactor(MASKING)
    const part = fc.oneof(
      fc
        .constantFrom(...VECTORS.map(([given]) => given))
        .chain((given) => fc.nat(given.length).map((length) => given.slice(0, length))),
      fc.stringMatching(/^[a-z0-9.@ -]{0,40}$/),
    )
    const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (whole) => {
        const redactor = createRedactor(MASKING)
        let sent = ''
        const behind = Array.from(whole, (_, i) => {
          sent += textOf(redactor.push(whole.charAt(i)))
          return i + 1 - sent.length
        })
        sent += textOf(redactor.end())
        expect(sent).toBe(redact([whole]))
        if (sent === whole) expect(Math.max(0, ...behind)).toBeLessThanOrEqual(maxHoldBackChars)
      }),
      { numRuns: 1000 },
    )
  }, 60_000)

  test('holds back no more than it says', () => {
    const { maxHoldBackChars } = createRedactor(MASKING)
    const worst = [
      `${'a'.repeat(64)}@${'b.'.repeat(200)}`,
      `eyJ${'x'.repeat(2000)}`,
      '4'.repeat(100),
      '4 '.repeat(100),
      `-----BEGIN ${'A'.repeat(100)}`,
      'sk-'.repeat(100),
    ]
    for (const text of worst) expect(longestHoldBack(text)).toBeLessThanOrEqual(maxHoldBackChars)
    // The number that docs/SPECIFICATION.md promises.
    expect(maxHoldBackChars).toBe(716)
  })

  test('ordinary words leave at the next space', () => {
    const redactor = createRedactor(MASKING)
    expect(textOf(redactor.push('The capital is Paris, and '))).toBe('The capital is Paris, and ')
  })

  test('each example of the table is masked, and off means off', () => {
    for (const row of MASKING.detectors) {
      expect(redact([row.example])).toContain(`[${OUTPUT_CLASSES[row.class].mask}`)
    }
    const off = createRedactor(policyOf({ actions: actionsOf('allow') }))
    expect(textOf(off.push(KEY + ' ada@example.org 4111111111111111'))).toContain(KEY)
  })

  test('findings count by code and carry no text', () => {
    const redactor = createRedactor(MASKING)
    redactor.push(`a@example.org b@example.org ${KEY}`)
    redactor.end()
    expect(redactor.findings()).toEqual([
      { code: 'output.email', count: 2 },
      { code: 'output.secret.secure-llm-key', count: 1 },
    ])
  })
})
