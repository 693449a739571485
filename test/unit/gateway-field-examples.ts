/** An example of each field of each route that has a body. */
import { expect } from 'vitest'
import type { COMPLETION_FIELDS } from '../../src/gateway/completions/fields.ts'
import type { EMBEDDING_FIELDS } from '../../src/gateway/embeddings/fields.ts'
import type { COUNTED_FIELDS, MESSAGE_FIELDS } from '../../src/gateway/messages/fields.ts'
import type { BODIES } from '../../src/gateway/openapi/bodies.ts'
import type { RESPONSE_FIELDS } from '../../src/gateway/responses/fields.ts'
import type { DETOKENIZE_FIELDS, TOKENIZE_FIELDS } from '../../src/gateway/tokens/fields.ts'
import { CHAT } from './gateway-chat-examples.ts'
import type { Example, Examples } from './gateway-field-example.ts'

const tool = { type: 'function', name: 'f', parameters: { type: 'object' } }
const claude = { name: 'f', input_schema: { type: 'object' } }
const messages = [{ role: 'user', content: 'bye' }]
const said = { input: { messages: [{ content: 'bye' }] } }
const other = { value: 'other', shows: { asked: 'other' } }
const briefed = { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }] }
const rules = expect.stringContaining('a-root') as string

const COMPLETIONS: Examples<typeof COMPLETION_FIELDS> = {
  best_of: {
    value: 2,
    shows: { status: 400, answer: { error: { code: 'invalid_value', param: 'best_of' } } },
  },
  echo: { value: true, shows: { order: { echo: 'tokens' } } },
  frequency_penalty: { value: 1, shows: { order: { sampling: { frequencyPenalty: 1 } } } },
  logit_bias: { value: { 7: -100 }, shows: { order: { sampling: { biases: [[7, -100]] } } } },
  logprobs: { value: 3, shows: { order: { topLogprobs: 3 } } },
  max_tokens: { value: 5, shows: { order: { maxTokens: 5 } } },
  model: { value: 'other', shows: { asked: 'other', answer: { model: 'other' } } },
  n: {
    value: 2,
    shows: { order: { choices: 2 }, answer: { choices: [{ index: 0 }, { index: 1 }] } },
  },
  presence_penalty: { value: 1, shows: { order: { sampling: { presencePenalty: 1 } } } },
  prompt: { value: 'bye', shows: { order: { input: { text: 'bye' } } } },
  seed: { value: 7, shows: { order: { sampling: { seed: 7 }, cuts: 'fixed' } } },
  stop: { value: 'x', shows: { order: { stop: ['x'] } } },
  stream: { value: true, shows: { body: expect.stringMatching(/^data: \{/) } },
  stream_options: {
    value: { include_usage: true, include_obfuscation: false },
    with: { stream: true },
    shows: { body: expect.stringMatching(/^(?![^]*"obfuscation")[^]*"total_tokens":8/) },
  },
  suffix: { value: 'end', shows: { order: { input: { suffix: 'end' } } } },
  temperature: { value: 0.5, shows: { order: { sampling: { temperature: 0.5 } } } },
  top_p: { value: 0.5, shows: { order: { sampling: { topP: 0.5 } } } },
  user: { value: 'me' },
}

const RESPONSES: Examples<typeof RESPONSE_FIELDS> = {
  access_programs: { value: {} },
  background: { value: true, nothing: [false] },
  context_management: { value: [{ type: 'compaction' }], nothing: [[]] },
  conversation: { value: 'conv_1' },
  image: { value: {} },
  include: {
    value: ['message.output_text.logprobs'],
    shows: { order: { topLogprobs: 0 } },
  },
  input: { value: [{ role: 'user', content: 'bye' }], shows: { order: said } },
  instructions: { value: 'Be brief.', shows: { order: { input: briefed } } },
  max_output_tokens: { value: 20, shows: { order: { maxTokens: 20 } } },
  max_tool_calls: { value: 3 },
  metadata: { value: { a: 'b' }, shows: { answer: { metadata: { a: 'b' } } } },
  model: { value: 'other', shows: { asked: 'other', answer: { model: 'other' } } },
  moderation: { value: {} },
  parallel_tool_calls: {
    value: false,
    with: { tools: [tool] },
    shows: { order: { form: { calls: { atOnce: 'one' } } } },
  },
  previous_response_id: { value: 'resp_1' },
  prompt: { value: { id: 'p' } },
  prompt_cache_key: { value: 'k' },
  prompt_cache_options: { value: {} },
  prompt_cache_retention: { value: '24h' },
  reasoning: { value: { effort: 'none' }, shows: { order: { input: { thinking: 'off' } } } },
  safety_identifier: { value: 'me' },
  service_tier: { value: 'flex' },
  store: { value: true, nothing: [false] },
  stream: { value: true, shows: { body: expect.stringMatching(/^event: response\.created\n/) } },
  stream_options: {
    value: { include_obfuscation: false },
    with: { stream: true },
    shows: { body: expect.stringMatching(/^(?![^]*"obfuscation")/) },
  },
  temperature: { value: 0.5, shows: { order: { sampling: { temperature: 0.5 } } } },
  text: { value: { format: { type: 'json_object' } }, shows: { order: { form: { rules } } } },
  tool_choice: {
    value: { type: 'function', name: 'f' },
    with: { tools: [tool] },
    shows: { order: { form: { calls: { mode: 'must', only: 'f' } } } },
  },
  tools: { value: [tool], shows: { order: { input: { tools: [{ name: 'f' }] } } } },
  top_logprobs: {
    value: 3,
    with: { include: ['message.output_text.logprobs'] },
    shows: { order: { topLogprobs: 3 } },
  },
  top_p: { value: 0.5, shows: { order: { sampling: { topP: 0.5 } } } },
  truncation: { value: 'auto', nothing: ['disabled'] },
  user: { value: 'me' },
}

const MESSAGES: Examples<typeof MESSAGE_FIELDS> = {
  cache_control: { value: { type: 'ephemeral' } },
  container: { value: 'c' },
  diagnostics: { value: {} },
  inference_geo: { value: 'eu' },
  max_tokens: { value: 20, shows: { order: { maxTokens: 20 } } },
  messages: { value: messages, shows: { order: said } },
  metadata: { value: { user_id: 'me' } },
  model: { value: 'other', shows: { asked: 'other', answer: { model: 'other' } } },
  output_config: {
    value: { format: { type: 'json_schema', schema: { type: 'object' } } },
    shows: { order: { form: { rules } } },
  },
  service_tier: { value: 'auto' },
  speed: { value: 'fast' },
  stop_sequences: { value: ['x'], shows: { order: { stop: ['x'] } } },
  stream: { value: true, shows: { body: expect.stringMatching(/^event: message_start\n/) } },
  system: {
    value: [{ type: 'text', text: 'Be brief.' }],
    shows: { order: { input: briefed } },
  },
  temperature: { value: 0.5, shows: { order: { sampling: { temperature: 0.5 } } } },
  thinking: { value: { type: 'adaptive' }, shows: { order: { input: { thinking: 'default' } } } },
  tool_choice: {
    value: { type: 'tool', name: 'f' },
    with: { tools: [claude] },
    shows: { order: { form: { calls: { mode: 'must', only: 'f' } } } },
  },
  tools: { value: [claude], shows: { order: { input: { tools: [{ name: 'f' }] } } } },
  top_k: { value: 5, shows: { order: { sampling: { topK: 5 } } } },
  top_p: { value: 0.5, shows: { order: { sampling: { topP: 0.5 } } } },
  user_profile_id: { value: 'u' },
  workspace_id: { value: 'w' },
}

const COUNTED: Examples<typeof COUNTED_FIELDS> = {
  ...MESSAGES,
  messages: { value: messages, shows: { question: said } },
  model: other,
  output_config: {
    value: { format: { type: 'json_schema', schema: { const: 'attack' } } },
    shows: { status: 400, answer: { error: { details: { error_code: 'guard_refused' } } } },
  },
  system: { ...MESSAGES.system, shows: { question: { input: briefed } } },
  thinking: {
    value: { type: 'adaptive' },
    shows: { question: { input: { thinking: 'default' } } },
  },
  tool_choice: {
    value: { type: 'none' },
    with: { tools: [claude] },
    shows: { question: { input: { tools: [] } } },
  },
  tools: { value: [claude], shows: { question: { input: { tools: [{ name: 'f' }] } } } },
}

const EMBEDDINGS: Examples<typeof EMBEDDING_FIELDS> = {
  dimensions: { value: 1, shows: { answer: { data: [{ embedding: [1] }] } } },
  encoding_format: {
    value: 'base64',
    shows: { answer: { data: [{ embedding: expect.stringMatching(/^[\w+/]{16}$/) as string }] } },
  },
  input: { value: 'bye', shows: { vectors: { inputs: [{ text: 'bye' }] } } },
  model: { value: 'other-bert', shows: { asked: 'other-bert', answer: { model: 'other-bert' } } },
  user: { value: 'me' },
}

const TOKENIZE: Examples<typeof TOKENIZE_FIELDS> = {
  input: {
    value: 'bye',
    shows: { question: { input: { text: 'bye' }, want: 'ids' }, answer: { count: 3 } },
  },
  model: other,
}
const DETOKENIZE: Examples<typeof DETOKENIZE_FIELDS> = {
  model: other,
  tokens: { value: [33], shows: { question: { ids: [33] }, answer: { prompt: '!' } } },
}

/** By the name of the route. */
export const EXAMPLES: Readonly<Record<keyof typeof BODIES, Readonly<Record<string, Example>>>> = {
  'POST /v1/chat/completions': CHAT,
  'POST /v1/completions': COMPLETIONS,
  'POST /v1/responses': RESPONSES,
  'POST /v1/messages': MESSAGES,
  'POST /v1/messages/count_tokens': COUNTED,
  'POST /v1/embeddings': EMBEDDINGS,
  'POST /v1/tokenize': TOKENIZE,
  'POST /v1/detokenize': DETOKENIZE,
}
