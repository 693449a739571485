/**
 * Everything a client wrote that the model or the grammar's compiler will read, as a list for the
 * guard; and the request again, with what the guard has left of it.
 *
 * @packageDocumentation
 */
import type { Guarded, Origin } from '../guard-port.ts'
import type { ChatMessage } from './messages.ts'
import type { ChatRequest } from './request.ts'
import type { ChatTool } from './tools.ts'

export function guardedTexts(chat: ChatRequest): Guarded[] {
  const texts: Guarded[] = []
  mapTexts(chat, (text) => {
    texts.push(text)
    return text.content
  })
  return texts
}

/** @param texts - As many as {@link guardedTexts} gave, in its order. */
export function withTexts(chat: ChatRequest, texts: readonly Guarded[]): ChatRequest {
  const left = texts.values()
  return mapTexts(chat, () => {
    const next = left.next()
    if (next.done === true) throw new Error('the guard has lost a text')
    return next.value.content
  })
}

type Map = (text: Guarded) => string

function mapTexts(chat: ChatRequest, map: Map): ChatRequest {
  const messages = chat.messages.map((message) => mapMessage(message, map))
  const documents = chat.documents.map(({ title, text }) => ({
    title: title === null ? null : map({ content: title, origin: 'document' }),
    text: map({ content: text, origin: 'document' }),
  }))
  const tools = chat.toolUse.tools.map((tool) => mapTool(tool, map))
  const { format } = chat
  return {
    ...chat,
    messages,
    documents,
    toolUse: { ...chat.toolUse, tools },
    format:
      format.kind === 'text' ? format : { ...format, schema: map(json(format.schema, 'system')) },
  }
}

function mapMessage(message: ChatMessage, map: Map): ChatMessage {
  const said = mapContent(message, map)
  if (message.calls === undefined) return { ...message, ...said }
  const calls = message.calls.map((call) => {
    return { ...call, arguments: map(json(call.arguments, 'assistant')) }
  })
  return { ...message, ...said, calls }
}

const ORIGINS: Readonly<Record<ChatMessage['role'], Origin>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
}

function mapContent({ role, content, parts }: ChatMessage, map: Map) {
  if (parts === undefined) return { content: map({ content, origin: ORIGINS[role] }) }
  const mapped = parts.map(({ text, origin }) => {
    const from = origin === 'own' ? ORIGINS[role] : origin
    return { text: map({ content: text, origin: from }), origin }
  })
  return { content: mapped.map(({ text }) => text).join(''), parts: mapped }
}

function mapTool(tool: ChatTool, map: Map): ChatTool {
  const description =
    tool.description === null ? null : map({ content: tool.description, origin: 'system' })
  return { ...tool, description, parameters: map(json(tool.parameters, 'system')) }
}

function json(content: string, origin: Origin): Guarded {
  return { content, form: 'json', origin }
}
