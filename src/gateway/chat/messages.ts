/**
 * Messages of a chat request: strictly read, and flattened to a role and a text.
 *
 * What it gives: every mistake named by its place (`messages[2].content[0].text`). What it does not
 * give: any judgement of the text; that is the guard's.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { ClientMistake } from '../api-error.ts'
import { parseWith } from './parse.ts'

export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant'
  readonly content: string
}

const ROLES = ['system', 'developer', 'user', 'assistant'] as const

/** Participants' names are accepted and not used: chat templates have no place for them. */
const ParticipantName = z.string().max(64).nullish()

const Spoken = z.strictObject({
  role: z.enum(ROLES),
  content: z.unknown(),
  name: ParticipantName,
})

/** An answer of ours may be sent back as it was received, with its empty fields. */
const Answered = Spoken.extend({
  refusal: z.null().optional(),
  audio: z.null().optional(),
  function_call: z.null().optional(),
  tool_calls: z.array(z.unknown()).max(0).nullish(),
  annotations: z.array(z.unknown()).max(0).nullish(),
})

const TextPart = z.strictObject({ type: z.literal('text'), text: z.string() })

/** @throws ClientMistake, naming the place. */
export function parseMessages(values: readonly unknown[], maxMessages: number): ChatMessage[] {
  if (values.length > maxMessages) {
    const message = `messages has ${values.length} entries, ${maxMessages} are allowed`
    throw new ClientMistake('invalid_value', message, 'messages')
  }
  return values.map((value, index) => parseMessage(value, `messages[${index}]`))
}

function parseMessage(value: unknown, place: string): ChatMessage {
  const role = roleOf(value)
  if (role === 'tool' || role === 'function') {
    throw new ClientMistake(
      'unsupported_parameter',
      'Tools are not supported yet, so there are no messages of a tool.',
      `${place}.role`,
    )
  }
  const { role: speaker, content } = parseWith(
    role === 'assistant' ? Answered : Spoken,
    value,
    place,
  )
  // A lone surrogate has no bytes; it would become U+FFFD on the wire anyway.
  return { role: speaker, content: textOf(content, `${place}.content`).toWellFormed() }
}

function roleOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'role' in value ? value.role : undefined
}

function textOf(content: unknown, place: string): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content) || content.length === 0) {
    throw new ClientMistake('invalid_type', 'content must be a text or a list of text parts', place)
  }
  return content.map((part, index) => partText(part, `${place}[${index}]`)).join('')
}

const OTHER_PARTS = ['image_url', 'input_image', 'input_audio', 'video_url', 'file', 'refusal']

function partText(part: unknown, place: string): string {
  const type = typeof part === 'object' && part !== null && 'type' in part ? part.type : undefined
  if (typeof type === 'string' && OTHER_PARTS.includes(type)) {
    const message = 'Only parts of type "text" are supported: no images, sound, files or refusals.'
    throw new ClientMistake('unsupported_parameter', message, `${place}.type`)
  }
  return parseWith(TextPart, part, place).text
}
