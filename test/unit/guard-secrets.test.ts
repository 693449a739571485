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

const VALUE = 'q7Zr2LmX9vBt4KpW'

/** How languages and formats give a value to a name. */
const ASSIGNMENTS = [
  `apiKey = "${VALUE}"`,
  `API_KEY=${VALUE}`,
  `"api_key": "${VALUE}"`,
  `{\\"api_key\\": \\"${VALUE}\\"}`,
  `var apiKey string = "${VALUE}"`,
  `let apiKey: String = "${VALUE}"`,
  `apiKey := \`${VALUE}\``,
  `'api_key' => '${VALUE}'`,
  `apiKey ||= '${VALUE}'`,
  `<apiKey>\n  ${VALUE}\n</apiKey>`,
  `api_key: |\n  ${VALUE}\n`,
  `<add key="ApiKey" value="${VALUE}" />`,
  `- **API key:** \`${VALUE}\``,
  `The API key is ${VALUE}.`,
  `| API key | ${VALUE} |`,
  `tool --api-key ${VALUE}`,
  `service:\n  api_key: ${VALUE}\n`,
  `Authorization: Bearer ${VALUE}`,
]

test.each(ASSIGNMENTS)('the value alone is masked: %s', (text) => {
  expect(redact([text]).text).toBe(text.replace(VALUE, '[SECRET]'))
  expect(redact(Array.from(text)).text).toBe(text.replace(VALUE, '[SECRET]'))
})

/** What stands where a secret would, or looks like one, and is none. */
const NO_SECRETS = [
  `public_key: "${VALUE}"`,
  `primaryKey = "${VALUE}"`,
  `keyword: "${VALUE}"`,
  `monkey = "${VALUE}"`,
  `keyboard: "${VALUE}"`,
  `author = "${VALUE}"`,
  'api_version: "2024-02-15-preview"',
  'API_KEY=your_api_key_here_123',
  'apiKey: "<YOUR-API-KEY-1234>"',
  'token: ${{ secrets.NPM_TOKEN }}',
  'const token = process.env.GITHUB_TOKEN2',
  'key = getKey("name", 12345678)',
  'password: string',
  'password = getpass()',
  'password: "password"',
  'the password must have at least 8 characters',
  'the token limit is 4096 tokens',
  'postgres://user:password@localhost/db',
  'curl -u "user:$PASSWORD" example.org',
  'docker run -u 1000:1000 image',
  'AKIAIOSFODNN7EXAMPLE',
  `ghp_${'x'.repeat(36)}`,
  'hf_requiredCharacteristicTypesForDisplayMetadata',
  'ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
  'commit 33a64df551425fcc55e4d42a148795d9f25f89d4',
  'id: 123e4567-e89b-12d3-a456-426614174000',
  'kind: Secret\ndata:\n  password: ""\n  user: {{ .Values.user }}\n',
]

test.each(NO_SECRETS)('left as it is: %s', (text) => {
  expect(redact([text])).toEqual({ text, codes: [] })
})

test('all data of a Kubernetes Secret goes, wherever its kind is said', () => {
  const data = 'data:\n  # a note\n  id: Zm9vYmFyMTIzNDU2\n  other: YmFyZm9vMTIzNDU2\n'
  const masked = 'data:\n  # a note\n  id: [SECRET]\n'
  for (const text of [`kind: Secret\n${data}---\n`, `${data}kind: Secret\n`]) {
    expect(redact([text]).text).toBe(text.replace(data, masked))
    expect(redact(Array.from(text)).text).toBe(text.replace(data, masked))
  }
})
