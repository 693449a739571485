/**
 * The input of a response: a text or a list of items, as the messages of a chat.
 *
 * What it gives: every mistake named by its place (`input[2].content[0].text`). What it does not
 * give: thoughts of earlier answers; they are accepted and left out, as templates leave them out.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { JobMessage } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { parseWith } from '../chat/parse.ts'
import { refuseOtherParts, Turns, typeOf } from '../turns.ts'

const Status = z.enum(['in_progress', 'completed', 'incomplete']).nullish()
const ItemId = z.string().max(128).nullish()

const Message = z.strictObject({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })).min(1)], {
    error: 'expected a text or a list of parts',
  }),
  id: ItemId,
  status: Status,
  phase: z.enum(['commentary', 'final_answer']).nullish(),
})

const InputText = z.strictObject({ type: z.literal('input_text'), text: z.string() })

/** An answer of ours may be sent back as it was received. */
const OutputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()).max(0).nullish(),
  logprobs: z.array(z.unknown()).nullish(),
  parsed: z.unknown().optional(),
})

const FunctionCall = z.strictObject({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
  id: ItemId,
  status: Status,
  parsed_arguments: z.unknown().optional(),
})

const FunctionOutput = z.strictObject({
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))], {
    error: 'expected a text or a list of parts',
  }),
  id: ItemId,
  status: Status,
})

const Reasoning = z.strictObject({
  type: z.literal('reasoning'),
  id: ItemId,
  summary: z.array(z.looseObject({})).nullish(),
  content: z.array(z.looseObject({})).nullish(),
  encrypted_content: z.null().optional(),
  status: Status,
})

/** @throws ClientMistake, naming the place. */
export function parseInput(
  input: string | readonly unknown[],
  instructions: string | null | undefined,
  maxMessages: number,
): readonly JobMessage[] {
  const turns = new Turns()
  if (typeof instructions === 'string') turns.say('system', instructions)
  if (typeof input === 'string') {
    turns.say('user', input)
    return turns.messages
  }
  if (input.length > maxMessages) {
    const message = `input has ${input.length} items, ${maxMessages} are allowed`
    throw new ClientMistake('invalid_value', message, 'input')
  }
  for (const [index, item] of input.entries()) addItem(turns, item, `input[${index}]`)
  if (turns.messages.length === 0) {
    throw new ClientMistake('invalid_value', 'input: there is no message in it', 'input')
  }
  return turns.messages
}

function addItem(turns: Turns, item: unknown, place: string): void {
  switch (typeOf(item) ?? 'message') {
    case 'message': {
      const { role, content } = parseWith(Message, item, place)
      turns.say(role, textOf(content, `${place}.content`))
      return
    }
    case 'function_call': {
      const { call_id: id, name, arguments: text } = parseWith(FunctionCall, item, place)
      turns.call({ id, name, arguments: text }, place)
      return
    }
    case 'function_call_output': {
      const { call_id: id, output } = parseWith(FunctionOutput, item, place)
      turns.result(id, textOf(output, `${place}.output`), place)
      return
    }
    case 'reasoning':
      parseWith(Reasoning, item, place)
      return
    default:
      throw new ClientMistake(
        'unsupported_parameter',
        `${place}.type: only message, function_call, function_call_output and reasoning`,
        `${place}.type`,
      )
  }
}

function textOf(content: string | readonly { readonly type: string }[], place: string): string {
  if (typeof content === 'string') return content
  return content.map((part, index) => partText(part, `${place}[${index}]`)).join('')
}

function partText(part: { readonly type: string }, place: string): string {
  refuseOtherParts(part.type, `${place}.type`)
  return part.type === 'output_text'
    ? parseWith(OutputText, part, place).text
    : parseWith(InputText, part, place).text
}
