/** Secrets in answers: what is found does not hang on how the text comes, however it is put together. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedactor, textOf } from '../../src/guard/output/redactor.ts'
import { SECRET_ROWS } from '../../src/guard/output/secrets/secrets.ts'
import { actionsOf, policyOf } from '../unit/guard-policies.ts'

const ONLY_SECRETS = policyOf({ actions: actionsOf('allow', { secret: 'mask' }) })

function redact(chunks: readonly string[]) {
  const redactor = createRedactor(ONLY_SECRETS)
  const text = textOf([...chunks.flatMap((chunk) => redactor.push(chunk)), ...redactor.end()])
  return { text, findings: redactor.findings() }
}

const NAMES = [
  'password',
  'DB_PASS',
  'api_key',
  'myApiKey',
  'datadog',
  'New Relic',
  'token',
  'secret',
]
const SIGNS = [
  '=',
  ': ',
  ' = "',
  '": "',
  ' := `',
  ' => ',
  '>',
  ' is ',
  ': String = "',
  ':\n  ',
  ' ',
  ',',
]
const SMALL = [
  '"',
  "'",
  '\n',
  ' ',
  '-',
  '_',
  '.',
  'x',
  '://',
  '@',
  ':',
  '|',
  'Bearer ',
  'is',
  '0',
  '`',
]

const fragment = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom(...SIGNS),
  fc.constantFrom(...SMALL),
  fc.constantFrom(...SECRET_ROWS.map(({ example }) => example)),
  fc.constantFrom(...SECRET_ROWS.map(({ example }) => example)).map((text) => text.slice(0, -4)),
  fc.stringMatching(/^[a-zA-Z0-9]{4,40}$/),
)
const written = fc.array(fragment, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''))

test('the same for every chunking of texts made of names, signs and secrets', () => {
  fc.assert(
    fc.property(written, fc.array(fc.nat(400), { maxLength: 14 }), (whole, marks) => {
      const cuts = [...new Set(marks.map((n) => n % (whole.length + 1)))].sort((a, b) => a - b)
      const chunks = [0, ...cuts].map((from, i) => whole.slice(from, cuts[i] ?? whole.length))
      const once = redact([whole])
      expect(redact(chunks)).toEqual(once)
      expect(redact(Array.from(whole))).toEqual(once)
    }),
    { numRuns: 3000 },
  )
})
