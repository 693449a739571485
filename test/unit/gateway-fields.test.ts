/**
 * Each field of each table does what its row says: honoured ones reach the engine or the answer,
 * ignored ones change nothing, refused ones are a 400 that names them, or ask for nothing.
 */
import { afterEach, describe, expect, test } from 'vitest'
import type { FieldRow } from '../../src/gateway/body-fields.ts'
import { createEngines } from '../../src/gateway/engines.ts'
import { COMPLETION_FIELDS } from '../../src/gateway/completions/fields.ts'
import { MESSAGE_FIELDS } from '../../src/gateway/messages/fields.ts'
import { RESPONSE_FIELDS } from '../../src/gateway/responses/fields.ts'
import { DETOKENIZE_FIELDS, TOKENIZE_FIELDS } from '../../src/gateway/tokens/fields.ts'
import { ask, LEAST_BODIES, type AnthropicError, type OpenAiError } from './gateway-endpoints.ts'
import { FakeEngine, MODEL, READY, testApp, type TestApp } from './gateway-fakes.ts'

interface Example {
  readonly value: unknown
  /** Beside it. */
  readonly with?: object
  /** Of a field that is honoured: what the engine gets, or what the answer says. */
  readonly order?: object
  readonly answer?: object | RegExp
  readonly question?: object
}
type Examples<T extends object> = Record<keyof T, Example>

const tool = { type: 'function', name: 'f', parameters: { type: 'object' } }
const claude = { name: 'f', input_schema: { type: 'object' } }
const messages = [{ role: 'user', content: 'bye' }]
const said = { input: { messages: [{ content: 'bye' }] } }

const COMPLETIONS: Examples<typeof COMPLETION_FIELDS> = {
  best_of: { value: 2, with: { n: 2 }, order: { choices: 2 } },
  echo: { value: true, order: { echo: 'tokens' } },
  frequency_penalty: { value: 1, order: { sampling: { frequencyPenalty: 1 } } },
  logit_bias: { value: { 7: -100 }, order: { sampling: { biases: [[7, -100]] } } },
  logprobs: { value: 3, order: { topLogprobs: 3 } },
  max_tokens: { value: 5, order: { maxTokens: 5 } },
  model: { value: MODEL, answer: { model: MODEL } },
  n: { value: 2, order: { choices: 2 } },
  presence_penalty: { value: 1, order: { sampling: { presencePenalty: 1 } } },
  prompt: { value: 'bye', order: { input: { text: 'bye' } } },
  seed: { value: 7, order: { sampling: { seed: 7 }, cuts: 'fixed' } },
  stop: { value: 'x', order: { stop: ['x'] } },
  stream: { value: true, answer: /^data: \{/ },
  stream_options: {
    value: { include_usage: true },
    with: { stream: true },
    answer: /"total_tokens":8/,
  },
  suffix: { value: 'end', order: { input: { suffix: 'end' } } },
  temperature: { value: 0.5, order: { sampling: { temperature: 0.5 } } },
  top_p: { value: 0.5, order: { sampling: { topP: 0.5 } } },
  user: { value: 'me' },
}

const RESPONSES: Examples<typeof RESPONSE_FIELDS> = {
  access_programs: { value: {} },
  background: { value: true },
  context_management: { value: [{ type: 'compaction' }] },
  conversation: { value: 'conv_1' },
  image: { value: {} },
  include: { value: ['message.output_text.logprobs'], order: { topLogprobs: 0 } },
  input: { value: [{ role: 'user', content: 'bye' }], order: said },
  instructions: {
    value: 'Be brief.',
    order: { input: { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }] } },
  },
  max_output_tokens: { value: 20, order: { maxTokens: 20 } },
  max_tool_calls: { value: 3 },
  metadata: { value: { a: 'b' }, answer: { metadata: { a: 'b' } } },
  model: { value: MODEL, answer: { model: MODEL } },
  moderation: { value: {} },
  parallel_tool_calls: {
    value: false,
    with: { tools: [tool] },
    order: { form: { calls: { atOnce: 'one' } } },
  },
  previous_response_id: { value: 'resp_1' },
  prompt: { value: { id: 'p' } },
  prompt_cache_key: { value: 'k' },
  prompt_cache_options: { value: {} },
  prompt_cache_retention: { value: '24h' },
  reasoning: { value: { effort: 'none' }, order: { input: { thinking: 'off' } } },
  safety_identifier: { value: 'me' },
  service_tier: { value: 'flex' },
  store: { value: true },
  stream: { value: true, answer: /^event: response\.created\n/ },
  stream_options: {
    value: { include_obfuscation: true },
    with: { stream: true },
    answer: /"obfuscation":"/,
  },
  temperature: { value: 0.5, order: { sampling: { temperature: 0.5 } } },
  text: {
    value: { format: { type: 'json_object' } },
    order: { form: { rules: expect.stringContaining('a-root') as string } },
  },
  tool_choice: {
    value: { type: 'function', name: 'f' },
    with: { tools: [tool] },
    order: { form: { calls: { mode: 'must', only: 'f' } } },
  },
  tools: { value: [tool], order: { input: { tools: [{ name: 'f' }] } } },
  top_logprobs: {
    value: 3,
    with: { include: ['message.output_text.logprobs'] },
    order: { topLogprobs: 3 },
  },
  top_p: { value: 0.5, order: { sampling: { topP: 0.5 } } },
  truncation: { value: 'auto' },
  user: { value: 'me' },
}

const MESSAGES: Examples<typeof MESSAGE_FIELDS> = {
  cache_control: { value: { type: 'ephemeral' } },
  container: { value: 'c' },
  diagnostics: { value: {} },
  inference_geo: { value: 'eu' },
  max_tokens: { value: 20, order: { maxTokens: 20 } },
  messages: { value: messages, order: said },
  metadata: { value: { user_id: 'me' } },
  model: { value: MODEL, answer: { model: MODEL } },
  output_config: {
    value: { format: { type: 'json_schema', schema: { type: 'object' } } },
    order: { form: { rules: expect.stringContaining('a-root') as string } },
  },
  service_tier: { value: 'auto' },
  speed: { value: 'fast' },
  stop_sequences: { value: ['x'], order: { stop: ['x'] } },
  stream: { value: true, answer: /^event: message_start\n/ },
  system: {
    value: [{ type: 'text', text: 'Be brief.' }],
    order: { input: { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }] } },
  },
  temperature: { value: 0.5, order: { sampling: { temperature: 0.5 } } },
  thinking: { value: { type: 'adaptive' }, order: { input: { thinking: 'default' } } },
  tool_choice: {
    value: { type: 'tool', name: 'f' },
    with: { tools: [claude] },
    order: { form: { calls: { mode: 'must', only: 'f' } } },
  },
  tools: { value: [claude], order: { input: { tools: [{ name: 'f' }] } } },
  top_k: { value: 5, order: { sampling: { topK: 5 } } },
  top_p: { value: 0.5, order: { sampling: { topP: 0.5 } } },
  user_profile_id: { value: 'u' },
  workspace_id: { value: 'w' },
}

const TOKENIZE: Examples<typeof TOKENIZE_FIELDS> = {
  input: { value: 'bye', question: { input: { text: 'bye' }, want: 'ids' } },
  model: { value: MODEL, answer: { max_model_len: READY.contextTokens } },
}
const DETOKENIZE: Examples<typeof DETOKENIZE_FIELDS> = {
  model: { value: MODEL, answer: { prompt: 'hi' } },
  tokens: { value: [33], question: { ids: [33] } },
}

const TABLES: readonly [string, Record<string, FieldRow>, Record<string, Example>][] = [
  ['/v1/completions', COMPLETION_FIELDS, COMPLETIONS],
  ['/v1/responses', RESPONSE_FIELDS, RESPONSES],
  ['/v1/messages', MESSAGE_FIELDS, MESSAGES],
  ['/v1/tokenize', TOKENIZE_FIELDS, TOKENIZE],
  ['/v1/detokenize', DETOKENIZE_FIELDS, DETOKENIZE],
]

let current: TestApp
afterEach(async () => {
  await current.app.close()
})

async function start() {
  const engine = new FakeEngine()
  engine.ready = { ...READY, abilities: { thinking: 'optional', infill: true } }
  engine.script = (job) => {
    job.started().text(job.order.form.rules === null ? 'Paris.' : '{}')
    if (job.order.choices === 2) job.part({ choice: 1, text: 'Lyon.' })
    const finishes = Array.from({ length: job.order.choices }, () => 'stop' as const)
    // No chances are told: the filters are not what is tested here.
    job.done(...finishes)
  }
  current = await testApp({ maxBodyBytes: 65_536 }, { engines: createEngines([engine]) })
  return { app: current.app, engine }
}

function mistakeOf(url: string, body: unknown): { code: string | null; param: string | null } {
  if (url !== '/v1/messages') return (body as OpenAiError).error
  const { error_code: code, param } = (body as AnthropicError).error.details
  return { code, param }
}

describe.each(TABLES)('%s', (url, table, examples) => {
  test.each(Object.entries(table))('the field %s', async (name, row) => {
    const example = examples[name]!
    const { app, engine } = await start()
    const over = { ...example.with, [name]: example.value }
    const reply = await ask(app, url, over)
    if (row.use === 'refused') {
      const { code, param } = mistakeOf(url, reply.json())
      expect([reply.statusCode, code, param]).toEqual([400, 'unsupported_parameter', name])
      expect((await ask(app, url, { ...over, [name]: null })).statusCode).toBe(200)
      return
    }
    expect(reply.statusCode, reply.body).toBe(200)
    if (row.use === 'ignored') {
      await ask(app, url)
      const [first, second] = engine.jobs.map(({ order }) => order)
      const seed = 0
      expect({ ...first, sampling: { ...first!.sampling, seed } }).toEqual({
        ...second,
        sampling: { ...second!.sampling, seed },
      })
      const wrong = await ask(app, url, { [name]: 1.5 })
      expect([wrong.statusCode, mistakeOf(url, wrong.json()).param]).toEqual([400, name])
      return
    }
    expect(example.order ?? example.answer ?? example.question).toBeDefined()
    if (example.order !== undefined) expect(engine.jobs[0]!.order).toMatchObject(example.order)
    if (example.question !== undefined) {
      expect(engine.questions[0]!.body).toMatchObject(example.question)
    }
    if (example.answer instanceof RegExp) expect(reply.body).toMatch(example.answer)
    else if (example.answer !== undefined) expect(reply.json()).toMatchObject(example.answer)
  })

  test('a field that nobody knows', async () => {
    const { app } = await start()
    const reply = await ask(app, url, { frobnicate: 1 })
    expect(mistakeOf(url, reply.json())).toMatchObject({
      code: 'unknown_parameter',
      param: 'frobnicate',
    })
  })

  test.each(Object.keys(LEAST_BODIES[url]!))('without %s', async (name) => {
    const { app } = await start()
    const reply = await ask(app, url, { [name]: undefined })
    expect(mistakeOf(url, reply.json())).toMatchObject({
      code: 'missing_required_parameter',
      param: name,
    })
  })
})

test('there are as many as in the protocols', () => {
  expect(Object.keys(COMPLETION_FIELDS)).toHaveLength(18)
  // 31 of the protocol, and two of the SDK.
  expect(Object.keys(RESPONSE_FIELDS)).toHaveLength(31 + 2)
})
