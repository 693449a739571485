/**
 * Tools for templates that know none: what the model is told, and earlier calls and results, as
 * plain text in the messages.
 *
 * All of it is content like any other, so nothing of it can become a token of the template.
 *
 * @packageDocumentation
 */
import type { CallFormat } from './call-format.ts'
import type { Call, ChatInput, Message, Tool } from './conversation.ts'

/** The form that most models have seen, and that no ordinary answer begins with. */
export const GENERIC_CALLS: CallFormat = {
  open: '',
  beforeName: '<tool_call>\n{"name": "',
  afterName: '", "arguments": ',
  afterArguments: '}\n</tool_call>',
  between: '\n',
  close: '',
  where: 'anywhere',
}

const TEXTS = {
  beforeTools: 'You can call these tools, one in each line:\n',
  beforeForm: '\n\nTo call a tool, write this and nothing after it:\n',
  name: 'NAME',
  arguments: '{"PARAMETER": "VALUE"}',
  afterForm: '\nYou get its result in the next message. If no tool is needed, answer in words.',
  beforeResult: '<tool_response>\n',
  afterResult: '\n</tool_response>',
} as const

/** What the template shows itself, and what is written out as text. */
export interface TextForms {
  readonly tools: 'template' | 'text'
  readonly calls: 'template' | 'text'
  readonly results: 'template' | 'text'
}

/**
 * Pure: the same conversation, with what the template cannot show written out.
 *
 * @param format - The form that the model is told to call tools in.
 */
export function asText(input: ChatInput, forms: TextForms, format: CallFormat): ChatInput {
  const { messages, tools, thinking } = input
  const results = forms.results === 'text' ? joinResults(messages) : messages
  const called = forms.calls === 'text' ? results.map(writeCalls) : results
  if (forms.tools === 'template' || tools.length === 0) return { ...input, messages: called }
  return { messages: tell(called, toolText(tools, format)), tools: [], thinking }
}

function toolText(tools: readonly Tool[], format: CallFormat): string {
  const lines = tools.map(({ name, description, parameters }) => {
    const words = description === null ? '' : ` "description": ${JSON.stringify(description)},`
    return `{"name": ${JSON.stringify(name)},${words} "parameters": ${parameters}}`
  })
  const { open, beforeName, afterName, afterArguments, close } = format
  const call = beforeName + TEXTS.name + afterName + TEXTS.arguments + afterArguments
  const form = open + call + close
  return TEXTS.beforeTools + lines.join('\n') + TEXTS.beforeForm + form + TEXTS.afterForm
}

function tell(messages: readonly Message[], text: string): Message[] {
  const [first, ...rest] = messages
  if (first === undefined) return []
  if (first.role !== 'system' && first.role !== 'developer') {
    return [{ role: 'system', content: text }, ...messages]
  }
  const content = first.content === '' ? text : `${first.content}\n\n${text}`
  return [{ ...first, content }, ...rest]
}

function writeCalls({ calls = [], ...message }: Message): Message {
  if (calls.length === 0) return message
  const text = callsText(calls)
  return { ...message, content: message.content === '' ? text : `${message.content}\n${text}` }
}

function callsText(calls: readonly Call[]): string {
  const { beforeName, afterName, afterArguments, between } = GENERIC_CALLS
  return calls
    .map((call) => beforeName + call.name + afterName + call.arguments + afterArguments)
    .join(between ?? '')
}

/** Results, and what the user says right after them, are one message: templates want turns. */
function joinResults(messages: readonly Message[]): Message[] {
  const joined: Message[] = []
  let isResult = false
  for (const message of messages) {
    const last = joined.at(-1)
    const { role, content } =
      message.role === 'tool'
        ? { role: 'user', content: TEXTS.beforeResult + message.content + TEXTS.afterResult }
        : message
    if (isResult && role === 'user' && last !== undefined) {
      joined[joined.length - 1] = { ...last, content: `${last.content}\n${content}` }
    } else {
      joined.push(message.role === 'tool' ? { role, content } : message)
    }
    isResult = message.role === 'tool' || (isResult && role === 'user')
  }
  return joined
}
