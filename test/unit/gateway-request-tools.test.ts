/** tools, tool_choice, parallel_tool_calls, response_format, and messages with calls. */
import { describe, expect, test } from 'vitest'
import { parseChatRequest } from '../../src/gateway/chat/request.ts'

const user = { role: 'user', content: 'hello' }
const parse = (over: object = {}) =>
  parseChatRequest({ model: 'tiny', messages: [user], ...over }, { maxMessages: 9 })

const tool = (name: string, over: object = {}) => ({
  type: 'function',
  function: { name, ...over },
})
const tools = [
  tool('look', { description: 'Looks.', parameters: { type: 'object', properties: { a: {} } } }),
  tool('send', { strict: true, parameters: { properties: {} } }),
]
const called = { type: 'function', id: 'call_1', function: { name: 'look', arguments: '{"a":1}' } }
const assistant = { role: 'assistant', content: null, tool_calls: [called] }
const answered = { role: 'tool', content: 'seen', tool_call_id: 'call_1' }

describe('what tools come to', () => {
  test('each with its schema as a text, which is always that of an object', () => {
    expect(parse({ tools }).toolUse).toEqual({
      tools: [
        {
          name: 'look',
          description: 'Looks.',
          parameters: '{"type":"object","properties":{"a":{}}}',
          isStrict: false,
          place: 'tools[0]',
        },
        {
          name: 'send',
          description: null,
          parameters: '{"type":"object","properties":{}}',
          isStrict: true,
          place: 'tools[1]',
        },
      ],
      calls: { mode: 'may', only: null, atOnce: 'several' },
    })
    expect(parse({ tools: [tool('bare')] }).toolUse.tools[0]?.parameters).toBe('{"type":"object"}')
  })

  test.each([
    ['auto', { mode: 'may', only: null }],
    ['required', { mode: 'must', only: null }],
    [tool('send'), { mode: 'must', only: 'send' }],
    [null, { mode: 'may', only: null }],
  ])('tool_choice %j', (tool_choice, calls) => {
    expect(parse({ tools, tool_choice }).toolUse.calls).toEqual({ ...calls, atOnce: 'several' })
  })

  test('none: the model does not even see them', () => {
    expect(parse({ tools, tool_choice: 'none' }).toolUse).toEqual({ tools: [], calls: null })
  })

  test('allowed_tools: it sees those', () => {
    const allowed_tools = { mode: 'required', tools: [tool('send')] }
    const { toolUse } = parse({ tools, tool_choice: { type: 'allowed_tools', allowed_tools } })
    expect(toolUse.tools.map(({ name }) => name)).toEqual(['send'])
    expect(toolUse.calls).toMatchObject({ mode: 'must', only: null })
  })

  test('parallel_tool_calls: false', () => {
    expect(parse({ tools, parallel_tool_calls: false }).toolUse.calls?.atOnce).toBe('one')
  })
})

describe('what messages come to', () => {
  test('calls and their answers', () => {
    const { messages } = parse({ messages: [user, assistant, answered] })
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: '',
        calls: [{ id: 'call_1', name: 'look', arguments: '{"a":1}' }],
      },
      { role: 'tool', content: 'seen', callId: 'call_1' },
    ])
  })

  test('an answer of ours with thought and calls can be sent back as it is', () => {
    const whole = {
      ...assistant,
      refusal: null,
      annotations: [],
      reasoning_content: 'hm',
      tool_calls: [{ ...called, index: 0 }],
    }
    expect(Object.keys(parse({ messages: [user, whole, answered] }).messages[1]!)).toEqual([
      'role',
      'content',
      'calls',
    ])
  })

  test('arguments that are no text at all are none', () => {
    const empty = { ...called, function: { name: 'look', arguments: '' } }
    const { messages } = parse({ messages: [user, { ...assistant, tool_calls: [empty] }] })
    expect(messages[1]?.calls?.[0]?.arguments).toBe('{}')
  })

  test('a refusal is what the assistant said', () => {
    const refused = { role: 'assistant', refusal: 'No.' }
    const part = { role: 'assistant', content: [{ type: 'refusal', refusal: 'Never.' }] }
    const { messages } = parse({ messages: [user, refused, user, part] })
    expect([messages[1]?.content, messages[3]?.content]).toEqual(['No.', 'Never.'])
  })
})

describe('what response_format comes to', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } } }
  const place = 'response_format.json_schema.schema'
  const ANY = '{"type":"object"}'

  test.each([
    [{ type: 'text' }, { kind: 'text' }],
    [{ type: 'json_object' }, { schema: ANY, isStrict: false, place: 'response_format' }],
    [
      { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } },
      { schema: JSON.stringify(schema), isStrict: true, place },
    ],
    [
      { type: 'json_schema', json_schema: { name: 'x', description: 'y', schema } },
      { schema: JSON.stringify(schema), isStrict: false, place },
    ],
    [
      { type: 'json_schema', json_schema: { name: 'x' } },
      { schema: ANY, isStrict: false, place },
    ],
  ])('%j', (response_format, format) => {
    expect(parse({ response_format }).format).toMatchObject(format)
  })
})

const message = (over: object) => ({ messages: [{ ...user, ...over }] })
const withCall = (over: object) => ({
  messages: [user, { ...assistant, tool_calls: [{ ...called, ...over }] }],
})
const args = (text: string) => withCall({ function: { name: 'look', arguments: text } })
const ARGUMENTS = 'messages[1].tool_calls[0].function.arguments'

test.each([
  ['a tool without a name', { tools: [tool('')] }, 'invalid_value', 'tools[0].function.name'],
  ['a name with a space', { tools: [tool('a b')] }, 'invalid_value', 'tools[0].function.name'],
  ['a long name', { tools: [tool('a'.repeat(65))] }, 'invalid_value', 'tools[0].function.name'],
  ['two of a name', { tools: [...tools, tool('look')] }, 'invalid_value', 'tools[2].function.name'],
  ['a custom tool', { tools: [{ type: 'custom' }] }, 'unsupported_parameter', 'tools[0].type'],
  ['a search', { tools: [{ type: 'web_search' }] }, 'invalid_value', 'tools[0].type'],
  [
    'too many',
    { tools: Array.from({ length: 129 }, (_, i) => tool(`t${i}`)) },
    'invalid_value',
    'tools',
  ],
  ['tools as object', { tools: {} }, 'invalid_type', 'tools'],
  [
    'parameters of a text',
    { tools: [tool('a', { parameters: { type: 'string' } })] },
    'invalid_value',
    'tools[0].function.parameters',
  ],
  [
    'parameters as text',
    { tools: [tool('a', { parameters: '{}' })] },
    'invalid_type',
    'tools[0].function.parameters',
  ],
  [
    'an unknown field',
    { tools: [tool('a', { x: 1 })] },
    'unknown_parameter',
    'tools[0].function.x',
  ],
  ['required of none', { tool_choice: 'required' }, 'invalid_value', 'tool_choice'],
  ['an unknown choice', { tools, tool_choice: 'some' }, 'invalid_value', 'tool_choice'],
  [
    'a choice that is not there',
    { tools, tool_choice: tool('delete') },
    'invalid_value',
    'tool_choice.function.name',
  ],
  [
    'a custom choice',
    { tools, tool_choice: { type: 'custom' } },
    'unsupported_parameter',
    'tool_choice.type',
  ],
  [
    'an allowed tool that is not there',
    {
      tools,
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [tool('x')] } },
    },
    'invalid_value',
    'tool_choice.allowed_tools.tools[0].function.name',
  ],
  ['parallel as number', { parallel_tool_calls: 1 }, 'invalid_type', 'parallel_tool_calls'],
  [
    'an unknown format',
    { response_format: { type: 'xml' } },
    'invalid_value',
    'response_format.type',
  ],
  ['a format as text', { response_format: 'json' }, 'invalid_type', 'response_format'],
  [
    'a format without a name',
    { response_format: { type: 'json_schema', json_schema: {} } },
    'invalid_type',
    'response_format.json_schema.name',
  ],
  [
    "llama-server's schema",
    { response_format: { type: 'json_object', schema: {} } },
    'unknown_parameter',
    'response_format.schema',
  ],
  [
    'an answer without its call',
    { messages: [user, answered] },
    'invalid_value',
    'messages[1].tool_call_id',
  ],
  [
    'an answer before its call',
    { messages: [user, answered, assistant] },
    'invalid_value',
    'messages[1].tool_call_id',
  ],
  ['an answer of nothing', message({ role: 'tool' }), 'invalid_type', 'messages[0].tool_call_id'],
  [
    'calls of a user',
    message({ tool_calls: [called] }),
    'unknown_parameter',
    'messages[0].tool_calls',
  ],
  ['a call without an id', withCall({ id: '' }), 'invalid_value', 'messages[1].tool_calls[0].id'],
  [
    'a custom call',
    withCall({ type: 'custom' }),
    'unsupported_parameter',
    'messages[1].tool_calls[0].type',
  ],
  ['arguments that are no JSON', args('{a:1}'), 'invalid_value', ARGUMENTS],
  ['arguments that are a list', args('[1]'), 'invalid_value', ARGUMENTS],
  ['arguments twice', args('{"a":1,"a":2}'), 'invalid_value', ARGUMENTS],
  [
    'arguments too deep',
    args(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`),
    'invalid_value',
    ARGUMENTS,
  ],
  [
    'the older call',
    { messages: [user, { role: 'assistant', content: '', function_call: {} }] },
    'invalid_type',
    'messages[1].function_call',
  ],
  [
    'nothing said and nothing called',
    { messages: [user, { role: 'assistant', content: null, tool_calls: [] }] },
    'invalid_type',
    'messages[1].content',
  ],
])('refuses %s', (_what, over, code, param) => {
  expect(() => parse(over)).toThrow(expect.objectContaining({ code, param }))
})

test('no value of the client is quoted', () => {
  const canary = 'CANARY-9f3b'
  for (const over of [
    args(`{"a": ${canary}}`),
    withCall({ id: `${canary} ` }),
    { tools: [tool(`${canary} `)] },
    { tools, tool_choice: tool(canary) },
    { tools, tool_choice: canary },
    { response_format: { type: canary } },
  ]) {
    try {
      parse(over)
      expect.unreachable()
    } catch (thrown) {
      expect(String(thrown)).not.toContain(canary)
    }
  }
})
