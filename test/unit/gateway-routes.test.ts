/** The table of routes: what is in it is what there is, and each of them asks for its key and scope. */
import { afterEach, describe, expect, test } from 'vitest'
import { SCOPES as CLI_SCOPES } from '../../src/cli/clients.ts'
import { presentedKey, SCOPES } from '../../src/gateway/clients.ts'
import { ROUTES, type RouteRow } from '../../src/gateway/routes/table.ts'
import { LEAST_BODIES, type AnthropicError, type OpenAiError } from './gateway-endpoints.ts'
import { fakeClient, HEADERS, KEY, testApp, type TestApp } from './gateway-fakes.ts'

let current: TestApp
afterEach(async () => {
  await current.app.close()
})

const KEYLESS = { host: HEADERS.host, 'content-type': HEADERS['content-type'] }
const rows: readonly RouteRow[] = ROUTES
const closed = rows.filter(({ access }) => access !== 'open')
const namesOf = (list: readonly RouteRow[]) => list.map(({ method, path }) => `${method} ${path}`)

function requestOf({ method, path }: RouteRow, headers: Record<string, string>) {
  const body = LEAST_BODIES[path]
  const url = path.replace(':id', 'tiny')
  return { method, url, headers, ...(body === undefined ? {} : { payload: JSON.stringify(body) }) }
}

function codeOf(row: RouteRow, body: unknown): string | null {
  return row.errors === 'openai'
    ? (body as OpenAiError).error.code
    : (body as AnthropicError).error.details.error_code
}

test('what is registered is what the table has', async () => {
  current = await testApp()
  const listed = current.app.printRoutes({ commonPrefix: false, includeHooks: false })
  const paths: string[] = []
  const registered = listed.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] =
      /^([│├└─ ]*)(\S+)(?: \((.*)\))?$/.exec(line) ?? []
    const depth = indent.length / 4
    paths[depth] = `${paths[depth - 1] ?? ''}${part}`
    return methods === '' ? [] : methods.split(', ').map((method) => `${method} ${paths[depth]!}`)
  })
  expect(registered.sort()).toEqual(namesOf(rows).sort())
})

describe.each(closed.map((row) => [`${row.method} ${row.path}`, row] as const))('%s', (_, row) => {
  test('without a key: 401', async () => {
    current = await testApp()
    const headers = KEYLESS
    const reply = await current.app.inject(requestOf(row, headers))
    expect([reply.statusCode, codeOf(row, reply.json())]).toEqual([401, 'invalid_api_key'])
  })

  test('with every scope but its own: 403', async () => {
    const scopes = SCOPES.filter((scope) => scope !== row.access)
    const directory = { state: 'ok' as const, find: () => fakeClient({ scopes }) }
    current = await testApp({}, { directory })
    const reply = await current.app.inject(requestOf(row, HEADERS))
    expect([reply.statusCode, codeOf(row, reply.json())]).toEqual([403, 'missing_scope'])
    expect(reply.headers['x-should-retry']).toBe('false')
    expect(current.engine.jobs.length + current.engine.questions.length).toBe(0)
  })

  test('with its own scope alone: 200, by either header', async () => {
    const scopes = SCOPES.filter((scope) => scope === row.access)
    const find = (key: string) => (key === KEY ? fakeClient({ scopes }) : undefined)
    current = await testApp({}, { directory: { state: 'ok', find } })
    expect((await current.app.inject(requestOf(row, HEADERS))).statusCode).toBe(200)
    const headers = KEYLESS
    const plain = requestOf(row, { ...headers, 'x-api-key': KEY })
    expect((await current.app.inject(plain)).statusCode).toBe(200)
  })
})

test('requests without the scope count as requests of their client: 429 when there are too many', async () => {
  const find = () => fakeClient({ scopes: [] })
  current = await testApp({ requestsPerMinute: 2 }, { directory: { state: 'ok', find } })
  const statuses: number[] = []
  for (let i = 0; i < 3; i++) {
    const reply = await current.app.inject({ url: '/v1/models', headers: HEADERS })
    statuses.push(reply.statusCode)
  }
  expect(statuses).toEqual([403, 403, 429])
})

test('open routes are those that say states only', () => {
  expect(rows.filter(({ access }) => access === 'open').map(({ path }) => path)).toEqual([
    '/healthz',
    '/readyz',
  ])
})

test.each(['GET /nothing', 'POST /v1/messages/batches', 'DELETE /v1/responses/resp_1'])(
  '%s is not there: 401 without a key, 404 with one, in the shape of errors',
  async (name) => {
    const [method, url] = name.split(' ') as ['GET', string]
    current = await testApp()
    const headers = KEYLESS
    expect((await current.app.inject({ method, url, headers })).statusCode).toBe(401)
    const bodiless = { host: HEADERS.host, authorization: HEADERS.authorization }
    const reply = await current.app.inject({ method, url, headers: bodiless })
    expect(reply.statusCode).toBe(404)
    expect(Object.keys(reply.json<OpenAiError>().error).sort()).toEqual([
      'code',
      'message',
      'param',
      'type',
    ])
  },
)

test('the command line knows the same scopes', () => {
  expect(CLI_SCOPES).toEqual(SCOPES)
})

test.each([
  [{ authorization: 'Bearer a' }, 'a'],
  [{ 'x-api-key': 'a' }, 'a'],
  [{ authorization: 'Bearer a', 'x-api-key': 'a' }, 'a'],
  [{ authorization: 'Bearer a', 'x-api-key': 'b' }, undefined],
  [{ authorization: 'Basic a', 'x-api-key': 'b' }, undefined],
  [{ 'x-api-key': '' }, undefined],
  [{ 'x-api-key': 'a b' }, undefined],
  [{ 'x-api-key': 'k'.repeat(257) }, undefined],
  [{ 'x-api-key': ['a', 'b'] }, undefined],
  [{}, undefined],
])('the key of %j', (headers, key) => {
  expect(presentedKey(headers)).toBe(key)
})
