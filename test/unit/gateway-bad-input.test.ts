/** The table of bad input: a clear answer in OpenAI's shape, and the engine never hears of it. */
import { afterEach, expect, test } from 'vitest'
import { chatBody, HEADERS, KEY, MODEL, post, testApp, type TestApp } from './gateway-fakes.ts'

interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null }
}

let current: TestApp
const start = async () => (current = await testApp())

afterEach(async () => {
  await current.app.close()
})

const without = (name: string) =>
  Object.fromEntries(Object.entries(HEADERS).filter(([key]) => key !== name))

/** Every row: status, code and param; and the engine never hears of it. */
const BAD: [what: string, request: object, status: number, code: string, param: string | null][] = [
  ['no key', post(chatBody(), without('authorization')), 401, 'invalid_api_key', null],
  [
    'a wrong key',
    post(chatBody(), { ...HEADERS, authorization: `Bearer ${KEY}x` }),
    401,
    'invalid_api_key',
    null,
  ],
  [
    'a key of another scheme',
    post(chatBody(), { ...HEADERS, authorization: `Basic ${KEY}` }),
    401,
    'invalid_api_key',
    null,
  ],
  [
    'a foreign Host',
    post(chatBody(), { ...HEADERS, host: 'evil.example:11435' }),
    403,
    'host_not_allowed',
    null,
  ],
  [
    'a foreign Origin',
    post(chatBody(), { ...HEADERS, origin: 'https://evil.example' }),
    403,
    'origin_not_allowed',
    null,
  ],
  [
    'a foreign Host without a key: the host comes first',
    { method: 'GET', url: '/v1/models', headers: { host: 'evil.example' } },
    403,
    'host_not_allowed',
    null,
  ],
  [
    'text/plain',
    post(chatBody(), { ...HEADERS, 'content-type': 'text/plain' }),
    415,
    'unsupported_media_type',
    null,
  ],
  [
    'a form',
    post('a=b', { ...HEADERS, 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported_media_type',
    null,
  ],
  [
    'no content type',
    post(chatBody(), without('content-type')),
    415,
    'unsupported_media_type',
    null,
  ],
  ['a body too large', post(chatBody({ user: 'x'.repeat(5000) })), 413, 'body_too_large', null],
  ['broken JSON', post('{"model":'), 400, 'invalid_json', null],
  ['an empty body', post(''), 400, 'invalid_json', null],
  ['bytes that are not UTF-8', post(Buffer.from([0x7b, 0xff, 0x7d])), 400, 'invalid_json', null],
  ['a JSON list', post('[]'), 400, 'invalid_type', null],
  [
    'a field twice',
    post(`{"model":"${MODEL}","model":"x","messages":[]}`),
    400,
    'invalid_json',
    'model',
  ],
  ['__proto__', post('{"__proto__":{"model":"x"},"messages":[]}'), 400, 'invalid_json', null],
  [
    'constructor.prototype',
    post('{"constructor":{"prototype":{"x":1}}}'),
    400,
    'invalid_json',
    null,
  ],
  ['an unknown field', post(chatBody({ n_discard: -1 })), 400, 'unknown_parameter', 'n_discard'],
  ['out of range', post(chatBody({ temperature: 3 })), 400, 'invalid_value', 'temperature'],
  ['a tool without a type', post(chatBody({ tools: [{}] })), 400, 'invalid_value', 'tools[0].type'],
  ['another model', post(chatBody({ model: 'gpt-4o' })), 404, 'model_not_found', 'model'],
  [
    'what the guard refuses',
    post(chatBody({ messages: [{ role: 'user', content: 'attack' }] })),
    400,
    'guard_refused',
    'messages',
  ],
  [
    'an unknown route',
    { method: 'POST', url: '/v1/engines', headers: HEADERS, payload: '{}' },
    404,
    'unknown_url',
    null,
  ],
  [
    'another method',
    { method: 'DELETE', url: '/v1/models', headers: without('content-type') },
    404,
    'unknown_url',
    null,
  ],
  [
    'an unknown route without a key',
    { method: 'GET', url: '/v1/engines', headers: { host: 'localhost:11435' } },
    401,
    'invalid_api_key',
    null,
  ],
  [
    'a path that is not one',
    { method: 'GET', url: '/%zz', headers: HEADERS },
    400,
    'invalid_url',
    null,
  ],
  [
    'a path that is not one, on a foreign Host',
    { method: 'GET', url: '/%zz', headers: { ...HEADERS, host: 'evil.example' } },
    403,
    'host_not_allowed',
    null,
  ],
]

test.each(BAD)('%s', async (_what, request, status, code, param) => {
  const { app, engine, keeper } = await start()
  const reply = await app.inject(request)
  expect(reply.json<ErrorBody>().error).toEqual({
    message: expect.any(String) as string,
    type: expect.any(String) as string,
    param,
    code,
  })
  expect(reply.statusCode).toBe(status)
  expect(reply.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/)
  expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
  expect(engine.jobs).toHaveLength(0)
  expect(keeper.appended).toHaveLength(0)
})
