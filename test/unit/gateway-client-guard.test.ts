/** Each client has the guard of its profile, is told what was found, and never sees the operator's prompt. */
import { afterEach, describe, expect, test } from 'vitest'
import { Config } from '../../src/config/schema.ts'
import { bindGuards } from '../../src/gateway/guard-binding.ts'
import { ask, namedEvents, type OpenAiError } from './gateway-endpoints.ts'
import { fakeClient, testApp, type TestApp } from './gateway-fakes.ts'

const PROMPT = 'You are the guide of the Nightingale museum and you speak of nothing but paintings.'
const ADDRESS = 'ada@example.org'
const SETTINGS = {
  profiles: { closed: { clientSystem: 'refuse', output: { email: 'stop' } } },
} as const

let current: TestApp
afterEach(async () => {
  await current.app.close()
})

/** As a client whose profile is this, of a daemon whose operator has a prompt. */
async function start(profile: string | null, systemPrompt: string | null = PROMPT) {
  const guards = bindGuards(Config.parse({ guard: SETTINGS }).guard, { systemPrompt, secrets: [] })
  const client = fakeClient({ guard: profile })
  current = await testApp(
    { maxBodyBytes: 65_536 },
    { guards, directory: { state: 'ok', find: () => client } },
  )
  current.engine.script = (job) => {
    job.started()
    for (let choice = 0; choice < job.order.choices; choice++) {
      job.part({ choice, text: 'write to ' }).part({ choice, text: ADDRESS })
    }
    job.done(...Array.from({ length: job.order.choices }, () => 'stop' as const))
  }
  return current
}

const CHAT = '/v1/chat/completions'
const inputOf = ({ engine }: TestApp) => {
  const input = engine.jobs[0]!.order.input
  if (input.kind !== 'chat') throw new Error('no chat')
  return input
}

describe('a profile', () => {
  test.each([
    [null, '[EMAIL]', 'stop'],
    ['strict', '[EMAIL]', 'stop'],
    ['observe', ADDRESS, 'stop'],
    ['closed', 'write to ', 'content_filter'],
  ])('%s: the answer has %s and ends with %s', async (profile, text, finish) => {
    const { app } = await start(profile)
    const reply = await ask(app, CHAT)
    const [choice] = reply.json<{
      choices: { message: { content: string }; finish_reason: string }[]
    }>().choices
    expect(choice!.message.content.endsWith(text)).toBe(true)
    expect(choice!.finish_reason).toBe(finish)
    const annotation = { findings: [{ code: 'output.email', count: 1 }] }
    expect(reply.json()).toMatchObject({ secure_llm: annotation })
    expect(reply.headers['x-secure-llm-findings']).toBe('output.email')
  })

  test('coding: what the client sent itself may come back', async () => {
    const { app } = await start('coding')
    const said = [{ role: 'user', content: `mail ${ADDRESS}` }]
    expect((await ask(app, CHAT, { messages: said })).body).toContain(ADDRESS)
    expect((await ask(app, CHAT)).body).not.toContain(ADDRESS)
  })

  test('that is not configured any more: nobody is guarded by guessing', async () => {
    const { app, engine } = await start('gone')
    const reply = await ask(app, CHAT)
    expect([reply.statusCode, reply.json<OpenAiError>().error.code]).toEqual([
      503,
      'guard_settings',
    ])
    expect(engine.jobs).toHaveLength(0)
  })

  test('that allows no system messages', async () => {
    const { app, keeper } = await start('closed')
    const messages = [
      { role: 'system', content: 'x' },
      { role: 'user', content: 'y' },
    ]
    const reply = await ask(app, CHAT, { messages })
    expect(reply.json<OpenAiError>().error).toMatchObject({
      code: 'unsupported_parameter',
      param: 'messages',
    })
    expect(keeper.recorded).toMatchObject([
      { type: 'request.refused', codes: ['input.client-system'] },
    ])
    expect((await ask(app, '/v1/messages', { system: 'x' })).statusCode).toBe(400)
    expect((await ask(app, '/v1/responses', { instructions: 'x' })).statusCode).toBe(400)
  })
})

const FINDINGS = { findings: [{ code: 'output.email', count: 1 }] }
const NAMED = 'x-secure-llm-findings'

describe('what was found is told', () => {
  test.each([CHAT, '/v1/completions', '/v1/responses', '/v1/messages'])(
    'whole: %s',
    async (url) => {
      const { app } = await start('strict')
      const reply = await ask(app, url)
      expect(reply.json()).toMatchObject({ secure_llm: FINDINGS })
      expect(reply.headers[NAMED]).toBe('output.email')
    },
  )

  test.each([
    [CHAT, {}, -2],
    [CHAT, { stream_options: { include_usage: true } }, -3],
    [CHAT, { n: 2 }, -2],
    ['/v1/completions', {}, -2],
    ['/v1/messages', {}, -2],
  ])('streamed: %s %j, in one event, the last that says how it ended', async (url, over, place) => {
    const { app } = await start('strict')
    const events = namedEvents((await ask(app, url, { stream: true, ...over })).body)
    const told = events.filter(({ data }) => 'secure_llm' in data)
    expect(told).toHaveLength(1)
    expect(told[0]).toBe(events.at(place))
    const count = 'n' in over ? 2 : 1
    expect(told[0]!.data.secure_llm).toMatchObject({ findings: [{ code: 'output.email', count }] })
    expect(JSON.stringify(told[0]!.data)).toMatch(/"(finish|stop)_reason":"(stop|end_turn)"/)
  })

  test('streamed: /v1/responses, in the response of its last event', async () => {
    const { app } = await start('strict')
    const events = namedEvents((await ask(app, '/v1/responses', { stream: true })).body)
    expect(events.at(-1)!.data).toMatchObject({ response: { secure_llm: FINDINGS } })
    expect(events.filter(({ data }) => JSON.stringify(data).includes('secure_llm'))).toHaveLength(1)
  })

  test('of a prompt, also with embeddings', async () => {
    const { app } = await start('strict')
    const reply = await ask(app, '/v1/embeddings', { input: 'a\u200bb' })
    expect(reply.json()).toMatchObject({ secure_llm: { findings: [{ count: 1 }] } })
    expect(reply.headers[NAMED]).toMatch(/^input\./)
  })

  test.each([CHAT, '/v1/completions', '/v1/responses', '/v1/messages'])(
    'nothing, when there is nothing: %s',
    async (url) => {
      const { app, engine } = await start('strict')
      engine.script = (job) => job.started().text('Paris.').done()
      for (const stream of [false, true]) {
        const reply = await ask(app, url, { stream })
        expect(reply.body).not.toContain('secure_llm')
        expect(reply.headers[NAMED]).toBeUndefined()
      }
    },
  )
})

describe('the operator’s prompt', () => {
  test('stands first in every chat, whatever the protocol', async () => {
    for (const url of [CHAT, '/v1/responses', '/v1/messages']) {
      const started = await start('strict')
      await ask(started.app, url)
      const [first, second] = inputOf(started).messages
      expect([first!.role, second!.role]).toEqual(['system', 'user'])
      expect(first!.content).toContain(PROMPT)
      await started.app.close()
    }
  })

  test('its canary is another in each process', async () => {
    const canaries: (string | undefined)[] = []
    while (canaries.length < 2) {
      const started = await start('strict')
      await ask(started.app, CHAT)
      canaries.push(/\(([0-9a-f]{24})\)/.exec(inputOf(started).messages[0]!.content)![1])
      await started.app.close()
    }
    expect(new Set(canaries).size).toBe(2)
  })

  test('is not in the ids that a client is told, and counts where only a number is', async () => {
    const { app, engine } = await start('strict')
    await ask(app, '/v1/tokenize', { input: [{ role: 'user', content: 'hi' }] })
    expect(JSON.stringify(engine.questions[0])).not.toContain('Nightingale')
    await ask(app, '/v1/messages/count_tokens')
    expect(JSON.stringify(engine.questions[1])).toContain('Nightingale')
  })

  test('is not in a completion, which has no template', async () => {
    const started = await start('strict')
    await ask(started.app, '/v1/completions')
    expect(JSON.stringify(started.engine.jobs[0]!.order)).not.toContain('Nightingale')
  })
})

test('the marker of a request is its own', async () => {
  const documents = [{ text: 'a page' }]
  const markers: (string | undefined)[] = []
  while (markers.length < 2) {
    const started = await start('strict', null)
    const messages = [{ role: 'user', content: 'hello' }]
    await ask(started.app, CHAT, { messages, documents })
    markers.push(/<<DATA ([0-9a-f]{16})>>/.exec(inputOf(started).messages[1]!.content)![1])
    expect(inputOf(started).messages[0]!.content).toContain(markers.at(-1))
    await started.app.close()
  }
  expect(new Set(markers).size).toBe(2)
})
