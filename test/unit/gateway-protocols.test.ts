/** What all protocols promise: nothing unmasked, nothing early, the right status and the right end. */
import { afterEach, describe, expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { ask, namedEvents, type AnthropicError } from './gateway-endpoints.ts'
import { HEADERS, READY, testApp, type TestApp } from './gateway-fakes.ts'

const PROTOCOLS = ['/v1/completions', '/v1/responses', '/v1/messages'] as const
const FORMS = PROTOCOLS.flatMap((url) => [false, true].map((stream) => [url, stream] as const))

let current: TestApp
const start = async (over?: Parameters<typeof testApp>[0]) =>
  (current = await testApp({ maxBodyBytes: 65_536, ...over }))
afterEach(async () => {
  await current.app.close()
})

const openTool = { type: 'function', name: 'f', parameters: { type: 'object' } }
const claudeTool = { name: 'f', input_schema: { type: 'object' } }

describe.each(FORMS)('%s (stream: %s)', (url, stream) => {
  test('nothing leaves before the record has the request', async () => {
    const { app, engine, keeper } = await start({ pingIntervalMs: 5 })
    const durable = Promise.withResolvers<undefined>()
    keeper.answer = () => durable.promise
    let answered = false
    const reply = ask(app, url, { stream }).then((r) => {
      answered = true
      return r
    })
    await expect.poll(() => engine.jobs.length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(answered).toBe(false)
    durable.resolve(undefined)
    expect((await reply).body).toContain('aris.')
  })

  test('a refused record is a 503, and the engine is told to stop', async () => {
    const { app, engine, keeper } = await start()
    engine.script = (job) => job.started().text('CANARY')
    keeper.answer = () => Promise.reject(new Fault('AUDIT_UNAVAILABLE', 'disk full'))
    const reply = await ask(app, url, { stream })
    expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '2'])
    expect(reply.body).not.toContain('CANARY')
    expect(engine.jobs[0]!.cancelled).toBe('not-recorded')
  })

  test('an answer is masked, however it is cut', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.started().text('a s', 'ecr', 'et b').done()
    const { body } = await ask(app, url, { stream })
    expect(body).toContain('******')
    expect(body).not.toContain('ecret')
  })

  test('a failure before the first byte has a status', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.failed('ENGINE_CONTEXT_LENGTH', '9000 tokens')
    const reply = await ask(app, url, { stream })
    expect(reply.statusCode).toBe(400)
    expect(reply.body).toContain('context_length_exceeded')
    // By the name that the field has in this protocol.
    const fields = {
      '/v1/completions': 'prompt',
      '/v1/responses': 'input',
      '/v1/messages': 'messages',
    }
    expect(reply.body).toContain(`"param":"${fields[url]}"`)
  })

  test('the guard refuses, and says so', async () => {
    const { app, engine } = await start()
    const bodies = {
      '/v1/completions': { prompt: 'an attack' },
      '/v1/responses': { input: 'an attack' },
    }
    const messages = { messages: [{ role: 'user', content: 'an attack' }] }
    const over = url === '/v1/messages' ? messages : bodies[url]
    const reply = await ask(app, url, { stream, ...over })
    expect([reply.statusCode, reply.headers['x-should-retry']]).toEqual([400, 'false'])
    expect(reply.body).toContain('guard_refused')
    expect(engine.jobs).toHaveLength(0)
  })

  test('a seat comes back', async () => {
    const { app } = await start({ maxJobs: 1 })
    for (let at = 0; at < 4; at++) {
      const reply = async () => (await ask(app, url, { stream })).statusCode
      await expect.poll(reply).toBe(200)
    }
  })
})

describe.each(['/v1/responses', '/v1/messages'] as const)('%s', (url) => {
  test.each([false, true])('thoughts and arguments are masked (stream: %s)', async (stream) => {
    const { app, engine } = await start()
    engine.script = (job) => {
      job.started().part({ part: 'thought', text: 'a sec' }).part({ part: 'thought', text: 'ret' })
      job.call('f', '{"a": "sec', 'ret"}').done('calls')
    }
    const tools = [url === '/v1/messages' ? claudeTool : openTool]
    const { body } = await ask(app, url, { stream, tools })
    expect(body.match(/\*{6}/g)!.length).toBeGreaterThanOrEqual(2)
    expect(body).not.toContain('secret')
  })

  test('a schema that is not understood is named where the client wrote it', async () => {
    const { app } = await start()
    const schema = { type: 'object', unevaluatedItems: 7, $ref: 'https://example.com/x' }
    const claude = { tools: [{ name: 'f', input_schema: schema }] }
    const open = { tools: [{ type: 'function', name: 'f', parameters: schema }] }
    const reply = await ask(app, url, url === '/v1/messages' ? claude : open)
    expect(reply.statusCode).toBe(400)
    const place = url === '/v1/messages' ? 'tools[0].input_schema' : 'tools[0].parameters'
    expect(reply.body).toContain(`"param":"${place}"`)
  })

  test.each([
    ['an image', { type: 'image', source: {} }, { type: 'input_image', image_url: 'data:,' }],
    ['a document', { type: 'document', source: {} }, { type: 'input_file', file_id: 'f' }],
  ])('%s is refused with its place', async (_what, claude, open) => {
    const { app, engine } = await start()
    const isClaude = url === '/v1/messages'
    const turns = [{ role: 'user', content: [isClaude ? claude : open] }]
    const reply = await ask(app, url, isClaude ? { messages: turns } : { input: turns })
    expect(reply.statusCode).toBe(400)
    expect(reply.body).toContain(`${isClaude ? 'messages' : 'input'}[0].content[0].type`)
    expect(reply.body).toContain('unsupported_parameter')
    expect(engine.jobs).toHaveLength(0)
  })

  test('a result of a call that nobody made is refused', async () => {
    const { app } = await start()
    const result = { type: 'tool_result', tool_use_id: 'x', content: 'y' }
    const claude = { messages: [{ role: 'user', content: [result] }] }
    const open = { input: [{ type: 'function_call_output', call_id: 'x', output: 'y' }] }
    const reply = await ask(app, url, url === '/v1/messages' ? claude : open)
    expect([reply.statusCode, reply.body]).toEqual([400, expect.stringContaining('no call before')])
  })

  test('a result is text and nothing else', async () => {
    const { app } = await start()
    const used = { type: 'tool_use', id: 'x', name: 'f', input: {} }
    const inner = [{ type: 'text', text: 'y' }, used]
    const result = { type: 'tool_result', tool_use_id: 'x', content: inner }
    const claude = {
      messages: [
        { role: 'assistant', content: [used] },
        { role: 'user', content: [result] },
      ],
    }
    const call = { type: 'function_call', call_id: 'x', name: 'f', arguments: '{}' }
    const output = [{ type: 'input_text', text: 'y' }, call]
    const open = { input: [call, { type: 'function_call_output', call_id: 'x', output }] }
    const isClaude = url === '/v1/messages'
    const reply = await ask(app, url, isClaude ? claude : open)
    expect(reply.statusCode).toBe(400)
    const place = isClaude ? 'messages[1].content[0].content[1]' : 'input[1].output[1]'
    expect(reply.body).toContain(`${place}.type`)
  })

  test('an answer that the guard ends says so', async () => {
    const { app, engine } = await start()
    engine.script = (job) => job.started().text('{"a": "sec', 'ret"}').done()
    const schema = { type: 'object', properties: { a: { enum: ['secret'] } }, required: ['a'] }
    const strict = { ...schema, additionalProperties: false }
    const open = {
      text: { format: { type: 'json_schema', name: 'n', strict: true, schema: strict } },
    }
    const claude = { output_config: { format: { type: 'json_schema', schema: strict } } }
    const reply = await ask(app, url, url === '/v1/messages' ? claude : open)
    const ends = { '/v1/messages': '"stop_reason":"refusal"', '/v1/responses': '"content_filter"' }
    expect(reply.body).toContain(ends[url])
    // The answer says its own schema again, which is the client's.
    expect(reply.body.replace(JSON.stringify(schema.properties), '')).not.toContain('secret')
  })
})

test('Anthropic: pings are events, behind the message’s start', async () => {
  const { app, engine } = await start({ pingIntervalMs: 10 })
  engine.script = (job) => {
    job.started(9)
    setTimeout(() => job.text('x').done(), 50)
  }
  const events = namedEvents((await ask(app, '/v1/messages', { stream: true })).body)
  expect(events.slice(0, 2).map(({ name }) => name)).toEqual(['message_start', 'ping'])
  expect(events[0]!.data).toMatchObject({
    message: { usage: { input_tokens: 7, cache_read_input_tokens: 2 } },
  })
  expect(events.filter(({ name }) => name === 'message_start')).toHaveLength(1)
})

test('OpenAI: pings are comments', async () => {
  const { app, engine } = await start({ pingIntervalMs: 10 })
  engine.script = (job) => {
    job.started()
    setTimeout(() => job.text('x').done(), 50)
  }
  const { body } = await ask(app, '/v1/responses', { stream: true })
  expect(body).toMatch(/^: ping\n\n/)
})

test.each([
  [{ authorization: 'Bearer wrong' }, 401, 'authentication_error', 'invalid_api_key'],
  [{ host: 'evil.example' }, 403, 'permission_error', 'host_not_allowed'],
  [{ 'content-type': 'text/plain' }, 415, 'invalid_request_error', 'unsupported_media_type'],
])('Anthropic: the shape of an error for %j', async (over, status, type, code) => {
  const { app } = await start()
  const headers = { ...HEADERS, ...over }
  const reply = await app.inject({ method: 'POST', url: '/v1/messages', headers, payload: '{}' })
  expect(reply.statusCode).toBe(status)
  expect(reply.json<AnthropicError>()).toEqual({
    type: 'error',
    error: {
      type,
      message: expect.any(String) as string,
      details: { error_code: code, param: null },
    },
    request_id: reply.headers['request-id'],
  })
})

test.each(['always', 'optional', 'never'] as const)(
  'Anthropic: thoughts nobody asked for, with a model that thinks %s',
  async (thinking) => {
    const { app, engine } = await start()
    engine.ready = { ...READY, abilities: { thinking, infill: false } }
    await ask(app, '/v1/messages')
    const expected = thinking === 'optional' ? 'off' : 'default'
    expect(engine.jobs[0]!.order.input).toMatchObject({ thinking: expected })
    const asked = { thinking: { type: 'enabled', budget_tokens: 5 } }
    const reply = await ask(app, '/v1/messages', asked)
    if (thinking !== 'never')
      expect(engine.jobs[1]!.order.input).toMatchObject({ thinking: 'default' })
    else expect(reply.json<AnthropicError>().error.details.param).toBe('thinking')
  },
)

test('Anthropic: thoughts that are to be left out are', async () => {
  const { app, engine } = await start()
  engine.ready = { ...READY, abilities: { thinking: 'optional', infill: false } }
  engine.script = (job) => job.started().part({ part: 'thought', text: 'hm' }).text('x').done()
  const thinking = { type: 'adaptive', display: 'omitted' }
  const whole = await ask(app, '/v1/messages', { thinking })
  expect(whole.json<{ content: object[] }>().content).toMatchObject([{ type: 'text', text: 'x' }])
  const streamed = await ask(app, '/v1/messages', { thinking, stream: true })
  expect(streamed.body).not.toContain('hm')
})
