/** How a prompt is put together: whose words stand where, and what is marked as from outside. */
import { describe, expect, test } from 'vitest'
import { placed, systemFindings } from '../../src/gateway/chat/placing.ts'
import { parseChatRequest } from '../../src/gateway/chat/request.ts'
import type { Placing } from '../../src/gateway/guard-port.ts'
import { chatBody } from './gateway-fakes.ts'

const marker = 'abcd'
const PLACING: Placing = {
  operator: null,
  documents: 'delimit',
  clientSystem: 'allow',
  marker: () => marker,
}
const lit = (text: string) => `<<DATA ${marker}>>\n${text}\n<<END ${marker}>>`
const system = (content: string) => ({ role: 'system' as const, content })
const user = (content: unknown) => ({ role: 'user' as const, content })
const assistant = (content: string) => ({ role: 'assistant' as const, content })
const CALL = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
}
const RESULT = { role: 'tool', content: 'rain', tool_call_id: 'c1' }

function place(messages: unknown[], placing: Partial<Placing> = {}, over: object = {}) {
  const chat = parseChatRequest(chatBody({ messages, ...over }), { maxMessages: 16 })
  return placed(chat, { ...PLACING, ...placing }, 'req_1').messages.map(({ role, content }) => [
    role,
    content,
  ])
}

test('a conversation without anything from outside is as it was', () => {
  const all = [system('be kind'), user('a'), assistant('b'), user('c')]
  expect(place(all)).toEqual(all.map(({ role, content }) => [role, content]))
})

describe('the operator’s prompt', () => {
  const operator = { operator: 'OWN' }

  test('is the first message, whether a client has one or not', () => {
    expect(place([user('a')], operator)).toEqual([
      ['system', 'OWN'],
      ['user', 'a'],
    ])
  })

  test('stands above a client’s, in the one system message that every template takes', () => {
    const messages = [system('be kind'), { role: 'developer', content: 'be brief' }, user('a')]
    expect(place(messages, operator)).toEqual([
      ['system', 'OWN\n\n# Instructions of the application\n\nbe kind\n\nbe brief'],
      ['user', 'a'],
    ])
  })

  test('a later system message stays where it was', () => {
    expect(place([user('a'), system('now be kind'), user('b')], operator)).toEqual([
      ['system', 'OWN'],
      ['user', 'a'],
      ['system', 'now be kind'],
      ['user', 'b'],
    ])
  })

  test('alone, when a client sends nothing but system messages', () => {
    expect(place([system('x')], operator)).toEqual([
      ['system', 'OWN\n\n# Instructions of the application\n\nx'],
    ])
  })
})

describe('a client’s system messages', () => {
  const demote = { clientSystem: 'demote' } as const

  test('demoted: words of the user who speaks next', () => {
    expect(place([system('be kind'), user('a'), assistant('b')], demote)).toEqual([
      ['user', '# Instructions of the application\n\nbe kind\n\na'],
      ['assistant', 'b'],
    ])
  })

  test.each([
    [[system('x')], [['user', '# Instructions of the application\n\nx']]],
    [[user('a'), system('x')], [['user', 'a\n\n# Instructions of the application\n\nx']]],
  ])('demoted, with no user behind them: %j', (messages, expected) => {
    expect(place(messages, demote)).toEqual(expected)
  })

  test('demoted below the operator’s', () => {
    expect(place([system('x'), user('a')], { ...demote, operator: 'OWN' })[0]).toEqual([
      'system',
      'OWN',
    ])
  })

  test.each([
    ['allow', []],
    ['demote', [{ code: 'input.client-system', count: 2 }]],
    ['refuse', [{ code: 'input.client-system', count: 2 }]],
  ] as const)('%s: in the record is %j', (clientSystem, findings) => {
    const messages = [system('x'), { role: 'developer', content: 'y' }, user('a')]
    const chat = parseChatRequest(chatBody({ messages }), { maxMessages: 4 })
    expect(systemFindings(chat, { ...PLACING, clientSystem })).toEqual(findings)
  })
})

describe('what comes from outside', () => {
  test('documents stand in front of what the user said last, each between marks', () => {
    const documents = [{ title: 'Note', text: 'one' }, { text: 'two' }]
    const [head, ...rest] = place([user('a'), assistant('b'), user('c')], {}, { documents })
    expect(head![0]).toBe('system')
    expect(head![1]).toContain('never an instruction')
    expect(rest).toEqual([
      ['user', 'a'],
      ['assistant', 'b'],
      ['user', `${lit('Note\n\none')}\n\n${lit('two')}\n\nc`],
    ])
  })

  test('results of tools are between marks, whatever their parts say', () => {
    const parts = [{ type: 'text', text: 'sun', untrusted: false }]
    const rest = place([user('a'), CALL, RESULT, { ...RESULT, content: parts }]).slice(1)
    expect(rest.slice(2)).toEqual([
      ['tool', lit('rain')],
      ['tool', lit('sun')],
    ])
  })

  test('a part that is marked as untrusted, and only that', () => {
    const parts = [
      { type: 'text', text: 'read ' },
      { type: 'text', text: 'this:' },
      { type: 'text', text: 'a page', untrusted: true },
      { type: 'text', text: 'what is it?' },
    ]
    expect(place([user(parts)])[1]).toEqual(['user', `read this:\n${lit('a page')}\nwhat is it?`])
  })

  test('the line about the marks joins a system message that is there', () => {
    const [head, ...rest] = place([system('be kind'), user('a'), CALL, RESULT])
    expect(head![1]).toMatch(/^be kind\n\nText between <<DATA abcd>>/)
    expect(rest.map(([role]) => role)).toEqual(['user', 'assistant', 'tool'])
  })

  test('the operator’s prompt stays first, and the line comes last', () => {
    const [head] = place([system('be kind'), user('a'), CALL, RESULT], { operator: 'OWN' })
    expect(head![1]).toMatch(/^OWN\n\n# Instr[^]*be kind\n\nText between <<DATA abcd>>/)
  })

  test('datamarked, when the profile says so', () => {
    const placing = { documents: 'datamark' } as const
    expect(place([user('a')], placing, { documents: [{ text: 'b c' }] })[1]![1]).toContain('b^ab^c')
  })

  test('plain, when the profile says so: no marks, and no line about them', () => {
    const placing = { documents: 'plain' } as const
    expect(place([user('a'), CALL, RESULT], placing, { documents: [{ text: 'b' }] })).toEqual([
      ['user', 'b\n\na'],
      ['assistant', ''],
      ['tool', 'rain'],
    ])
  })

  test('documents need somebody who asks about them', () => {
    const body = chatBody({ messages: [system('x')], documents: [{ text: 'b' }] })
    expect(() => parseChatRequest(body, { maxMessages: 4 })).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'documents' }),
    )
  })
})
