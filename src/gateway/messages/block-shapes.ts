/**
 * Anthropic's messages and their blocks, as schemas.
 *
 * What it gives: what `input.ts` reads each block by, piece for piece so that a mistake has a place;
 * and the same pieces put together, which is what `/openapi.json` says of a message.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { CallIdText, ToolName } from '../chat/tools.ts'
import { CacheControl } from './cache-control.ts'

const Block = z.looseObject({ type: z.string() })
const Content = z.union([z.string(), z.array(Block)], {
  error: 'expected a text or a list of blocks',
})

export const Message = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: Content,
})

export const TextBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: CacheControl,
  citations: z.array(z.unknown()).max(0).nullish(),
  parsed_output: z.unknown().optional(),
})

export const ToolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: CacheControl,
  caller: z.looseObject({ type: z.literal('direct') }).nullish(),
  toolset_name: z.null().optional(),
})

export const ToolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: Content.optional(),
  is_error: z.boolean().nullish(),
  cache_control: CacheControl,
  toolset_name: z.null().optional(),
})

export const Thought = z.union([
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() }),
])

const TextWords = TextBlock.meta({ id: 'TextBlock' })
const ThoughtWords = Thought.meta({ id: 'ThoughtBlock' })
const UseBlock = ToolUse.extend({ id: CallIdText, name: ToolName }).meta({ id: 'ToolUseBlock' })
const ResultBlock = ToolResult.extend({
  tool_use_id: CallIdText,
  content: z.union([z.string(), z.array(TextWords)]).optional(),
}).meta({ id: 'ToolResultBlock' })

/** Calls are an assistant's, and results of them a user's. */
export const Messages = z
  .array(
    z
      .union([
        messageOf('user', z.union([TextWords, ThoughtWords, ResultBlock])),
        messageOf('assistant', z.union([TextWords, ThoughtWords, UseBlock])),
        messageOf('system', z.union([TextWords, ThoughtWords])),
      ])
      .meta({ id: 'AnthropicMessage' }),
  )
  .min(1)

function messageOf(role: string, block: z.ZodType) {
  return z.strictObject({ role: z.literal(role), content: z.union([z.string(), z.array(block)]) })
}
