/**
 * Conversations with tools, earlier calls and thinking, whose prompts must be llama-server's.
 *
 * Ids have nine letters and digits, which is what Mistral's templates take.
 *
 * @packageDocumentation
 */
import type { ChatInput, Message, Tool } from '../../src/engine/prompt/conversation.ts'

export interface ToolConversation extends ChatInput {
  readonly name: string
}

const user = (content: string): Message => ({ role: 'user', content })
const system: Message = { role: 'system', content: 'You are a careful assistant.' }
const assistant = (content: string): Message => ({ role: 'assistant', content })

const call = (id: string, name: string, given: string) => ({ id, name, arguments: given })
const calls = (content: string, ...made: ReturnType<typeof call>[]): Message => ({
  role: 'assistant',
  content,
  calls: made,
})
const result = (callId: string, content: string): Message => ({ role: 'tool', content, callId })

const WEATHER: Tool = {
  name: 'get_weather',
  description: 'The weather of a city, today.',
  parameters:
    '{"type":"object","properties":{"city":{"type":"string","description":"Name of the city"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"]}',
}
const ADD: Tool = {
  name: 'add-numbers',
  description: 'Adds "numbers" <exactly> & says: {sum}',
  parameters:
    '{"type":"object","properties":{"items":{"type":"array","items":{"type":"number","minimum":-1.5,"maximum":1e3}},"10":{"type":["integer","null"],"default":null},"2":{"const":9007199254740993}},"additionalProperties":false}',
}
const WAIT: Tool = {
  name: 'wait',
  description: 'Waits.',
  parameters: '{"type":"object","properties":{}}',
}

const PARIS = call('call00001', 'get_weather', '{"city":"Paris","unit":"celsius"}')
const ROME = call('call00002', 'get_weather', '{"city":"Rome"}')
const SUM = call(
  'call00003',
  'add-numbers',
  '{"items":[1,2.5,-0.25,1e21,0.000012],"10":12345678901234567,"2":null,"note":"Zürich \\"x\\"\\n\\t日本 🙂 \\u0001/","deep":{"a":[true,false,{}],"b":[]}}',
)

const chat = (
  name: string,
  messages: readonly Message[],
  tools: readonly Tool[] = [],
): ToolConversation => ({ name, messages, tools, thinking: 'default' })
const off = (conversation: ToolConversation): ToolConversation => ({
  ...conversation,
  name: `${conversation.name}, thinking off`,
  thinking: 'off',
})

const asked = chat('a question', [user('Hi, who are you?')])
const askedTools = chat('a question with a tool', [user('Weather in Paris?')], [WEATHER])
const answered = [
  user('Weather in Paris?'),
  calls('', PARIS),
  result('call00001', '{"degrees": 21}'),
]

export const TOOL_CONVERSATIONS: readonly ToolConversation[] = [
  asked,
  off(asked),
  chat('a system message', [system, user('Hi')]),
  off(chat('a system message', [system, user('Hi')])),
  chat('three turns', [
    user('One?'),
    assistant('Two.'),
    user('Three?'),
    assistant('Four.'),
    user('Five?'),
  ]),
  chat('a system message and two turns', [
    system,
    user('One?'),
    assistant('Two.\n'),
    user(' Three? '),
  ]),
  askedTools,
  off(askedTools),
  chat('a system message and three tools', [system, user('Add 1 and 2.')], [WEATHER, ADD, WAIT]),
  chat('a call and its result', answered, [WEATHER]),
  off(chat('a call and its result', answered, [WEATHER])),
  chat(
    'a call, its result, an answer, a question',
    [...answered, assistant('21 degrees.'), user('And in Rome?')],
    [WEATHER],
  ),
  chat(
    'two calls one after the other',
    [system, ...answered, calls('', ROME), result('call00002', '{"degrees": 25}')],
    [WEATHER, WAIT],
  ),
  chat(
    'two calls at once',
    [
      user('Paris and Rome?'),
      calls('', PARIS, ROME),
      result('call00001', '21'),
      result('call00002', '25'),
    ],
    [WEATHER],
  ),
  chat(
    'a call with words before it',
    [user('Weather in Paris?'), calls('I will look.', PARIS), result('call00001', '21')],
    [WEATHER],
  ),
  chat(
    'a call with numbers, signs and nested values',
    [user('Add.'), calls('', SUM), result('call00003', 'It is 3.5')],
    [ADD],
  ),
  chat(
    'a call without arguments',
    [user('Wait.'), calls('', call('call00004', 'wait', '{}')), result('call00004', 'done')],
    [WAIT],
  ),
  chat('earlier calls, and no tool now', [...answered, assistant('21.'), user('Thanks?')]),
  chat('a system message, two calls at once, and no tool now', [
    system,
    user('Both?'),
    calls('', PARIS, SUM),
    result('call00001', '21'),
    result('call00003', '3.5'),
  ]),
]
