/**
 * The messages of a chat request, as schemas.
 *
 * What it gives: what `messages.ts` reads each message by, piece for piece so that a mistake has a
 * place; and the same pieces put together, which is what `/openapi.json` says of a message.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { CallIdText, ObjectText, ToolName } from './tools.ts'

/** Participants' names are accepted and not used: chat templates have no place for them. */
const ParticipantName = z.string().max(64).nullish()

export const Spoken = z.strictObject({
  role: z.enum(['system', 'developer', 'user']),
  content: z.unknown(),
  name: ParticipantName,
})

/** An answer of ours may be sent back as it was received. */
export const Answered = z.strictObject({
  role: z.literal('assistant'),
  content: z.unknown().optional(),
  name: ParticipantName,
  refusal: z.string().nullish(),
  /** A thought is not shown to the model again: templates that think take it out themselves. */
  reasoning_content: z.string().nullish(),
  tool_calls: z.array(z.unknown()).max(128).nullish(),
  audio: z.null().optional(),
  function_call: z.null({ error: 'an older form of tool_calls; use those' }).optional(),
  annotations: z.array(z.unknown()).max(0).nullish(),
})

export const Called = z
  .strictObject({
    id: CallIdText,
    type: z.literal('function'),
    function: z.strictObject({ name: ToolName, arguments: ObjectText }),
    /** Where a call was put together from a stream. */
    index: z.int().min(0).optional(),
  })
  .meta({ id: 'ChatToolCall' })

export const ToolAnswer = z.strictObject({
  role: z.literal('tool'),
  content: z.unknown(),
  name: ParticipantName,
  tool_call_id: CallIdText,
})

export const TextPart = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  /** Ours: a text from outside, which is read and never obeyed. */
  untrusted: z.boolean().optional(),
})
export const RefusalPart = z.strictObject({ type: z.literal('refusal'), refusal: z.string() })

const Part = z.discriminatedUnion('type', [TextPart, RefusalPart])
const Content = z.union([z.string(), z.array(Part).min(1)]).meta({ id: 'ChatContent' })
const Calls = z.array(Called).max(128)
const NoContent = z.null().optional()

/** An answer has a content, or calls, or a refusal in its place. */
export const ChatMessages = z
  .array(
    z
      .union([
        Spoken.extend({ content: Content }),
        Answered.extend({ content: Content, tool_calls: Calls.nullish() }),
        Answered.extend({ content: NoContent, tool_calls: Calls.min(1) }),
        Answered.extend({
          content: NoContent,
          tool_calls: Calls.nullish(),
          refusal: z.string(),
        }),
        ToolAnswer.extend({ content: Content }),
      ])
      .meta({ id: 'ChatMessage' }),
  )
  .min(1)
