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

export type ChatMessage = JobMessage
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
      return { role, content: textOf(content, `${place}.content`) }
    }
  }
}

function assistantMessage(value: unknown, place: string): ChatMessage {
  const { content, refusal, tool_calls: calls } = parseWith(Answered, value, place)
  const parsed = (calls ?? []).map((call, index) => callOf(call, `${place}.tool_calls[${index}]`))
  const hasOther = parsed.length > 0 || typeof refusal === 'string'
  const isEmpty = content === undefined || content === null
  const text = isEmpty && hasOther ? (refusal ?? '') : textOf(content, `${place}.content`)
  const message = { role: 'assistant' as const, content: text.toWellFormed() }
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
  return { role: 'tool', content: textOf(content, `${place}.content`), callId }
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

function textOf(content: unknown, place: string): string {
  // A lone surrogate has no bytes; it would become U+FFFD on the wire anyway.
  if (typeof content === 'string') return content.toWellFormed()
  if (!Array.isArray(content) || content.length === 0) {
    throw new ClientMistake('invalid_type', 'content must be a text or a list of text parts', place)
  }
  const texts = content.map((part, index) => partText(part, `${place}[${index}]`))
  return texts.join('').toWellFormed()
}

const OTHER_PARTS = ['image_url', 'input_image', 'input_audio', 'video_url', 'file']

function partText(part: unknown, place: string): string {
  const type = fieldOf(part, 'type')
  if (typeof type === 'string' && OTHER_PARTS.includes(type)) {
    const message = 'Only parts of type "text" are supported: no images, sound, video or files.'
    throw new ClientMistake('unsupported_parameter', message, `${place}.type`)
  }
  if (type === 'refusal') return parseWith(RefusalPart, part, place).refusal
  return parseWith(TextPart, part, place).text
}
