/**
 * A conversation as the gateway asks for it, and as a template wants it: the variables `messages`
 * and `tools`, with everything that a stranger wrote disguised, keys of schemas too.
 *
 * Members and their order are llama.cpp's. What a template cannot show is not decided here
 * (`tool-texts.ts` does that before).
 *
 * @packageDocumentation
 */
import type { Value } from '@huggingface/jinja'
import { Fault } from '../../errors.ts'
import { makeArray, makeMap, makeValue } from './jinja-values.ts'
import { jsonValue } from './json-values.ts'

export interface Call {
  readonly id: string
  readonly name: string
  /** JSON text of one object. */
  readonly arguments: string
}

export interface Message {
  readonly role: string
  readonly content: string
  /** Of an assistant: the tools it called. */
  readonly calls?: readonly Call[] | undefined
  /** Of a tool: the call it answers. */
  readonly callId?: string | undefined
  /** What the assistant thought; only when a template is tried. */
  readonly thought?: string | undefined
}

export interface Tool {
  readonly name: string
  readonly description: string | null
  /** JSON text of the schema. */
  readonly parameters: string
}

/** What a prompt is made of; a job's `chat` input is one. */
export interface ChatInput {
  readonly messages: readonly Message[]
  readonly tools: readonly Tool[]
  /** `default`: as the template has it. */
  readonly thinking: 'default' | 'off'
}

/** Pure: a conversation without tools. */
export function plainChat(messages: readonly Message[]): ChatInput {
  return { messages, tools: [], thinking: 'default' }
}

/** How a template wants its messages, found by rendering some. */
export interface Shape {
  readonly takesSystem: boolean
  readonly wantsParts: boolean
  readonly knowsDeveloper: boolean
  readonly wantsTrimmed: boolean
  /** Arguments of earlier calls: as an object, or as the JSON text itself. */
  readonly callArguments: 'object' | 'text'
}

type Hide = (text: string) => string

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool']

/**
 * Pure: roles as the template knows them; a system message it cannot take joins the next one.
 *
 * @throws Fault `ENGINE_TEMPLATE` at a role that is none.
 */
export function fitMessages(messages: readonly Message[], shape: Shape): readonly Message[] {
  for (const { role } of messages) {
    if (!ROLES.includes(role)) throw new Fault('ENGINE_TEMPLATE', 'a message has an unknown role')
  }
  const known = messages.map((message) => ({
    ...message,
    role: message.role === 'developer' && !shape.knowsDeveloper ? 'system' : message.role,
    content: shape.wantsTrimmed ? message.content.trim() : message.content,
  }))
  const [first, second, ...rest] = known
  if (shape.takesSystem || first?.role !== 'system') return known
  if (second === undefined) return []
  return [{ ...second, content: `${first.content}\n${second.content}` }, ...rest]
}

/** Everything in it that a stranger wrote, for the choice of disguises. */
export function strangersTexts({ messages, tools }: ChatInput): string[] {
  const calls = messages.flatMap((message) => message.calls ?? [])
  return [
    ...messages.flatMap(({ content, callId }) => [content, callId ?? '']),
    ...calls.flatMap((call) => [call.id, call.name, ...jsonTexts(call.arguments)]),
    ...tools.flatMap((tool) => [tool.name, tool.description ?? '', ...jsonTexts(tool.parameters)]),
  ]
}

/** The text, and the private-use characters that it spells as escapes. */
function jsonTexts(json: string): string[] {
  const escapes = json.matchAll(/\\u([ef][0-9a-f]{3})/gi)
  return [json, ...[...escapes].map(([, hex = '0']) => String.fromCharCode(parseInt(hex, 16)))]
}

/** The template's `messages`. Roles are ours, everything else is disguised. */
export function messagesValue(messages: readonly Message[], shape: Shape, hide: Hide): Value {
  return makeArray(messages.map((message) => messageValue(message, shape, hide)))
}

function messageValue(message: Message, shape: Shape, hide: Hide): Value {
  const { role, content, thought, callId, calls = [] } = message
  const entries: [string, Value][] = [
    ['role', makeValue(role)],
    ['content', contentValue(hide(content), shape)],
  ]
  if (thought !== undefined) entries.push(['reasoning_content', makeValue(hide(thought))])
  if (callId !== undefined) entries.push(['tool_call_id', makeValue(hide(callId))])
  if (calls.length > 0) {
    entries.push(['tool_calls', makeArray(calls.map((call) => callValue(call, shape, hide)))])
  }
  return makeMap(entries)
}

function contentValue(text: string, { wantsParts }: Shape): Value {
  return makeValue(wantsParts ? [{ type: 'text', text }] : text)
}

function callValue(call: Call, { callArguments }: Shape, hide: Hide): Value {
  const given =
    callArguments === 'object' ? jsonValue(call.arguments, hide) : makeValue(hide(call.arguments))
  const named = makeMap([
    ['name', makeValue(hide(call.name))],
    ['arguments', given],
  ])
  return makeMap([
    ['type', makeValue('function')],
    ['function', named],
    ['id', makeValue(hide(call.id))],
  ])
}

/** The template's `tools`. */
export function toolsValue(tools: readonly Tool[], hide: Hide): Value {
  return makeArray(
    tools.map(({ name, description, parameters }) =>
      makeMap([
        ['type', makeValue('function')],
        [
          'function',
          makeMap([
            ['name', makeValue(hide(name))],
            ['description', makeValue(hide(description ?? ''))],
            ['parameters', jsonValue(parameters, hide)],
          ]),
        ],
      ]),
    ),
  )
}
