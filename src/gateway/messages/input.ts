/**
 * The messages of Anthropic's API as the messages of a chat.
 *
 * What it gives: tool uses joined to the answer they are in, tool results as messages of a tool, and
 * every mistake named by its place. What it does not give: thoughts of earlier answers (accepted and
 * left out, as templates leave them out) and the mark `is_error`; the result's text says it.
 *
 * @packageDocumentation
 */
import type * as z from 'zod'
import type { JobMessage } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { parseWith } from '../chat/parse.ts'
import { refuseOtherParts, Turns, typeOf } from '../turns.ts'
import { Message, TextBlock, Thought, ToolResult, ToolUse } from './block-shapes.ts'
import type { SystemBlock } from './fields.ts'

export interface Conversation {
  readonly system: string | readonly z.infer<typeof SystemBlock>[] | null | undefined
  readonly messages: readonly unknown[]
}

/** @throws ClientMistake, naming the place. */
export function parseConversation(
  { system, messages }: Conversation,
  maxMessages: number,
): readonly JobMessage[] {
  if (messages.length > maxMessages) {
    const message = `messages has ${messages.length} entries, ${maxMessages} are allowed`
    throw new ClientMistake('invalid_value', message, 'messages')
  }
  const turns = new Turns()
  if (typeof system === 'string') turns.say('system', system)
  else if (system) turns.say('system', system.map(({ text }) => text).join('\n'))
  for (const [index, message] of messages.entries())
    addMessage(turns, message, `messages[${index}]`)
  const last = turns.messages.at(-1)
  if (last?.role === 'assistant') {
    const message = 'messages: the last one must not be an answer; none is continued here'
    throw new ClientMistake('unsupported_parameter', message, 'messages')
  }
  return turns.messages
}

function addMessage(turns: Turns, value: unknown, place: string): void {
  const { role, content } = parseWith(Message, value, place)
  if (typeof content === 'string') {
    turns.say(role, content)
    return
  }
  const blocks = content.map((block, index) => ({ block, at: `${place}.content[${index}]` }))
  // Results come first, whatever stands before them: they answer the calls of the turn before.
  for (const { block, at } of blocks) {
    if (block.type === 'tool_result') addResult(turns, block, { role, at })
  }
  const texts = blocks.flatMap(({ block, at }) => textOf(block, at))
  const calls = blocks.filter(({ block }) => block.type === 'tool_use')
  const isEmpty = blocks.every(({ block }) => !['tool_use', 'tool_result'].includes(block.type))
  if (texts.length > 0 || isEmpty) turns.say(role, texts.join(''))
  for (const { block, at } of calls) addCall(turns, block, { role, at })
}

interface Place {
  readonly role: string
  readonly at: string
}

function addResult(turns: Turns, block: unknown, { role, at }: Place): void {
  if (role !== 'user') throw misplaced('tool_result', 'user', at)
  const { tool_use_id: id, content = '' } = parseWith(ToolResult, block, at)
  const text =
    typeof content === 'string'
      ? content
      : content.map((part, index) => plainText(part, `${at}.content[${index}]`)).join('')
  turns.result(id, text, at)
}

function addCall(turns: Turns, block: unknown, { role, at }: Place): void {
  if (role !== 'assistant') throw misplaced('tool_use', 'assistant', at)
  const { id, name, input } = parseWith(ToolUse, block, at)
  turns.call({ id, name, arguments: JSON.stringify(input) }, at)
}

/** Nothing for the blocks that are no text of the message. */
function textOf(block: unknown, at: string): string[] {
  const type = typeOf(block)
  if (type === 'tool_use' || type === 'tool_result') return []
  if (type === 'thinking' || type === 'redacted_thinking') {
    parseWith(Thought, block, at)
    return []
  }
  return [plainText(block, at)]
}

function plainText(block: unknown, at: string): string {
  refuseOtherParts(typeOf(block), `${at}.type`)
  return parseWith(TextBlock, block, at).text
}

function misplaced(type: string, role: string, place: string): ClientMistake {
  return new ClientMistake('invalid_value', `${place}: ${type} belongs to the ${role}`, place)
}
