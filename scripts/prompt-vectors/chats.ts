/**
 * All conversations whose token ids are compared with real vocabularies, and how they are kept.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { plainChat, type ChatInput } from '../../src/engine/prompt/conversation.ts'
import { CONVERSATIONS } from './conversations.ts'
import { TOOL_CONVERSATIONS } from './tool-conversations.ts'

export interface NamedChat extends ChatInput {
  readonly name: string
}

/** 38 ordinary ones, then 19 with tools, earlier calls and thinking. */
export const CHATS: readonly NamedChat[] = [
  ...CONVERSATIONS.map(({ name, messages }) => ({ name, ...plainChat(messages) })),
  ...TOOL_CONVERSATIONS.map((chat) => ({ ...chat, name: `tools: ${chat.name}` })),
]

/** Number of tokens, and the first 16 hex digits of SHA-256; null where the template refuses. */
export type IdsVector = readonly [tokens: number, sha256: string] | null

export function vectorOf(ids: Iterable<number> | null): IdsVector {
  if (ids === null) return null
  const list = [...ids]
  return [list.length, createHash('sha256').update(list.join(' ')).digest('hex').slice(0, 16)]
}
