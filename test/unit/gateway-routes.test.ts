/** The table of routes: what is in it is what there is, and each of them asks for its key and scope. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { SCOPES as CLI_SCOPES } from '../../src/cli/clients.ts'
import { presentedKey, SCOPES } from '../../src/gateway/clients.ts'
import { ROUTES, type RouteRow } from '../../src/gateway/routes/table.ts'
import { tableAfter } from './api-page.ts'
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

/** What can be told from an answer to the least request. */
const GIVES: Readonly<Record<string, object | RegExp>> = {
  'POST /v1/chat/completions': { object: 'chat.completion', choices: [{ index: 0 }] },
  'POST /v1/completions': { object: 'text_completion', choices: [{ text: 'Paris.' }] },
  'POST /v1/responses': { object: 'response', output: [{ type: 'message' }] },
  'POST /v1/messages': { type: 'message', content: [{ type: 'text', text: 'Paris.' }] },
  'POST /v1/messages/count_tokens': { input_tokens: expect.any(Number) as number },
  'POST /v1/embeddings': { object: 'list', data: [{ object: 'embedding' }] },
  'POST /v1/tokenize': { count: 5, tokens: Array.from('hello', (char) => char.charCodeAt(0)) },
  'POST /v1/detokenize': { prompt: 'hi' },
  'GET /v1/models': { object: 'list', data: [{ id: 'tiny' }, { id: 'tiny-bert' }] },
  'GET /v1/models/:id': { id: 'tiny', object: 'model', created: 1_700_000_000 },
  'GET /openapi.json': { openapi: '3.1.0', paths: { '/openapi.json': { get: {} } } },
  'GET /metrics': /^# HELP secure_llm_\w+ .+\n# TYPE/,
  'GET /healthz': { status: 'ok' },
  'GET /readyz': { ready: true, models: { tiny: 'ready', 'tiny-bert': 'resting' } },
}

test.each(rows.map((row) => [`${row.method} ${row.path}`, row] as const))(
  '%s gives what its row says',
  async (name, row) => {
    current = await testApp()
    const headers = row.access === 'open' ? { host: HEADERS.host } : HEADERS
    const { statusCode, body } = await current.app.inject(requestOf(row, headers))
    expect(statusCode, body).toBe(200)
    const gives = GIVES[name]!
    if (gives instanceof RegExp) expect(body).toMatch(gives)
    else expect(JSON.parse(body)).toMatchObject(gives)
  },
)

test('docs/api.md has each route with what it needs, and names this file', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  const said = tableAfter(page, '<!-- table: routes -->')
  expect(said).toEqual(
    rows.map(({ method, path, access, gives }) => [
      `${method} ${path.replace(':id', '{id}')}`,
      access === 'open' ? 'nothing' : `scope ${access}`,
      gives,
      basename(import.meta.filename),
    ]),
  )
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
