/** Secrets in answers: every row fires on its example and not on its counterexample, however cut. */
import { describe, expect, test } from 'vitest'
import { createRedactor, textOf } from '../../src/guard/output/redactor.ts'
import { actionsOf, policyOf } from './guard-policies.ts'
import { SECRET_ROWS, SECRETS } from '../../src/guard/output/secrets/secrets.ts'

const ONLY_SECRETS = policyOf({ actions: actionsOf('allow', { secret: 'mask' }) })

function redact(chunks: readonly string[]) {
  const redactor = createRedactor(ONLY_SECRETS)
  const text = textOf([...chunks.flatMap((chunk) => redactor.push(chunk)), ...redactor.end()])
  return { text, codes: redactor.findings().map(({ code }) => code) }
}

describe('rows', () => {
  test('there are 250 of them and more, each with a page of its vendor', () => {
    expect(new Set(SECRET_ROWS.map(({ code }) => code)).size).toBeGreaterThanOrEqual(250)
    for (const { code, source } of SECRET_ROWS) {
      expect(code).toMatch(/^output\.secret\.[a-z0-9-]{1,48}$/)
      expect(source.length).toBeGreaterThan(4)
    }
  })
  test.each(SECRET_ROWS)('$code: $example', ({ code, example, counterexample }) => {
    const whole = redact([`${example}\n`])
    expect(whole.codes).toContain(code)
    expect(whole.text).toContain('[SECRET]')
    expect(redact([`${counterexample}\n`]).codes).not.toContain(code)
  })
  test.each(SECRET_ROWS)('every cut of $code', ({ example, counterexample }) => {
    for (const text of [`${example}\n`, `${counterexample}\n`]) {
      const whole = redact([text])
      expect(redact(Array.from(text))).toEqual(whole)
      for (let i = 1; i < text.length; i++) {
        expect(redact([text.slice(0, i), text.slice(i)])).toEqual(whole)
      }
    }
  })
})

test('no detector holds back more than 700 characters', () => {
  for (const { maxHoldBackChars } of SECRETS) expect(maxHoldBackChars).toBeLessThanOrEqual(700)
})
