/** docs/api.md says what the tables say. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerFor, CLIENT_CODES } from '../../src/gateway/api-error.ts'
import { CHAT_FIELDS, EXTENSIONS } from '../../src/gateway/chat/fields.ts'

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

test.each(Object.entries({ ...CHAT_FIELDS, ...EXTENSIONS }))('the field %s', (name, row) => {
  const chat = rowsOf('POST /v1/chat/completions')
  const documented = chat.filter((cells) => cells.length === 4 && cells[0] === `\`${name}\``)
  expect(documented).toEqual([
    [`\`${name}\``, row.use, row.reason, expect.stringMatching(/^`[a-z-]+\.test\.ts`$/) as string],
  ])
  const file = documented[0]?.[3]?.replaceAll('`', '') ?? ''
  const tested = readFileSync(join(import.meta.dirname, file), 'utf8')
  expect(tested).toMatch(new RegExp(`\\b${name}\\b`))
})

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
