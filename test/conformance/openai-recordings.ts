/**
 * What is asked of the daemon so that every form of an answer comes, and by which schema of OpenAI's
 * each has to be valid.
 *
 * @packageDocumentation
 */
import { MODEL } from '../e2e/daemon-process.ts'

export const VECTORS_MODEL = 'vectors'

export interface Recording {
  readonly name: string
  readonly path: string
  /** Without one it is a GET. */
  readonly body?: object
  readonly status?: number
  /** Of the answer, or of each event's data. */
  readonly schema: string
  /** Something that has to be in it, so that the form which is meant was there. */
  readonly shows: RegExp
}

const messages = [{ role: 'user', content: 'Complete the sentence: The capital of France is' }]
const parameters = {
  type: 'object',
  properties: { city: { enum: ['Paris', 'Rome'] } },
  required: ['city'],
  additionalProperties: false,
}
const tools = [{ type: 'function', function: { name: 'weather', parameters, strict: true } }]
const item = { type: 'function', name: 'weather', parameters, strict: true }
const json_schema = { name: 'answer', schema: parameters, strict: true }
const format = { type: 'json_schema', ...json_schema }
const stream_options = { include_usage: true }

interface Form {
  readonly name: string
  readonly with: object
  readonly shows?: RegExp
}

/** Each form whole and as a stream. */
function both(
  forms: readonly Form[],
  common: Pick<Recording, 'path'> & {
    readonly body: object
    readonly whole: string
    readonly event: string
    readonly streamed: object
  },
): Recording[] {
  const { path, body, whole, event, streamed } = common
  return forms.flatMap((form) => {
    const shows = form.shows ?? /./
    const asked = { model: MODEL, temperature: 0, ...body, ...form.with }
    const name = `${path} ${form.name}`
    return [
      { name, path, body: asked, schema: whole, shows },
      {
        ...{ name: `${name}, streamed`, path, schema: event, shows },
        body: { ...asked, ...streamed },
      },
    ]
  })
}

const CHAT: readonly Form[] = [
  { name: 'text', with: {}, shows: /"finish_reason":"(stop|length)"/ },
  { name: 'cut', with: { max_completion_tokens: 1 }, shows: /"finish_reason":"length"/ },
  { name: 'logprobs', with: { logprobs: true, top_logprobs: 3 }, shows: /"top_logprobs":\[\{/ },
  { name: 'three answers', with: { n: 3, temperature: 1 }, shows: /"index":2/ },
  {
    name: 'a call',
    with: { tools, tool_choice: 'required', parallel_tool_calls: false, max_completion_tokens: 64 },
    shows: /"finish_reason":"tool_calls"/,
  },
  { name: 'JSON', with: { response_format: { type: 'json_schema', json_schema } }, shows: /city/ },
]

const COMPLETIONS: readonly Form[] = [
  { name: 'text', with: {}, shows: /"text":"[^"]/ },
  {
    name: 'two of two, echoed, with logprobs',
    with: { prompt: ['One', 'Two'], n: 2, echo: true, logprobs: 2 },
    shows: /"token_logprobs":\[null/,
  },
  { name: 'token ids', with: { prompt: [1, 2, 3], suffix: null } },
]

const RESPONSES: readonly Form[] = [
  { name: 'text', with: { metadata: { a: 'b' } }, shows: /"status":"completed"/ },
  { name: 'cut', with: { max_output_tokens: 1 }, shows: /"status":"incomplete"/ },
  {
    name: 'logprobs',
    with: { include: ['message.output_text.logprobs'], top_logprobs: 2 },
    shows: /"top_logprobs":\[\{/,
  },
  {
    name: 'a call',
    with: {
      tools: [item],
      tool_choice: 'required',
      parallel_tool_calls: false,
      max_output_tokens: 64,
    },
    shows: /"type":"function_call"/,
  },
  { name: 'JSON', with: { instructions: 'Be brief.', text: { format } }, shows: /city/ },
]

const WHOLE: readonly Recording[] = [
  {
    ...{ name: 'embeddings', path: '/v1/embeddings', schema: 'CreateEmbeddingResponse' },
    body: { model: VECTORS_MODEL, input: ['the cat', 'river'] },
    shows: /"embedding":\[/,
  },
  { name: 'models', path: '/v1/models', schema: 'ListModelsResponse', shows: /"object":"list"/ },
  { name: 'a model', path: `/v1/models/${MODEL}`, schema: 'Model', shows: /"owned_by"/ },
]

function failing(name: string, status: number, path: string, body?: object): Recording {
  const asked = body === undefined ? {} : { body }
  return { name, path, status, ...asked, schema: 'ErrorResponse', shows: /"code":"/ }
}

const CHAT_PATH = '/v1/chat/completions'
const ERRORS: readonly Recording[] = [
  failing('an unknown field', 400, CHAT_PATH, { model: MODEL, messages, frobnicate: 1 }),
  failing('a refused field', 400, CHAT_PATH, { model: MODEL, messages, store: true }),
  failing('no messages', 400, CHAT_PATH, { model: MODEL }),
  failing('an unknown model', 404, CHAT_PATH, { model: 'nobody', messages }),
  failing('a model of another kind', 400, '/v1/embeddings', { model: MODEL, input: 'x' }),
  failing('an unknown route', 404, '/v1/nothing'),
]

export const RECORDINGS: readonly Recording[] = [
  ...both(CHAT, {
    path: CHAT_PATH,
    body: { messages, max_completion_tokens: 24 },
    whole: 'CreateChatCompletionResponse',
    event: 'CreateChatCompletionStreamResponse',
    streamed: { stream: true, stream_options },
  }),
  ...both(COMPLETIONS, {
    path: '/v1/completions',
    body: { prompt: 'The capital of France is', max_tokens: 12 },
    whole: 'CreateCompletionResponse',
    event: 'CreateCompletionResponse',
    streamed: { stream: true, stream_options },
  }),
  ...both(RESPONSES, {
    path: '/v1/responses',
    body: { input: messages[0]?.content, max_output_tokens: 24 },
    whole: 'Response',
    event: 'ResponseStreamEvent',
    streamed: { stream: true },
  }),
  ...WHOLE,
  ...ERRORS,
]
