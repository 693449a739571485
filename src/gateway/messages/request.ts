/**
 * The body of `POST /v1/messages`, read strictly, as the request of a chat: from there on the two
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
import type { EngineReady } from '../engine-link.ts'
import type { Renames } from '../renaming.ts'
import { samplingOf } from '../sampling-fields.ts'
import { COUNTABLE_FIELDS, COUNTED_FIELDS, MESSAGE_FIELDS } from './fields.ts'
import { parseConversation } from './input.ts'

const Honoured = honouredSchema(MESSAGE_FIELDS)
const Countable = honouredSchema(COUNTABLE_FIELDS)
type Fields = z.infer<typeof Countable>

export interface MessageRequest {
  readonly chat: ChatRequest
  readonly maxTokens: number
  readonly thoughts: 'shown' | 'omitted'
}

/** Where to say what of it went wrong. */
export const MESSAGE_RENAMES: Renames = [
  [/^(tools\[\d+\])\.function\.parameters/, '$1.input_schema'],
  [/^(tools\[\d+\])\.function/, '$1'],
  [/^tool_choice\.function/, 'tool_choice'],
  [/^reasoning_effort$/, 'thinking'],
]

/** @throws ClientMistake, naming the field. */
export function parseMessage(body: unknown, limits: { maxMessages: number }): MessageRequest {
  checkFields(body, MESSAGE_FIELDS, ['model', 'messages', 'max_tokens'])
  const fields = parseWith(Honoured, body)
  return {
    chat: chatOf(fields, limits),
    maxTokens: fields.max_tokens,
    thoughts: isOmitted(fields) ? 'omitted' : 'shown',
  }
}

/** As {@link parseMessage}, for a request that is only counted. */
export function parseCountable(body: unknown, limits: { maxMessages: number }): ChatRequest {
  checkFields(body, COUNTED_FIELDS, ['model', 'messages'])
  return chatOf(parseWith(Countable, body), limits)
}

function chatOf(fields: Fields, { maxMessages }: { maxMessages: number }): ChatRequest {
  const { system, messages } = fields
  return {
    model: fields.model,
    messages: [...parseConversation({ system, messages }, maxMessages)],
    documents: [],
    toolUse: toolUseOf(fields),
    format: formatOf(fields),
    choices: 1,
    maxTokens: fields.max_tokens ?? null,
    sampling: samplingOf(fields),
    cuts: 'fast',
    stop: fields.stop_sequences ?? [],
    topLogprobs: null,
    prefix: 'reuse',
    thinking: thinkingOf(fields),
    stream: fields.stream === true ? { usage: true, obfuscation: false } : null,
  }
}

/** In the form of OpenAI's chat, whose reader knows all the rules. */
function toolUseOf({ tools, tool_choice: choice }: Fields): ChatRequest['toolUse'] {
  const isSingle =
    choice && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use
  return parseToolUse({
    tools: tools?.map(({ name, description, input_schema, strict }) => ({
      type: 'function',
      function: { name, description, parameters: input_schema, strict },
    })),
    tool_choice: choiceOf(choice),
    parallel_tool_calls: isSingle !== true,
  })
}

function choiceOf(choice: Fields['tool_choice']): unknown {
  switch (choice?.type) {
    case 'any':
      return 'required'
    case 'tool':
      return { type: 'function', function: { name: choice.name } }
    case 'none':
      return 'none'
    default:
      return 'auto'
  }
}

function formatOf({ output_config: config }: Fields): ChatRequest['format'] {
  const schema = config?.format?.schema
  if (schema === undefined) return { kind: 'text' }
  const described = { name: 'answer', schema, strict: true }
  const format = parseResponseFormat({ type: 'json_schema', json_schema: described })
  return format.kind === 'text' ? format : { ...format, place: 'output_config.format.schema' }
}

function thinkingOf({ thinking, max_tokens: maxTokens }: Fields): ChatRequest['thinking'] {
  if (thinking?.type === 'adaptive') return 'default'
  if (thinking?.type !== 'enabled') return 'none'
  if (maxTokens !== undefined && thinking.budget_tokens >= maxTokens) {
    const message = 'thinking.budget_tokens must be less than max_tokens'
    throw new ClientMistake('invalid_value', message, 'thinking.budget_tokens')
  }
  return 'some'
}

function isOmitted({ thinking }: Fields): boolean {
  return thinking?.type !== 'disabled' && thinking?.display === 'omitted'
}

/** Nobody asked for thoughts; a model that cannot be told not to think is left as it is. */
export function quieted(chat: ChatRequest, { abilities }: EngineReady): ChatRequest {
  const mustThink = chat.thinking === 'none' && abilities.thinking === 'always'
  return mustThink ? { ...chat, thinking: 'default' } : chat
}
