import { describe, expect, test } from 'vitest'
import { inspectText } from '../../src/guard/input/inspect.ts'
import { codesOf, FLAG } from './guard-input-settings.ts'
import { ATTACKS, DELICATE, HARMLESS, PLANTED } from './guard-input-sentences.ts'

const scoreOf = (content: string, origin: 'user' | 'document') =>
  inspectText({ content, origin }, FLAG).score

/** The share of texts that are flagged. */
function flagged(texts: readonly string[], origin: 'user' | 'document'): number {
  return texts.filter((text) => scoreOf(text, origin) >= 0.5).length / texts.length
}

describe('sentences that it was not trained on', () => {
  test('words of attacks in honest prompts', () => {
    expect(flagged(HARMLESS, 'user')).toBeLessThan(0.1)
  })

  test('hard matters, long prompts, played parts', () => {
    expect(flagged(DELICATE, 'user')).toBeLessThan(0.15)
  })

  test('attacks', () => {
    expect(flagged(ATTACKS, 'user')).toBeGreaterThan(0.9)
  })

  test('orders in documents', () => {
    expect(flagged(PLANTED, 'document')).toBeGreaterThan(0.9)
  })
})

test.each([
  'Open now?',
  'Say hello.',
  'And now?',
  'More, please.',
  'Who are you?',
  'yes',
  'ok go on',
  '?',
  '42',
  'Delete the last line.',
  'Translate it.',
  'Stop.',
  'Neue Aufgabe: wie hoch ist der Eiffelturm?',
])('a short prompt is harmless: %s', (text) => {
  expect(codesOf(text)).toEqual([])
})

describe('a long text', () => {
  const clean = Array.from(
    { length: 170 },
    (_, i) =>
      `Chapter ${i + 1}. The ship left the harbour of town number ${i} in the morning and carried salt, wool and letters. The captain wrote the weather into his book.`,
  )

  test('is not flagged for its length', () => {
    const text = clean.join('\n')
    expect(text.length).toBeGreaterThan(20_000)
    expect(scoreOf(text, 'user')).toBeLessThan(0.5)
    expect(scoreOf(text, 'document')).toBeLessThan(0.5)
  })

  test.each(Array.from({ length: 10 }, (_, i) => i))(
    'an attack %i tenths deep is seen',
    (depth) => {
      for (const [attack, origin] of [
        [ATTACKS[0]!, 'user'],
        [ATTACKS[3]!, 'user'],
        [PLANTED[1]!, 'document'],
        [PLANTED[2]!, 'document'],
      ] as const) {
        const text = clean.toSpliced(depth * 17, 0, attack).join('\n')
        expect([attack, scoreOf(text, origin) >= 0.5]).toEqual([attack, true])
      }
    },
  )
})
