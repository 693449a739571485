/**
 * Messages of a chat request: strictly read, and flattened to a role, a text and the calls.
 *
 * What it gives: every mistake named by its place (`messages[2].content[0].text`); no message of a
 * tool without the call it answers. What it does not give: any judgement of the text; that is the
 * guard's.
 *
 * @packageDocumentation
 */
import type { JobMessage } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { jsonObjectText } from './json-text.ts'
import { Answered, Called, RefusalPart, Spoken, TextPart, ToolAnswer } from './message-shapes.ts'
import { parseWith } from './parse.ts'
import { functionOf } from './tools.ts'

export interface ChatMessage extends JobMessage {
  /** Where some of it comes from outside: the pieces of `content`, in order, no two of one origin. */
  readonly parts?: readonly MessagePart[]
}

export interface MessagePart {
  readonly text: string
  /** `document`: marked as untrusted. `own`: of whoever speaks. */
  readonly origin: 'own' | 'document'
}

type JobCall = NonNullable<JobMessage['calls']>[number]

/** @throws ClientMistake, naming the place. */
export function parseMessages(values: readonly unknown[], maxMessages: number): ChatMessage[] {
  if (values.length > maxMessages) {
    const message = `messages has ${values.length} entries, ${maxMessages} are allowed`
    throw new ClientMistake('invalid_value', message, 'messages')
  }
  const messages = values.map((value, index) => parseMessage(value, `messages[${index}]`))
  assertAnswered(messages)
  return messages
}

function parseMessage(value: unknown, place: string): ChatMessage {
  switch (fieldOf(value, 'role')) {
    case 'assistant':
      return assistantMessage(value, place)
    case 'tool':
      return toolMessage(value, place)
    case 'function':
      throw new ClientMistake(
        'unsupported_parameter',
        'An older form of the role "tool"; use that, with tool_call_id.',
        `${place}.role`,
      )
    default: {
      const { role, content } = parseWith(Spoken, value, place)
      return { role, ...contentOf(content, `${place}.content`) }
    }
  }
}

function assistantMessage(value: unknown, place: string): ChatMessage {
  const { content, refusal, tool_calls: calls } = parseWith(Answered, value, place)
  const parsed = (calls ?? []).map((call, index) => callOf(call, `${place}.tool_calls[${index}]`))
  const hasOther = parsed.length > 0 || typeof refusal === 'string'
  const isEmpty = content === undefined || content === null
  const said =
    isEmpty && hasOther
      ? { content: (refusal ?? '').toWellFormed() }
      : contentOf(content, `${place}.content`)
  const message = { role: 'assistant' as const, ...said }
  return parsed.length === 0 ? message : { ...message, calls: parsed }
}

function callOf(value: unknown, place: string): JobCall {
  const { id, function: called } = parseWith(Called, functionOf(value, place), place)
  const json = called.arguments === '' ? '{}' : called.arguments
  return {
    id,
    name: called.name,
    arguments: jsonObjectText(json, `${place}.function.arguments`),
  }
}

function toolMessage(value: unknown, place: string): ChatMessage {
  const { content, tool_call_id: callId } = parseWith(ToolAnswer, value, place)
  // All of it comes from outside, whatever its parts say.
  return { role: 'tool', content: contentOf(content, `${place}.content`).content, callId }
}

/** A tool answers a call that an assistant made before it. */
function assertAnswered(messages: readonly ChatMessage[]): void {
  const made = new Set<string>()
  for (const [index, { calls = [], callId }] of messages.entries()) {
    if (callId !== undefined && !made.has(callId)) {
      throw new ClientMistake(
        'invalid_value',
        'a message of a tool must answer one of the tool_calls of an assistant before it',
        `messages[${index}].tool_call_id`,
      )
    }
    for (const { id } of calls) made.add(id)
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

type Said = Pick<ChatMessage, 'content' | 'parts'>

function contentOf(content: unknown, place: string): Said {
  // A lone surrogate has no bytes; it would become U+FFFD on the wire anyway.
  if (typeof content === 'string') return { content: content.toWellFormed() }
  if (!Array.isArray(content) || content.length === 0) {
    throw new ClientMistake('invalid_type', 'content must be a text or a list of text parts', place)
  }
  const parts = joined(content.map((part, index) => partOf(part, `${place}[${index}]`)))
  const text = parts.map((part) => part.text).join('')
  return parts.some(({ origin }) => origin === 'document')
    ? { content: text, parts }
    : { content: text }
}

/** Neighbours of one origin are one text: what was cut there is not cut any more. */
function joined(parts: readonly MessagePart[]): MessagePart[] {
  const left: MessagePart[] = []
  for (const { text, origin } of parts) {
    const last = left.at(-1)
    if (last?.origin === origin) left.splice(-1, 1, { text: last.text + text, origin })
    else left.push({ text, origin })
  }
  return left.map((part) => ({ ...part, text: part.text.toWellFormed() }))
}

const OTHER_PARTS = ['image_url', 'input_image', 'input_audio', 'video_url', 'file']

function partOf(part: unknown, place: string): MessagePart {
  const type = fieldOf(part, 'type')
  if (typeof type === 'string' && OTHER_PARTS.includes(type)) {
    const message = 'Only parts of type "text" are supported: no images, sound, video or files.'
    throw new ClientMistake('unsupported_parameter', message, `${place}.type`)
  }
  if (type === 'refusal') {
    return { text: parseWith(RefusalPart, part, place).refusal, origin: 'own' }
  }
  const { text, untrusted } = parseWith(TextPart, part, place)
  return { text, origin: untrusted === true ? 'document' : 'own' }
}
