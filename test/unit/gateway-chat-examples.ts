/** An example of each field of `POST /v1/chat/completions`. */
import { expect } from 'vitest'
import type { EXTENSIONS, HONOURED, IGNORED, REFUSED } from '../../src/gateway/chat/fields.ts'
import type { Examples } from './gateway-field-example.ts'

type Chat = typeof HONOURED & typeof EXTENSIONS & typeof IGNORED & typeof REFUSED

const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]

export const CHAT: Examples<Chat> = {
  audio: { value: { voice: 'x' } },
  cache_prompt: { value: false, shows: { order: { prefix: 'fresh' } } },
  documents: {
    value: [{ title: 'Note', text: 'Paris is large.' }],
    shows: {
      order: { input: { messages: [{ content: 'Note\n\nParis is large.\n\nhello' }] } },
    },
  },
  frequency_penalty: { value: 1, shows: { order: { sampling: { frequencyPenalty: 1 } } } },
  function_call: { value: { name: 'f' }, nothing: ['none', 'auto'] },
  functions: { value: [{}], nothing: [[]] },
  logit_bias: { value: { 7: -100 }, shows: { order: { sampling: { biases: [[7, -100]] } } } },
  logprobs: { value: true, shows: { order: { topLogprobs: 0 } } },
  max_completion_tokens: { value: 5, shows: { order: { maxTokens: 5 } } },
  max_tokens: { value: 6, shows: { order: { maxTokens: 6 } } },
  messages: {
    value: [{ role: 'user', content: 'bye' }],
    shows: { order: { input: { messages: [{ role: 'user', content: 'bye' }] } } },
  },
  metadata: { value: { a: 'b' } },
  min_p: { value: 0.1, shows: { order: { sampling: { minP: 0.1 } } } },
  modalities: { value: ['text', 'audio'], nothing: [['text']] },
  model: { value: 'other', shows: { asked: 'other', answer: { model: 'other' } } },
  moderation: { value: {} },
  n: {
    value: 2,
    shows: { order: { choices: 2 }, answer: { choices: [{ index: 0 }, { index: 1 }] } },
  },
  parallel_tool_calls: {
    value: false,
    with: { tools },
    shows: { order: { form: { calls: { atOnce: 'one' } } } },
  },
  prediction: { value: { type: 'content', content: 'x' } },
  presence_penalty: { value: 1, shows: { order: { sampling: { presencePenalty: 1 } } } },
  prompt_cache_key: { value: 'k' },
  prompt_cache_options: { value: {} },
  prompt_cache_retention: { value: '24h' },
  reasoning_effort: { value: 'none', shows: { order: { input: { thinking: 'off' } } } },
  response_format: {
    value: { type: 'json_object' },
    shows: { order: { form: { rules: expect.stringContaining('a-root') as string } } },
  },
  safety_identifier: { value: 'me' },
  seed: { value: 7, shows: { order: { sampling: { seed: 7 }, cuts: 'fixed' } } },
  service_tier: { value: 'flex' },
  stop: { value: 'x', shows: { order: { stop: ['x'] } } },
  store: { value: true, nothing: [false] },
  stream: { value: true, shows: { body: expect.stringMatching(/^data: \{/) } },
  stream_options: {
    value: { include_usage: true, include_obfuscation: false },
    with: { stream: true },
    shows: { body: expect.stringMatching(/^(?![^]*"obfuscation")[^]*"total_tokens":8/) },
  },
  temperature: { value: 0.5, shows: { order: { sampling: { temperature: 0.5 } } } },
  tool_choice: {
    value: { type: 'function', function: { name: 'f' } },
    with: { tools },
    shows: { order: { form: { calls: { mode: 'must', only: 'f' } } } },
  },
  tools: { value: tools, shows: { order: { input: { tools: [{ name: 'f' }] } } } },
  top_k: { value: 5, shows: { order: { sampling: { topK: 5 } } } },
  top_logprobs: { value: 3, with: { logprobs: true }, shows: { order: { topLogprobs: 3 } } },
  top_p: { value: 0.5, shows: { order: { sampling: { topP: 0.5 } } } },
  user: { value: 'me' },
  verbosity: { value: 'low', nothing: ['medium'] },
  web_search_options: { value: {} },
}
