/**
 * A guarded conversation as the model will read it: the operator's prompt on top, a client's system
 * messages below it, and every text from outside between marks that its author cannot know.
 *
 * What it gives: one system message at the beginning where anything is added, because many templates
 * take no second; plain messages, as the engine's order has them. What it does not give: a judgement
 * of any text; the guard has made it.
 *
 * @packageDocumentation
 */
import { explain, spotlight, type Spotlight } from '../../guard/input/spotlight.ts'
import type { JobMessage } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import type { Finding, Placing } from '../guard-port.ts'
import type { ChatDocument } from './documents.ts'
import type { ChatMessage } from './messages.ts'
import type { ChatRequest } from './request.ts'

const GAP = '\n\n'
const APPLICATION = '# Instructions of the application'

/** The system messages of a client that are no system's here, for its record. */
export function systemFindings({ messages }: ChatRequest, { clientSystem }: Placing): Finding[] {
  const count = messages.filter(isSystem).length
  return clientSystem === 'allow' || count === 0 ? [] : [{ code: 'input.client-system', count }]
}

export function systemRefusal(): ClientMistake {
  const message = 'messages: the profile of this client allows no system messages, no instructions'
  return new ClientMistake('unsupported_parameter', message, 'messages')
}

/** @param requestId - Ours, from which the marks of this request are made. */
export function placed(chat: ChatRequest, placing: Placing, requestId: string): ChatRequest {
  const { documents: mode, operator, clientSystem } = placing
  const light = mode === 'plain' ? null : { mode, marker: placing.marker(requestId) }
  const lit = withDocuments(
    chat.messages.map((message) => litMessage(message, light)),
    chat.documents.map((document) => documentText(document, light)),
  )
  const below = clientSystem === 'demote' ? demoted(lit) : lit
  const isLit = light !== null && hasOutside(chat)
  const messages = headed(below, operator, isLit ? explain(light) : null)
  return { ...chat, messages, documents: [] }
}

function hasOutside({ messages, documents }: ChatRequest): boolean {
  const isOutside = ({ role, parts = [] }: ChatMessage) =>
    role === 'tool' || parts.some(({ origin }) => origin === 'document')
  return documents.length > 0 || messages.some(isOutside)
}

function litMessage({ parts, ...message }: ChatMessage, light: Spotlight | null): JobMessage {
  if (light === null) return message
  if (message.role === 'tool') return { ...message, content: spotlight(message.content, light) }
  if (parts === undefined) return message
  const texts = parts.map(({ text, origin }) =>
    origin === 'document' ? spotlight(text, light) : text,
  )
  return { ...message, content: texts.join('\n') }
}

function documentText({ title, text }: ChatDocument, light: Spotlight | null): string {
  const whole = title === null ? text : title + GAP + text
  return light === null ? whole : spotlight(whole, light)
}

/** In front of what the user said last: that is what they are for. */
function withDocuments(messages: JobMessage[], documents: readonly string[]): JobMessage[] {
  if (documents.length === 0) return messages
  const last = messages.findLastIndex(({ role }) => role === 'user')
  return messages.map((message, index) =>
    index === last ? { ...message, content: [...documents, message.content].join(GAP) } : message,
  )
}

/** What claimed to be a system's becomes words of the user that follow. */
function demoted(messages: readonly JobMessage[]): JobMessage[] {
  const left: JobMessage[] = []
  let carried: string[] = []
  for (const message of messages) {
    if (isSystem(message)) carried.push(APPLICATION, message.content)
    else if (message.role === 'user' && carried.length > 0) {
      left.push({ ...message, content: [...carried, message.content].join(GAP) })
      carried = []
    } else left.push(message)
  }
  if (carried.length === 0) return left
  const last = left.at(-1)
  // No two messages of a user in a row: many templates refuse that.
  const before = last?.role === 'user' ? left.pop() : undefined
  const content = [...(before === undefined ? [] : [before.content]), ...carried].join(GAP)
  return [...left, { role: 'user', content }]
}

/** @param note - What stands at the end of the system message. */
function headed(
  messages: JobMessage[],
  operator: string | null,
  note: string | null,
): JobMessage[] {
  if (operator === null && note === null) return messages
  const firstOther = messages.findIndex((message) => !isSystem(message))
  const leading = messages.slice(0, firstOther < 0 ? messages.length : firstOther)
  const rest = messages.slice(leading.length)
  const notes = note === null ? [] : [note]
  if (operator === null) return [...noted(leading, notes), ...rest]
  const below = leading.length === 0 ? [] : [APPLICATION, ...leading.map(({ content }) => content)]
  return [{ role: 'system', content: [operator, ...below, ...notes].join(GAP) }, ...rest]
}

function noted(leading: readonly JobMessage[], notes: readonly string[]): JobMessage[] {
  const last = leading.at(-1)
  if (last === undefined) return [{ role: 'system', content: notes.join(GAP) }]
  const content = [last.content, ...notes].join(GAP)
  return [...leading.slice(0, -1), { ...last, content }]
}

function isSystem({ role }: JobMessage): boolean {
  return role === 'system' || role === 'developer'
}
