import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inspectMessages } from '../../src/guard/input/inspect.ts'

const POLICY = { maxMessageChars: 1000, maxPromptChars: 1000, invisible: 'strip' } as const

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('a', 'क', 'ی', '葛', '❤', '👩', '🏴', '\u1820', ' '),
  fc.constantFrom('\u200B', '\u200C', '\u200D', '\u202E', '\uFE0F', '\u180B', '\u00AD'),
  fc.integer({ min: 0xe0000, max: 0xe0fff }).map((n) => String.fromCodePoint(n)),
)
const text = fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(''))

function clean(content: string) {
  const { messages, findings, verdict } = inspectMessages([{ role: 'user', content }], POLICY)
  return { content: messages[0]?.content, findings, verdict }
}

test('what was cleaned is clean: a second time finds and changes nothing', () => {
  fc.assert(
    fc.property(text, (given) => {
      const once = clean(given).content ?? ''
      expect(clean(once)).toEqual({ content: once, findings: [], verdict: 'allow' })
    }),
    { numRuns: 5000 },
  )
})

test('what is left of the unseen stands right behind a character that takes it', () => {
  fc.assert(
    fc.property(text, (given) => {
      const left = clean(given).content ?? ''
      // A flag of tags is the only run of unseen characters that may stay.
      const withoutFlags = left.replaceAll(/\u{1F3F4}[\u{E0020}-\u{E007E}]{5}\u{E007F}/gu, '')
      expect(withoutFlags).not.toMatch(/[\u{E0000}-\u{E00FF}]/u)
      expect(withoutFlags).not.toMatch(/(?:\u200C|\u200D|\p{Variation_Selector}){3}/u)
      expect(withoutFlags).not.toMatch(/(?:\u200C|\u200D){2}/)
      expect(withoutFlags).not.toMatch(/[\u202A-\u202E\u2060-\u206F\uFEFF\u200B\u00AD]/)
    }),
    { numRuns: 5000 },
  )
})
