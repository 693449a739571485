/**
 * Everything a client wrote that the model or the grammar's compiler will read, as a list for the
 * guard; and the request again, with what the guard has left of it.
 *
 * @packageDocumentation
 */
import type { Guarded } from '../guard-port.ts'
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
  const tools = chat.toolUse.tools.map((tool) => mapTool(tool, map))
  const { format } = chat
  return {
    ...chat,
    messages,
    toolUse: { ...chat.toolUse, tools },
    format: format.kind === 'text' ? format : { ...format, schema: map(json(format.schema)) },
  }
}

function mapMessage(message: ChatMessage, map: Map): ChatMessage {
  const content = map({ content: message.content })
  if (message.calls === undefined) return { ...message, content }
  const calls = message.calls.map((call) => ({ ...call, arguments: map(json(call.arguments)) }))
  return { ...message, content, calls }
}

function mapTool(tool: ChatTool, map: Map): ChatTool {
  const description = tool.description === null ? null : map({ content: tool.description })
  return { ...tool, description, parameters: map(json(tool.parameters)) }
}

function json(content: string): Guarded {
  return { content, form: 'json' }
}
