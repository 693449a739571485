import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterEach, expect, test } from 'vitest'
import { BODIES } from '../../src/gateway/openapi/bodies.ts'
import { openApiDocument } from '../../src/gateway/openapi/document.ts'
import { pageTables, withTables } from '../../src/gateway/openapi/page.ts'
import { API_VERSION } from '../../src/gateway/routes/openapi.ts'
import { ROUTES } from '../../src/gateway/routes/table.ts'
import { OpenApi } from '../fixtures/openapi.ts'
import { LEAST_BODIES } from './gateway-endpoints.ts'
import { HEADERS, testApp, type TestApp } from './gateway-fakes.ts'

interface Operation {
  operationId: string
  security?: object[]
  'x-scope'?: string
  requestBody?: { content: { 'application/json': { schema: { properties: object } } } }
}
interface Document extends Record<string, unknown> {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

let current: TestApp
afterEach(async () => {
  await current.app.close()
})
async function document(): Promise<Document> {
  current = await testApp()
  return fetched()
}
async function fetched(): Promise<Document> {
  const reply = await current.app.inject({ url: '/openapi.json', headers: HEADERS })
  return reply.json<Document>()
}

test('it is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(await document())
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
})

test('it has every route of the table, with its scope, and no other', async () => {
  const { paths } = await document()
  const listed = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security, 'x-scope': scope }]) => {
      const access = scope ?? (security?.length === 0 ? 'open' : undefined)
      return `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')} ${access}`
    }),
  )
  expect(listed.sort()).toEqual(
    ROUTES.map(({ method, path, access }) => `${method} ${path} ${access}`).sort(),
  )
})

test.each(ROUTES.filter(({ method }) => method === 'POST'))(
  'the body of $path: its fields, and a schema that takes what the server takes',
  async ({ path }) => {
    const { paths } = await document()
    const schema = paths[path]?.post?.requestBody?.content['application/json'].schema
    expect(Object.keys(schema!.properties)).toEqual(
      Object.keys(BODIES[`POST ${path}` as keyof typeof BODIES].fields).sort(),
    )
    const api = new OpenApi(await fetched())
    expect(api.bodyFault(path, LEAST_BODIES[path])).toBeUndefined()
    expect(api.bodyFault(path, { ...LEAST_BODIES[path], frobnicate: 1 })).toBeDefined()
    expect(api.bodyFault(path, {})).toBeDefined()
  },
)

test('every operation has a name of its own', async () => {
  const { paths } = await document()
  const names = Object.values(paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  )
  expect(new Set(names).size).toBe(ROUTES.length)
})

test('docs/api.md is what the document says: run node scripts/api-docs.ts', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  const tables = pageTables(openApiDocument(API_VERSION))
  expect(withTables(page, tables)).toBe(page)
  for (const name of tables.keys()) expect(page).toContain(`<!-- table: ${name} -->`)
})
