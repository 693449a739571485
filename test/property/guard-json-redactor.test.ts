/** Masked JSON is the same for every cut, is JSON, and covers all that went in. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJsonRedactor } from '../../src/guard/output/json-redactor.ts'
import { ANYWHERE } from '../../src/guard/output/mask-place.ts'
import { createRedactor, textOf, type Piece } from '../../src/guard/output/redactor.ts'
import { MASKING } from '../unit/guard-policies.ts'

const SECRETS = ['ada@example.org', '4111 1111 1111 1111', `sk-${'A1'.repeat(12)}`]

const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.constantFrom(...SECRETS, '@', 'sk-', '"', '\\', '\n', 'eyJ', '-----BEGIN '),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''))

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(true, false, null, 4111111111111111),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
})).value

/** Any spelling of the same document: every unit of a string may be escaped. */
const spelled = fc.tuple(value, fc.infiniteStream(fc.boolean())).map(([document, coins]) =>
  JSON.stringify(document).replaceAll(/[\w@. -]/g, (unit, at: number, whole: string) => {
    const isInString = (whole.slice(0, at).match(/(?<!\\)(?:\\\\)*"/g)?.length ?? 0) % 2 === 1
    const isEscape = /\\[u0-9a-f]*$/.test(whole.slice(Math.max(0, at - 6), at))
    const coin = coins.next()
    if (!isInString || isEscape || coin.done === true || !coin.value) return unit
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  }),
)

function redact(chunks: readonly string[]) {
  const redactor = createJsonRedactor(createRedactor(MASKING), ANYWHERE)
  const pieces: Piece[] = chunks.flatMap((chunk) => [...redactor.push(chunk)])
  return { pieces: [...pieces, ...redactor.end()], state: redactor.state() }
}

function cutAt(whole: string, marks: readonly number[]): string[] {
  const cuts = [...new Set(marks.map((n) => n % (whole.length + 1)))].sort((a, b) => a - b)
  return [0, ...cuts].map((from, index) => whole.slice(from, cuts[index] ?? whole.length))
}

function plainly(said: string): string {
  const redactor = createRedactor(MASKING)
  return textOf([...redactor.push(said), ...redactor.end()])
}

/** The document with each string and name as the plain redactor leaves it. */
function masked(document: unknown): unknown {
  if (typeof document === 'string') return plainly(document)
  if (typeof document === 'number')
    return plainly(String(document)).includes('[') ? '[CARD]' : document
  if (Array.isArray(document)) return document.map(masked)
  if (typeof document !== 'object' || document === null) return document
  const pairs = Object.entries(document)
  return Object.fromEntries(pairs.map(([name, member]) => [plainly(name), masked(member)]))
}

test('3,000 documents', { timeout: 120_000 }, () => {
  let blocked = 0
  fc.assert(
    fc.property(spelled, fc.array(fc.nat(400), { maxLength: 10 }), (given, marks) => {
      const whole = redact([given])
      const cut = redact(cutAt(given, marks))
      expect([textOf(cut.pieces), cut.state]).toEqual([textOf(whole.pieces), whole.state])
      if (whole.state === 'blocked') blocked++
      if (whole.state === 'blocked') return
      expect(whole.pieces.reduce((sum, { sourceChars }) => sum + sourceChars, 0)).toBe(given.length)
      expect(JSON.parse(textOf(whole.pieces))).toEqual(masked(JSON.parse(given)))
    }),
    { numRuns: 3000 },
  )
  // Digits behind a sign or a point that look like a card: rare.
  expect(blocked).toBeLessThan(100)
})
