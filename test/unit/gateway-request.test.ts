import { describe, expect, test } from 'vitest'
import { CHAT_FIELDS } from '../../src/gateway/chat/fields.ts'
import { parseChatRequest } from '../../src/gateway/chat/request.ts'

const user = { role: 'user', content: 'hello' }
const parse = (over: object = {}) =>
  parseChatRequest({ model: 'tiny', messages: [user], ...over }, { maxMessages: 3 })

/** OpenAI's OpenAPI 2.3.0, CreateChatCompletionRequest with CreateModelResponseProperties. */
const OPENAI_FIELDS =
  'audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options'

test('every field of OpenAI has a row, and no other', () => {
  expect(Object.keys(CHAT_FIELDS).sort().join(' ')).toBe(OPENAI_FIELDS)
  expect(OPENAI_FIELDS.split(' ')).toHaveLength(37)
})

describe('good bodies', () => {
  test('every default is explicit', () => {
    const request = parse()
    expect(request).toEqual({
      model: 'tiny',
      messages: [user],
      documents: [],
      maxTokens: null,
      sampling: {
        temperature: 1,
        topP: 1,
        topK: 0,
        minP: 0,
        presencePenalty: 0,
        frequencyPenalty: 0,
        seed: expect.any(Number) as number,
        biases: [],
      },
      stop: [],
      stream: null,
      toolUse: { tools: [], calls: null },
      format: { kind: 'text' },
      choices: 1,
      cuts: 'fast',
      topLogprobs: null,
      prefix: 'reuse',
      thinking: 'default',
    })
    expect(parse().sampling.seed).not.toBe(request.sampling.seed)
  })

  test('every honoured field arrives', () => {
    const request = parse({
      max_tokens: 7,
      temperature: 0,
      top_p: 0.5,
      seed: 42,
      presence_penalty: -2,
      frequency_penalty: 2,
      stop: ['a', 'b'],
      n: 2,
      logprobs: true,
      top_logprobs: 5,
      logit_bias: { '7': -100, '12': 1.5 },
      reasoning_effort: 'none',
      top_k: 40,
      min_p: 0.1,
      cache_prompt: false,
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    })
    expect(request.sampling).toEqual({
      temperature: 0,
      topP: 0.5,
      topK: 40,
      minP: 0.1,
      presencePenalty: -2,
      frequencyPenalty: 2,
      seed: 42,
      biases: [
        [7, -100],
        [12, 1.5],
      ],
    })
    expect(request).toMatchObject({
      maxTokens: 7,
      stop: ['a', 'b'],
      choices: 2,
      topLogprobs: 5,
      thinking: 'none',
      prefix: 'fresh',
      cuts: 'fixed',
    })
    expect(request.stream).toEqual({ usage: true, obfuscation: false })
  })

  test('null is the default, everywhere OpenAI allows it', () => {
    const names = OPENAI_FIELDS.split(' ').filter((name) => !['model', 'messages'].includes(name))
    const request = parse(Object.fromEntries(names.map((name) => [name, null])))
    expect(request).toMatchObject({ maxTokens: null, stop: [], stream: null })
  })

  test.each([
    ['a large seed', 2 ** 53 - 1],
    ['a negative seed', -(2 ** 53) + 1],
  ])('%s folds to 32 bits', (_what, seed) => {
    const folded = parse({ seed }).sampling.seed
    expect(folded).toBe(parse({ seed }).sampling.seed)
    expect(folded).toBeGreaterThanOrEqual(0)
    expect(folded).toBeLessThan(2 ** 32)
  })

  test('text parts are joined, and roles kept', () => {
    const { messages } = parse({
      messages: [
        { role: 'system', content: 's' },
        { role: 'developer', content: [{ type: 'text', text: 'd' }] },
        {
          role: 'user',
          name: 'ann',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
    })
    expect(messages).toEqual([
      { role: 'system', content: 's' },
      { role: 'developer', content: 'd' },
      { role: 'user', content: 'ab' },
    ])
  })

  test('an answer of ours can be sent back as it is', () => {
    const answer = { role: 'assistant', content: 'x', refusal: null, annotations: [] }
    expect(parse({ messages: [user, answer, user] }).messages[1]).toEqual({
      role: 'assistant',
      content: 'x',
    })
  })

  test('half a character becomes the sign for one', () => {
    expect(parse({ messages: [{ role: 'user', content: '\ud83d' }] }).messages[0]?.content).toBe(
      '\ufffd',
    )
  })

  test('what asks for nothing passes', () => {
    parse({
      tools: [],
      tool_choice: 'none',
      response_format: { type: 'text' },
      logprobs: false,
      modalities: ['text'],
      store: false,
      logit_bias: {},
      user: 'someone',
      metadata: { a: 'b' },
      service_tier: 'auto',
    })
  })
})

const message = (over: object) => ({ messages: [{ ...user, ...over }] })

test.each([
  ['unknown field', { foo: 1 }, 'unknown_parameter', 'foo'],
  ["llama.cpp's n_discard", { n_discard: -1 }, 'unknown_parameter', 'n_discard'],
  ["llama.cpp's grammar", { grammar: 'root ::= x' }, 'unknown_parameter', 'grammar'],
  ['an inherited name', { constructor: 1 }, 'unknown_parameter', 'constructor'],
  ['functions', { functions: [{}] }, 'unsupported_parameter', 'functions'],
  ['a function call', { function_call: { name: 'x' } }, 'unsupported_parameter', 'function_call'],
  ['no answers', { n: 0 }, 'invalid_value', 'n'],
  ['too many answers', { n: 129 }, 'invalid_value', 'n'],
  ['logprobs as number', { logprobs: 5 }, 'invalid_type', 'logprobs'],
  ['too many rivals', { logprobs: true, top_logprobs: 21 }, 'invalid_value', 'top_logprobs'],
  ['rivals alone', { top_logprobs: 1 }, 'invalid_value', 'top_logprobs'],
  ['a bias too large', { logit_bias: { '5': 101 } }, 'invalid_value', 'logit_bias.5'],
  ['a bias of a word', { logit_bias: { the: 1 } }, 'invalid_value', 'logit_bias.the'],
  ['one token twice', { logit_bias: { '7': 1, '07': 1 } }, 'invalid_value', 'logit_bias'],
  ['an unknown effort', { reasoning_effort: 'huge' }, 'invalid_value', 'reasoning_effort'],
  ['verbosity', { verbosity: 'low' }, 'unsupported_parameter', 'verbosity'],
  ['moderation', { moderation: {} }, 'unsupported_parameter', 'moderation'],
  ['a search', { web_search_options: {} }, 'unsupported_parameter', 'web_search_options'],
  ['a voice', { audio: { voice: 'x' } }, 'unsupported_parameter', 'audio'],
  ['a prediction of no kind', { prediction: {} }, 'invalid_value', 'prediction.type'],
  ['a cache key as number', { prompt_cache_key: 1 }, 'invalid_type', 'prompt_cache_key'],
  ['cache options as text', { prompt_cache_options: '' }, 'invalid_type', 'prompt_cache_options'],
  [
    'a retention as number',
    { prompt_cache_retention: 1 },
    'invalid_type',
    'prompt_cache_retention',
  ],
  ['an identifier as number', { safety_identifier: 1 }, 'invalid_type', 'safety_identifier'],
  ['an unknown tier', { service_tier: 'x' }, 'invalid_value', 'service_tier'],
  ['metadata as list', { metadata: [] }, 'invalid_type', 'metadata'],
  ['a penalty', { frequency_penalty: 3 }, 'invalid_value', 'frequency_penalty'],
  ['top_k below zero', { top_k: -1 }, 'invalid_value', 'top_k'],
  ['min_p above one', { min_p: 1.1 }, 'invalid_value', 'min_p'],
  ['cache_prompt as number', { cache_prompt: 0 }, 'invalid_type', 'cache_prompt'],
  ['storing', { store: true }, 'unsupported_parameter', 'store'],
  ['audio', { modalities: ['text', 'audio'] }, 'unsupported_parameter', 'modalities'],
  ['hot', { temperature: 2.1 }, 'invalid_value', 'temperature'],
  ['cold', { temperature: -0.1 }, 'invalid_value', 'temperature'],
  ['text for a number', { temperature: '1' }, 'invalid_type', 'temperature'],
  ['top_p', { top_p: 1.01 }, 'invalid_value', 'top_p'],
  ['penalty', { presence_penalty: -2.5 }, 'invalid_value', 'presence_penalty'],
  ['no tokens', { max_tokens: 0 }, 'invalid_value', 'max_tokens'],
  ['half a token', { max_completion_tokens: 1.5 }, 'invalid_type', 'max_completion_tokens'],
  ['too many', { max_tokens: 2 ** 30 }, 'invalid_value', 'max_tokens'],
  ['two limits', { max_tokens: 1, max_completion_tokens: 2 }, 'invalid_value', 'max_tokens'],
  ['a seed too large', { seed: 2 ** 60 }, 'invalid_value', 'seed'],
  ['five stops', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'invalid_value', 'stop'],
  ['an empty stop', { stop: '' }, 'invalid_value', 'stop'],
  ['a number as stop', { stop: [1] }, 'invalid_value', 'stop'],
  ['a long stop', { stop: 'x'.repeat(257) }, 'invalid_value', 'stop'],
  ['stream as text', { stream: 'yes' }, 'invalid_type', 'stream'],
  ['options alone', { stream_options: { include_usage: true } }, 'invalid_value', 'stream_options'],
  [
    'an unknown option',
    { stream: true, stream_options: { x: 1 } },
    'unknown_parameter',
    'stream_options.x',
  ],
  ['user as number', { user: 5 }, 'invalid_type', 'user'],
  ['no messages', { messages: [] }, 'invalid_value', 'messages'],
  ['messages as text', { messages: 'hi' }, 'invalid_type', 'messages'],
  ['four messages', { messages: [user, user, user, user] }, 'invalid_value', 'messages'],
  ['a null message', { messages: [null] }, 'invalid_type', 'messages[0]'],
  ['an unknown role', message({ role: 'root' }), 'invalid_value', 'messages[0].role'],
  ['a function', message({ role: 'function' }), 'unsupported_parameter', 'messages[0].role'],
  ['no content', { messages: [{ role: 'user' }] }, 'invalid_type', 'messages[0].content'],
  ['null content', message({ content: null }), 'invalid_type', 'messages[0].content'],
  ['no parts', message({ content: [] }), 'invalid_type', 'messages[0].content'],
  [
    'an image',
    message({ content: [{ type: 'image_url', image_url: { url: 'http://x' } }] }),
    'unsupported_parameter',
    'messages[0].content[0].type',
  ],
  [
    'a part of no kind',
    message({ content: [{ text: 'x' }] }),
    'invalid_value',
    'messages[0].content[0].type',
  ],
  [
    'a part with more',
    message({ content: [{ type: 'text', text: 'x', cache_control: {} }] }),
    'unknown_parameter',
    'messages[0].content[0].cache_control',
  ],
  ['a message with more', message({ weight: 1 }), 'unknown_parameter', 'messages[0].weight'],
])('refuses %s', (_what, over, code, param) => {
  expect(() => parse(over)).toThrow(expect.objectContaining({ code, param }))
})

test.each([null, 'x', 5, [], undefined])('refuses a body that is %j', (body) => {
  expect(() => parseChatRequest(body, { maxMessages: 1 })).toThrow('JSON object')
})

test.each(['model', 'messages'])('refuses a body without %s', (name) => {
  const body: Record<string, unknown> = { model: 'tiny', messages: [user] }
  Reflect.deleteProperty(body, name)
  expect(() => parseChatRequest(body, { maxMessages: 1 })).toThrow(
    expect.objectContaining({ code: 'missing_required_parameter', param: name }),
  )
})

test('no value of the client is quoted', () => {
  const canary = 'CANARY-9f3b'
  for (const over of [
    { temperature: canary },
    { stop: [[canary]] },
    { n: canary },
    { messages: [{ role: canary, content: 'x' }] },
    { messages: [{ role: 'user', content: { text: canary } }] },
    { service_tier: canary },
    { tools: [canary] },
  ]) {
    try {
      parse(over)
      expect.unreachable()
    } catch (thrown) {
      expect(String(thrown)).not.toContain(canary)
    }
  }
})
