import { afterEach, describe, expect, test } from 'vitest'
import { createEngines } from '../../src/gateway/engines.ts'
import { ask, namedEvents, type OpenAiError } from './gateway-endpoints.ts'
import { answerGuard, GUARD, READY, testApp, type FakeJob, type TestApp } from './gateway-fakes.ts'

const URL = '/v1/completions'
let current: TestApp
const start = async () => (current = await testApp({ maxBodyBytes: 65_536 }))
afterEach(async () => {
  await current.app.close()
})

const chance = (text: string | Buffer, logprob: number | null, top: [string, number][] = []) => ({
  bytes: Buffer.from(text).toString('base64'),
  logprob,
  top: top.map(([rival, p]): [string, number] => [Buffer.from(rival).toString('base64'), p]),
})

interface Completion {
  id: string
  object: string
  choices: { index: number; text: string; logprobs: object | null; finish_reason: string | null }[]
  usage?: object | null
  obfuscation?: string
}

async function completion(over: object): Promise<Completion> {
  const reply = await ask(current.app, URL, over)
  expect(reply.statusCode, reply.body).toBe(200)
  return reply.json<Completion>()
}

async function mistake(over: object): Promise<OpenAiError['error']> {
  const reply = await ask(current.app, URL, over)
  expect(reply.statusCode).toBe(400)
  expect(current.engine.jobs).toHaveLength(0)
  return reply.json<OpenAiError>().error
}

test('a text goes on; sixteen tokens when nothing is said', async () => {
  const { engine } = await start()
  expect(await completion({})).toEqual({
    id: expect.stringMatching(/^cmpl-[0-9a-f]{32}$/) as string,
    object: 'text_completion',
    created: expect.any(Number) as number,
    model: 'tiny',
    choices: [{ index: 0, text: 'Paris.', logprobs: null, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 5,
      completion_tokens: 3,
      total_tokens: 8,
      prompt_tokens_details: { cached_tokens: 2 },
    },
  })
  expect(engine.jobs[0]!.order).toMatchObject({
    client: 'c-00000001',
    input: { kind: 'text', text: 'hello', suffix: null },
    maxTokens: 16,
    choices: 1,
    echo: 'none',
    topLogprobs: null,
    form: { rules: null, calls: null },
  })
})

test('several prompts are several jobs, choices numbered prompt by prompt', async () => {
  const { engine, keeper } = await start()
  engine.script = (job) => {
    const text = job.order.input.kind === 'text' ? job.order.input.text : ''
    job.started()
    for (const choice of [1, 0]) job.part({ choice, text: `${text}${choice}` })
    job.done('stop', 'length')
  }
  const { choices, usage } = await completion({ prompt: ['a', 'b'], n: 2, best_of: 2 })
  expect(choices.map(({ index, text, finish_reason }) => [index, text, finish_reason])).toEqual([
    [0, 'a0', 'stop'],
    [1, 'a1', 'length'],
    [2, 'b0', 'stop'],
    [3, 'b1', 'length'],
  ])
  expect(usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 6 })
  expect(keeper.appended).toHaveLength(2)
})

test('all prompts pass the guard before the first is answered', async () => {
  const { engine, keeper } = await start()
  const reply = await ask(current.app, URL, { prompt: ['fine', 'an attack'] })
  expect(reply.json<OpenAiError>().error.code).toBe('guard_refused')
  expect([engine.jobs.length, keeper.appended.length]).toEqual([0, 0])
})

describe('token ids', () => {
  test('go to the engine as they are, once the guard has read them as text', async () => {
    const { engine } = await start()
    await completion({ prompt: [[104, 105], [33]] })
    expect(engine.questions.map(({ body }) => body)).toEqual([{ ids: [104, 105] }, { ids: [33] }])
    expect(engine.jobs.map(({ order }) => order.input)).toEqual([
      { kind: 'ids', ids: [104, 105] },
      { kind: 'ids', ids: [33] },
    ])
  })

  test('are no way around the guard', async () => {
    await start()
    const ids = Array.from('an attack', (char) => char.charCodeAt(0))
    expect((await mistake({ prompt: ids })).code).toBe('guard_refused')
  })

  test('that the guard would have to clean are refused', async () => {
    const { engine, keeper } = await start()
    current = await testApp(
      {},
      {
        engines: createEngines([engine]),
        keeper,
        guard: {
          inspect: (texts) => ({
            verdict: 'flag',
            texts: texts.map((text) => ({ ...text, content: text.content.replace('x', '') })),
            scores: [],
            findings: [{ code: 'input.invisible', count: 1 }],
          }),
          placing: GUARD.placing,
          answer: () => answerGuard(() => expect.unreachable()),
        },
      },
    )
    expect((await mistake({ prompt: [120, 121] })).code).toBe('guard_refused')
    expect(keeper.recorded[0]).toMatchObject({ type: 'request.refused' })
  })

  test('of no token are refused', async () => {
    await start()
    const most = READY.vocabularyTokens
    expect(await mistake({ prompt: [most] })).toMatchObject({ param: 'prompt' })
    expect(await mistake({ logit_bias: { [most]: 1 } })).toMatchObject({ param: 'logit_bias' })
  })
})

describe('log probabilities', () => {
  const script = (job: FakeJob) => {
    job.started()
    if (job.order.echo === 'tokens') {
      const chances = [chance('he', null), chance('llo', -1, [['y', -2]])]
      job.frames.push({ name: 'job.prompt', body: { job: 1, chances } })
    }
    const euro = Buffer.from('€')
    job.part({
      text: ' €!',
      chars: [1, 0, 1, 1],
      chances: [
        chance(' ', -0.5, [['\n', -1]]),
        chance(euro.subarray(0, 1), -0.1),
        chance(euro.subarray(1), -0.2),
        chance('!', -0.3),
      ],
    })
    job.done()
  }

  test('in the older form, with their places in the text', async () => {
    const { engine } = await start()
    engine.script = script
    const { choices } = await completion({ logprobs: 1, echo: true })
    expect(engine.jobs[0]!.order).toMatchObject({ topLogprobs: 1, echo: 'tokens' })
    expect(choices[0]).toMatchObject({
      text: 'hello €!',
      logprobs: {
        tokens: ['he', 'llo', ' ', 'bytes:\\xe2', 'bytes:\\x82\\xac', '!'],
        token_logprobs: [null, -1, -0.5, -0.1, -0.2, -0.3],
        top_logprobs: [null, { y: -2 }, { '\n': -1 }, {}, {}, {}],
        text_offset: [0, 2, 5, 6, 6, 7],
      },
    })
  })

  test('streamed, they are the same', async () => {
    const { engine } = await start()
    engine.script = script
    const whole = await completion({ logprobs: 1, echo: true })
    const reply = await ask(current.app, URL, { logprobs: 1, echo: true, stream: true })
    const told = namedEvents(reply.body)
      .flatMap(({ data }) => (data as unknown as Partial<Completion>).choices ?? [])
      .map(({ logprobs }) => (logprobs as { text_offset: number[] } | null)?.text_offset ?? [])
    expect(told.flat()).toEqual(
      (whole.choices[0]!.logprobs as { text_offset: number[] }).text_offset,
    )
  })
})

test('an echo alone: the prompt and nothing else', async () => {
  const { engine } = await start()
  engine.script = (job) => {
    job.started()
    job.frames.push({ name: 'job.prompt', body: { job: 1, chances: [chance('hello', null)] } })
    job.done('length')
  }
  const { choices } = await completion({ echo: true, max_tokens: 0 })
  expect(choices).toEqual([{ index: 0, text: 'hello', logprobs: null, finish_reason: 'length' }])
  expect(engine.jobs[0]!.order).toMatchObject({ maxTokens: 0, echo: 'tokens' })
})

test('an echoed secret is masked like any other text', async () => {
  const { engine } = await start()
  engine.script = (job) => {
    job.started()
    const chances = [chance('a sec', null), chance('ret', -1)]
    job.frames.push({ name: 'job.prompt', body: { job: 1, chances } })
    job.text('!').done()
  }
  const { choices } = await completion({ echo: true })
  expect(choices[0]!.text).toBe('a ******!')
})

test('a stream has chunks of the same shape, the usage when asked for, and an end', async () => {
  await start()
  const over = { stream: true, stream_options: { include_usage: true } }
  const events = namedEvents((await ask(current.app, URL, over)).body)
  const chunks = events.slice(0, -1).map(({ data }) => data as unknown as Completion)
  expect(chunks.map(({ object }) => object)).toEqual(chunks.map(() => 'text_completion'))
  expect(chunks.flatMap(({ choices }) => choices.map(({ text }) => text)).join('')).toBe('Paris.')
  expect(chunks.at(-2)!.choices[0]).toMatchObject({ text: '', finish_reason: 'stop' })
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } })
  expect(chunks[0]).toMatchObject({ usage: null, obfuscation: expect.any(String) as string })
  const bare = { stream: true, stream_options: { include_obfuscation: false } }
  expect((await ask(current.app, URL, bare)).body).not.toMatch(/obfuscation|usage/)
})

describe('refused', () => {
  test.each([
    [{ suffix: 'end' }, 'unsupported_parameter', 'suffix'],
    [{ n: 9 }, 'invalid_value', 'n'],
    [{ n: 2, best_of: 3 }, 'invalid_value', 'best_of'],
    [{ best_of: 2 }, 'invalid_value', 'best_of'],
    [{ max_tokens: 0 }, 'invalid_value', 'max_tokens'],
    [{ logprobs: 6 }, 'invalid_value', 'logprobs'],
    [{ prompt: '' }, 'invalid_value', 'prompt'],
    [{ prompt: [] }, 'invalid_value', 'prompt'],
    [{ prompt: ['a', 1] }, 'invalid_value', 'prompt'],
    [{ prompt: null }, 'invalid_value', 'prompt'],
    [{ prompt: Array.from({ length: 33 }, () => 'a') }, 'invalid_value', 'prompt'],
    [{ logit_bias: { 7: 1, '07': 1 } }, 'invalid_value', 'logit_bias'],
    [{ stream_options: {} }, 'invalid_value', 'stream_options'],
    [{ messages: [] }, 'unknown_parameter', 'messages'],
  ])('%j', async (over, code, param) => {
    await start()
    expect(await mistake(over)).toMatchObject({ code, param })
  })
})

test('a suffix goes to a model that fills gaps, past the guard', async () => {
  const { engine } = await start()
  engine.ready = { ...READY, abilities: { ...READY.abilities, infill: true } }
  await completion({ suffix: ' end' })
  expect(engine.jobs[0]!.order.input).toEqual({ kind: 'text', text: 'hello', suffix: ' end' })
  expect((await ask(current.app, URL, { suffix: 'an attack' })).statusCode).toBe(400)
  expect((await ask(current.app, URL, { suffix: 'x', prompt: [1] })).statusCode).toBe(400)
})
