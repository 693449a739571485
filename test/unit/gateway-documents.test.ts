/** docs/api.md has every error; its other tables are generated. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerFor, CLIENT_CODES } from '../../src/gateway/api-error.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
const sectionOf = (title: string) =>
  text.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
const rowsOf = (title: string) =>
  sectionOf(title)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

test.each(CLIENT_CODES)('the error $code', ({ thrown }) => {
  const { status, body, headers } = answerFor(thrown, { requestId: 'req_1', retryAfterSeconds: 2 })
  const documented = rowsOf('Errors').filter(
    ([s, type, code]) =>
      s === String(status) && type === body.error.type && code === body.error.code,
  )
  expect(documented).toHaveLength(1)
  const says = documented[0]?.[3] ?? ''
  expect(says.includes('x-should-retry')).toBe('x-should-retry' in headers)
  if ('retry-after' in headers) expect(says).toContain('retry-after')
})
