/**
 * The items that the input of a response may have, as schemas.
 *
 * What it gives: what `input.ts` reads each item by, piece for piece so that a mistake has a place;
 * and the same pieces put together, which is what `/openapi.json` says of an item.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { CallIdText, ObjectText, ToolName } from '../chat/tools.ts'

const Status = z.enum(['in_progress', 'completed', 'incomplete']).nullish()
const ItemId = z.string().max(128).nullish()

export const Message = z.strictObject({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })).min(1)], {
    error: 'expected a text or a list of parts',
  }),
  id: ItemId,
  status: Status,
  phase: z.enum(['commentary', 'final_answer']).nullish(),
})

export const InputText = z.strictObject({ type: z.literal('input_text'), text: z.string() })

/** An answer of ours may be sent back as it was received. */
export const OutputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()).max(0).nullish(),
  logprobs: z.array(z.unknown()).nullish(),
  parsed: z.unknown().optional(),
})

export const FunctionCall = z.strictObject({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: ObjectText,
  id: ItemId,
  status: Status,
  parsed_arguments: z.unknown().optional(),
})

export const FunctionOutput = z.strictObject({
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))], {
    error: 'expected a text or a list of parts',
  }),
  id: ItemId,
  status: Status,
})

export const Reasoning = z.strictObject({
  type: z.literal('reasoning'),
  id: ItemId,
  summary: z.array(z.looseObject({})).nullish(),
  content: z.array(z.looseObject({})).nullish(),
  encrypted_content: z.null().optional(),
  status: Status,
})

const Part = z.discriminatedUnion('type', [InputText, OutputText])

export const InputItems = z
  .array(
    z
      .union([
        Message.extend({ content: z.union([z.string(), z.array(Part).min(1)]) }),
        FunctionCall.extend({ call_id: CallIdText, name: ToolName }),
        FunctionOutput.extend({
          call_id: CallIdText,
          output: z.union([z.string(), z.array(Part)]),
        }),
        Reasoning,
      ])
      .meta({ id: 'InputItem' }),
  )
  .min(1)
