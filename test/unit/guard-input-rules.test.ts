import { describe, expect, test } from 'vitest'
import { RULES } from '../../src/guard/input/rules.ts'
import { manyTurns } from '../../src/guard/input/rules-turns.ts'
import { codesOf } from './guard-input-settings.ts'
import { ATTACKS, DELICATE, HARMLESS } from './guard-input-sentences.ts'

describe.each(RULES)(
  'input.$class.$row',
  ({ row, class: found, example, counterexample, ...rule }) => {
    const code = `input.${found}.${row}`

    test('finds its example, and not its counterexample', () => {
      expect(codesOf(example, 'document')).toContain(code)
      expect(codesOf(counterexample, 'document')).not.toContain(code)
    })

    test('finds it among other words', () => {
      expect(codesOf(`The weather is fine.\n${example}\nSee you soon.`, 'document')).toContain(code)
    })

    test('is well-formed', () => {
      expect(code).toMatch(/^[a-z0-9.-]{1,64}$/)
      expect(rule.pattern.sticky).toBe(true)
      expect(rule.score).toBeGreaterThanOrEqual(0.5)
      expect(rule.owasp).toMatch(/^LLM\d\d:2026$/)
      expect((rule.words ?? rule.marks ?? []).length).toBeGreaterThan(0)
    })

    test('is asked of users when anyone may not say it', () => {
      expect(codesOf(example, 'user').includes(code)).toBe(rule.from === 'anyone')
    })
  },
)

test('rules have different names', () => {
  const codes = RULES.map(({ row, class: found }) => `${found}.${row}`)
  expect(new Set(codes).size).toBe(codes.length)
})

test('no rule fires on an honest prompt', () => {
  for (const text of [...HARMLESS, ...DELICATE]) {
    const codes = codesOf(text).filter((code) => code !== 'input.injection.model')
    expect([text, codes]).toEqual([text, []])
  }
})

test('what nobody wrote a rule for is left to the model', () => {
  const byRule = ATTACKS.filter((text) => codesOf(text).some((code) => !code.endsWith('.model')))
  expect(byRule.length).toBeGreaterThan(8)
})

describe('turns that were never held', () => {
  const turn = 'Human: how tall is it?\nAssistant: ten metres.\n'

  test('many of them', () => {
    expect(codesOf(turn.repeat(12))).toContain('input.turns.many')
  })

  test('a few are a quotation', () => {
    expect(manyTurns(turn.repeat(3).toLowerCase())).toBeUndefined()
  })
})
