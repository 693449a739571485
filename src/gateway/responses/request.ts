/**
 * The body of `POST /v1/responses`, read strictly, as the request of a chat: from there on the two
 * protocols go the same way.
 *
 * @packageDocumentation
 */
import type * as z from 'zod'
import { ClientMistake } from '../api-error.ts'
import { checkFields, honouredSchema } from '../body-fields.ts'
import { parseWith } from '../chat/parse.ts'
import type { ChatRequest } from '../chat/request.ts'
import { parseResponseFormat } from '../chat/response-format.ts'
import { parseToolUse } from '../chat/tools.ts'
import type { Renames } from '../renaming.ts'
import { samplingOf, streamOf } from '../sampling-fields.ts'
import { RESPONSE_FIELDS } from './fields.ts'
import { parseInput } from './input.ts'

const Honoured = honouredSchema(RESPONSE_FIELDS)
export type ResponseFields = z.infer<typeof Honoured>

/** Where to say what of it went wrong. */
export const RESPONSE_RENAMES: Renames = [
  [/^messages/, 'input'],
  [/^((?:tools\[\d+\]|tool_choice))\.function/, '$1'],
  [/^response_format\.json_schema/, 'text.format'],
  [/^response_format/, 'text.format'],
  [/^reasoning_effort$/, 'reasoning.effort'],
]

export interface ResponseRequest {
  readonly chat: ChatRequest
  readonly fields: ResponseFields
}

/** @throws ClientMistake, naming the field. */
export function parseResponse(body: unknown, limits: { maxMessages: number }): ResponseRequest {
  checkFields(body, RESPONSE_FIELDS, ['model', 'input'])
  const fields = parseWith(Honoured, body)
  const chat: ChatRequest = {
    model: fields.model,
    messages: [...parseInput(fields.input, fields.instructions, limits.maxMessages)],
    documents: [],
    toolUse: toolUseOf(fields),
    format: formatOf(fields),
    choices: 1,
    maxTokens: fields.max_output_tokens ?? null,
    sampling: samplingOf(fields),
    cuts: 'fast',
    stop: [],
    topLogprobs: topLogprobsOf(fields),
    prefix: 'reuse',
    thinking: thinkingOf(fields),
    stream: streamOf(fields),
  }
  return { chat, fields }
}

/** In the form of a chat, whose reader knows all the rules; places are the same but for their ends. */
function toolUseOf({ tools, tool_choice: choice, parallel_tool_calls }: ResponseFields) {
  return parseToolUse({
    tools: tools?.map(({ type, ...described }) => ({ type, function: described })),
    tool_choice: typeof choice === 'object' && choice !== null ? namedChoice(choice) : choice,
    parallel_tool_calls,
  })
}

function namedChoice({ type, name }: { readonly type: 'function'; readonly name: string }) {
  return { type, function: { name } }
}

function formatOf({ text }: ResponseFields): ChatRequest['format'] {
  const format = text?.format
  if (format?.type !== 'json_schema') return parseResponseFormat(format)
  const { type, ...described } = format
  const parsed = parseResponseFormat({ type, json_schema: described })
  return parsed.kind === 'text' ? parsed : { ...parsed, place: 'text.format.schema' }
}

function topLogprobsOf({ include, top_logprobs: rivals }: ResponseFields): number | null {
  if (include?.includes('message.output_text.logprobs') === true) return rivals ?? 0
  if (typeof rivals !== 'number' || rivals === 0) return null
  const message = 'top_logprobs is only allowed together with include message.output_text.logprobs'
  throw new ClientMistake('invalid_value', message, 'top_logprobs')
}

function thinkingOf({ reasoning }: ResponseFields): ChatRequest['thinking'] {
  const effort = reasoning?.effort
  if (effort === undefined || effort === null) return 'default'
  return effort === 'none' ? 'none' : 'some'
}

/** What the answer says again of its request, with every default filled in. */
export function echoOf(fields: ResponseFields): object {
  return {
    model: fields.model,
    instructions: fields.instructions ?? null,
    max_output_tokens: fields.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: fields.metadata ?? {},
    parallel_tool_calls: fields.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: fields.reasoning?.effort ?? null, summary: null },
    background: false,
    service_tier: 'default',
    store: false,
    temperature: fields.temperature ?? 1,
    text: { format: fields.text?.format ?? { type: 'text' }, verbosity: 'medium' },
    tool_choice: fields.tool_choice ?? 'auto',
    tools: (fields.tools ?? []).map((tool) => ({
      ...tool,
      description: tool.description ?? null,
      parameters: tool.parameters ?? null,
      strict: tool.strict ?? null,
    })),
    top_logprobs: fields.top_logprobs ?? 0,
    top_p: fields.top_p ?? 1,
    truncation: 'disabled',
  }
}
