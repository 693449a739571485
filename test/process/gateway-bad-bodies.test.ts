/**
 * Every field of a chat request with values that are wrong, through a real gateway process: the
 * error names the field by its place, and neither the engine nor the record hears of it.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CHAT_FIELDS } from '../../src/gateway/chat/fields.ts'
import { chat, startGatewayProcess, type GatewayProcess } from './gateway-process.ts'

let gateway: GatewayProcess

beforeAll(async () => {
  gateway = await startGatewayProcess({
    sets: ['gateway.maxBodyBytes=65536', 'gateway.requestsPerMinute=10000'],
  })
})
afterEach(() => {
  // Taken out, so that one row that gets through does not fail all after it.
  expect(gateway.engine.starts.splice(0)).toEqual([])
  const events = gateway.keeper.events.splice(0).map(({ type }) => type)
  expect(events.filter((type) => type.startsWith('request.'))).toEqual([])
})
afterAll(async () => {
  await gateway.close()
})

interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string }
}

/** A value and the field that the error must name; the field itself when it is not given. */
interface Wrong {
  readonly value: unknown
  readonly code: 'invalid_type' | 'invalid_value' | 'unknown_parameter' | 'unsupported_parameter'
  readonly param?: string
  /** What must be beside it. */
  readonly beside?: object
}

const type = (...values: unknown[]): Wrong[] =>
  values.map((value) => ({ value, code: 'invalid_type' }))
const range = (...values: unknown[]): Wrong[] =>
  values.map((value) => ({ value, code: 'invalid_value' }))
const refused = (...values: unknown[]): Wrong[] =>
  values.map((value) => ({ value, code: 'unsupported_parameter' }))
const unknownIn = (value: unknown, param: string, beside?: object): Wrong => ({
  ...{ value, code: 'unknown_parameter', param },
  ...(beside === undefined ? {} : { beside }),
})

const LONG = 'x'.repeat(1025)
const HINT = [...type(5, {}, []), ...range(LONG)]
const user = (over: object) => [{ role: 'user', content: 'hello', ...over }]
const penalty = [...range(-2.001, 2.001, 1e308), ...type('0', true)]
const tokens = [...range(0, -1, 1_048_577), ...type(1.5, '1', [])]

const WRONG: Readonly<Record<string, readonly Wrong[]>> = {
  audio: refused({ voice: 'alloy' }),
  frequency_penalty: penalty,
  function_call: refused({ name: 'f' }),
  functions: refused([{ name: 'f' }]),
  logit_bias: range({ 50256: -100 }),
  logprobs: type(1, 'true'),
  max_completion_tokens: tokens,
  max_tokens: [
    ...tokens,
    { value: 1, code: 'invalid_value', beside: { max_completion_tokens: 2 } },
  ],
  messages: [
    ...type('hello', {}, null),
    ...range([]),
    { value: [null], code: 'invalid_type', param: 'messages[0]' },
    { value: user({ role: 'root' }), code: 'invalid_value', param: 'messages[0].role' },
    { value: user({ role: 'tool' }), code: 'invalid_type', param: 'messages[0].tool_call_id' },
    { value: user({ content: 5 }), code: 'invalid_type', param: 'messages[0].content' },
    { value: user({ name: 5 }), code: 'invalid_type', param: 'messages[0].name' },
    { value: user({ name: LONG }), code: 'invalid_value', param: 'messages[0].name' },
    unknownIn(user({ weight: 1 }), 'messages[0].weight'),
    unknownIn(
      [...user({}), ...user({ content: [{ type: 'text', text: 'a', cache: 1 }] })],
      'messages[1].content[0].cache',
    ),
    {
      value: user({ content: [{ type: 'text', text: 5 }] }),
      code: 'invalid_type',
      param: 'messages[0].content[0].text',
    },
    {
      value: user({ content: [{ type: 'text', text: '' }, { type: 'input_audio' }] }),
      code: 'unsupported_parameter',
      param: 'messages[0].content[1].type',
    },
  ],
  metadata: [
    ...type('a', []),
    { value: { a: 5 }, code: 'invalid_type', param: 'metadata.a' },
    { value: { a: 'x'.repeat(513) }, code: 'invalid_value', param: 'metadata.a' },
    ...range(Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, '']))),
  ],
  modalities: refused(['audio'], ['text', 'audio'], 'text'),
  model: [...type(5, null), ...range('', LONG)],
  moderation: refused({ model: 'x' }),
  n: [...range(0, 1000), ...type(1.5, '1')],
  parallel_tool_calls: type('yes', 1),
  prediction: [
    ...type('x'),
    { value: { type: 'other' }, code: 'invalid_value', param: 'prediction.type' },
  ],
  presence_penalty: penalty,
  prompt_cache_key: HINT,
  prompt_cache_options: type('x', []),
  prompt_cache_retention: HINT,
  reasoning_effort: range('much'),
  response_format: [
    { value: { type: 'xml' }, code: 'invalid_value', param: 'response_format.type' },
    unknownIn({ type: 'text', extra: 1 }, 'response_format.extra'),
  ],
  safety_identifier: HINT,
  seed: [...type('1', 1.5, true), ...range(2 ** 53, -(2 ** 53))],
  service_tier: range('platinum', 5),
  stop: [
    ...range('', 'x'.repeat(257), ['a', 'b', 'c', 'd', 'e'], [5], 5, {}),
    { value: ['a', ''], code: 'invalid_value', param: 'stop[1]' },
  ],
  store: refused(true),
  stream: type('yes', 1),
  stream_options: [
    ...range({ include_usage: true }),
    unknownIn({ extra: 1 }, 'stream_options.extra', { stream: true }),
    {
      value: { include_usage: 'yes' },
      code: 'invalid_type',
      param: 'stream_options.include_usage',
      beside: { stream: true },
    },
  ],
  temperature: [...range(-0.001, 2.001, 1e308), ...type('1', true, {})],
  tool_choice: [
    ...range('required'),
    { value: { type: 'function' }, code: 'invalid_type', param: 'tool_choice.function' },
  ],
  tools: [{ value: [{ type: 'function' }], code: 'invalid_type', param: 'tools[0].function' }],
  top_logprobs: range(5),
  top_p: [...range(-0.001, 1.001), ...type('1', [])],
  user: HINT,
  verbosity: refused('high'),
  web_search_options: refused({}),
}

/** What JSON has no words for; the text of a number beyond all doubles is Infinity to JSON.parse. */
const BEYOND = [
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'max_tokens',
  'seed',
]

async function answerTo(body: string): Promise<[number, ErrorBody['error']]> {
  const response = await gateway.post({}, { body })
  const { error } = (await response.json()) as ErrorBody
  expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type'])
  return [response.status, error]
}

test('every field has wrong values here', () => {
  expect(Object.keys(WRONG).sort()).toEqual(Object.keys(CHAT_FIELDS).sort())
  for (const [name, values] of Object.entries(WRONG)) expect(values.length, name).not.toBe(0)
})

const rows = Object.entries(WRONG).flatMap(([field, values]) =>
  values.map((wrong) => ({ field, text: JSON.stringify(wrong.value).slice(0, 60), ...wrong })),
)

describe('a value that is wrong', () => {
  test.each(rows)('$field: $text', async ({ field, value, code, param = field, beside }) => {
    const [status, error] = await answerTo(JSON.stringify(chat({ ...beside, [field]: value })))
    expect(error).toEqual({
      message: expect.stringMatching(/\w+/) as string,
      ...{ type: 'invalid_request_error', param, code },
    })
    expect(status).toBe(400)
  })

  test.each(BEYOND)('%s: 1e999', async (field) => {
    const body = JSON.stringify(chat({ [field]: 'NUMBER' })).replace('"NUMBER"', '1e999')
    const [status, error] = await answerTo(body)
    expect([status, error.param]).toEqual([400, field])
  })

  test.each(['model', 'messages'])('%s: missing', async (field) => {
    const body: Record<string, unknown> = { ...chat() }
    Reflect.deleteProperty(body, field)
    const [status, error] = await answerTo(JSON.stringify(body))
    expect(status).toBe(400)
    expect(error).toMatchObject({ code: 'missing_required_parameter', param: field })
  })
})

const text = JSON.stringify(chat())
const BROKEN: readonly [what: string, body: string, param: string | null][] = [
  ['cut', text.slice(0, -1), null],
  ['more after it', `${text}{}`, null],
  ['nothing', '', null],
  ['a comma too many', text.replace('}]', '},]'), null],
  ['NaN', text.replace('"hello"', 'NaN'), null],
  ['a field twice', text.replace('{"model"', '{"model":"x","model"'), 'model'],
  ['a field twice, spelt with an escape', text.replace('{"m', '{"\\u006dodel":"x","m'), 'model'],
  ['a nested field twice', text.replace('"role"', '"role":"user","role"'), 'role'],
  ['33 levels', `{"a":${'['.repeat(33)}${']'.repeat(33)}}`, null],
  ['10,000 levels', '['.repeat(10_000), null],
  ['__proto__', text.replace('{"role"', '{"__proto__":{},"role"'), null],
]
test.each(BROKEN)('broken JSON: %s', async (_what, body, param) => {
  const [status, error] = await answerTo(body)
  expect([status, error.code, error.param]).toEqual([400, 'invalid_json', param])
})

test.each(['null', '[]', '"x"', '5', 'true'])('a body that is no object: %s', async (body) => {
  const [status, error] = await answerTo(body)
  expect([status, error.code]).toEqual([400, 'invalid_type'])
})

test.each(['model2', 'n_discard', 'grammar', 'constructor', 'toString', ''])(
  'an unknown field: "%s"',
  async (name) => {
    const [status, error] = await answerTo(JSON.stringify(chat({ [name]: 1 })))
    expect([status, error.code, error.param]).toEqual([400, 'unknown_parameter', name])
  },
)

test('the control: the same process answers a good body, and the engine hears of that one', async () => {
  expect((await gateway.post(chat())).status).toBe(200)
  expect(gateway.engine.starts.splice(0)).toHaveLength(1)
  gateway.keeper.events.length = 0
})
