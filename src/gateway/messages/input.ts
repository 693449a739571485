/**
 * The messages of Anthropic's API as the messages of a chat.
 *
 * What it gives: tool uses joined to the answer they are in, tool results as messages of a tool, and
 * every mistake named by its place. What it does not give: thoughts of earlier answers (accepted and
 * left out, as templates leave them out) and the mark `is_error`; the result's text says it.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { JobMessage } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { parseWith } from '../chat/parse.ts'
import { refuseOtherParts, Turns, typeOf } from '../turns.ts'
import { CacheControl, SystemBlock } from './fields.ts'

const Block = z.looseObject({ type: z.string() })
const Content = z.union([z.string(), z.array(Block)], {
  error: 'expected a text or a list of blocks',
})

const Message = z.strictObject({ role: z.enum(['user', 'assistant', 'system']), content: Content })

const TextBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: CacheControl,
  citations: z.array(z.unknown()).max(0).nullish(),
  parsed_output: z.unknown().optional(),
})

const ToolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: CacheControl,
  caller: z.looseObject({ type: z.literal('direct') }).nullish(),
  toolset_name: z.null().optional(),
})

const ToolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: Content.optional(),
  is_error: z.boolean().nullish(),
  cache_control: CacheControl,
  toolset_name: z.null().optional(),
})

const Thought = z.union([
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() }),
])

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
      : content.flatMap((part, index) => textOf(part, `${at}.content[${index}]`)).join('')
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
  refuseOtherParts(type, `${at}.type`)
  return [parseWith(TextBlock, block, at).text]
}

function misplaced(type: string, role: string, place: string): ClientMistake {
  return new ClientMistake('invalid_value', `${place}: ${type} belongs to the ${role}`, place)
}
