/**
 * The input of a response: a text or a list of items, as the messages of a chat.
 *
 * What it gives: every mistake named by its place (`input[2].content[0].text`). What it does not
 * give: thoughts of earlier answers; they are accepted and left out, as templates leave them out.
 *
 * @packageDocumentation
 */
import type { JobMessage } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { parseWith } from '../chat/parse.ts'
import { refuseOtherParts, Turns, typeOf } from '../turns.ts'
import {
  FunctionCall,
  FunctionOutput,
  InputText,
  Message,
  OutputText,
  Reasoning,
} from './item-shapes.ts'

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
