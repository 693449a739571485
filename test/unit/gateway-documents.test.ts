/** docs/api.md says what the tables say. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerFor, CLIENT_CODES } from '../../src/gateway/api-error.ts'
import { CHAT_FIELDS } from '../../src/gateway/chat/fields.ts'
import { EMBEDDING_FIELDS } from '../../src/gateway/embeddings/fields.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
const rowsIn = (page: string) =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
const rows = rowsIn(text)

/** The rows of one route's table. */
function rowsUnder(route: string): string[][] {
  const section = text.split('\n## ').find((one) => one.startsWith(`${route}\n`)) ?? ''
  return rowsIn(section)
}

test.each(Object.entries(CHAT_FIELDS))('the field %s', (name, row) => {
  const found = rowsUnder('POST /v1/chat/completions').filter((cells) => cells[0] === `\`${name}\``)
  expect(found).toEqual([[`\`${name}\``, row.use, row.reason]])
})

test.each(Object.entries(EMBEDDING_FIELDS))('the field %s of embeddings', (name, row) => {
  const found = rowsUnder('POST /v1/embeddings').filter((cells) => cells[0] === `\`${name}\``)
  expect(found).toEqual([[`\`${name}\``, row.use, row.reason]])
})

test.each(CLIENT_CODES)('the error $code', ({ thrown }) => {
  const { status, body, headers } = answerFor(thrown, { requestId: 'req_1', retryAfterSeconds: 2 })
  const documented = rows.filter(
    ([s, type, code]) =>
      s === String(status) && type === body.error.type && code === body.error.code,
  )
  expect(documented).toHaveLength(1)
  const says = documented[0]?.[3] ?? ''
  expect(says.includes('x-should-retry')).toBe('x-should-retry' in headers)
  if ('retry-after' in headers) expect(says).toContain('retry-after')
})
