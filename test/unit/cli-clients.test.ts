import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  addClient,
  makeClient,
  parseClients,
  readProfile,
  readScopes,
  removeClient,
  serializeClients,
} from '../../src/cli/clients.ts'
import { parseClients as parseAsGateway } from '../../src/gateway/clients.ts'

const nowMs = Date.parse('2026-11-23T12:00:00Z')

describe('clients', () => {
  test('the key is shown once: the file holds its hash only, and the gateway reads the file', () => {
    const { client, key } = makeClient('laptop', { nowMs, expiresDays: 30 })
    const bytes = serializeClients(addClient([], client))
    expect(key).toMatch(/^sk-local-[A-Za-z0-9_-]{43}$/)
    expect(bytes.toString()).not.toContain(key.slice(9))
    expect(parseClients(bytes)).toEqual([client])
    const [read] = parseAsGateway(bytes)
    expect(read!.hash.equals(createHash('sha256').update(key).digest())).toBe(true)
    expect(read!.expiresMs).toBe(nowMs + 30 * 86_400_000)
  })

  test('two clients never share a key or an id', () => {
    const made = Array.from({ length: 50 }, () => makeClient('a', { nowMs }))
    expect(new Set(made.map(({ key }) => key)).size).toBe(50)
    expect(new Set(made.map(({ client }) => client.id)).size).toBe(50)
  })

  test.each(['', ' ', 'a b', '-a', 'ä', 'a/b', 'a'.repeat(65), 'a\n'])('refuses "%s"', (name) => {
    expect(() => makeClient(name, { nowMs })).toThrow('a client name has')
  })

  test('a name is taken once, and leaves by name or id', () => {
    const { client } = makeClient('laptop', { nowMs })
    expect(() => addClient([client], makeClient('laptop', { nowMs }).client)).toThrow('already')
    expect(removeClient([client], 'laptop').left).toEqual([])
    expect(removeClient([client], client.id).removed).toBe(client)
    expect(() => removeClient([client], 'phone')).toThrow('there is no client phone')
  })

  test.each(['', '{}', '[]', '{"format":"secure-llm/clients/v2","clients":[]}', '\xff'])(
    'a file of %j is refused, its text is not repeated',
    (text) => {
      expect(() => parseClients(Buffer.from(text, 'latin1'))).toThrow(/^clients\.json /)
    },
  )
})

describe('profiles', () => {
  const known = ['strict', 'coding', 'observe', 'office']

  test('one that there is, as the gateway reads it', () => {
    const { client } = makeClient('editor', { nowMs, guard: readProfile('office', known) })
    expect(client.guard).toBe('office')
    expect(parseAsGateway(serializeClients([client]))[0]!.guard).toBe('office')
  })

  test('none: the field is not in the file, and older programs read it', () => {
    const { client } = makeClient('editor', { nowMs, guard: readProfile(undefined, known) })
    expect(serializeClients([client]).toString()).not.toContain('guard')
    expect(parseClients(serializeClients([client]))).toEqual([client])
    expect(parseAsGateway(serializeClients([client]))[0]!.guard).toBeNull()
  })

  test.each(['Strict', 'lax', '', '__proto__'])('"%s" is refused with the list', (name) => {
    expect(() => readProfile(name, known)).toThrow(
      '--guard takes one of strict, coding, observe, office',
    )
  })
})

describe('scopes', () => {
  test('without a word: what a client needs to talk', () => {
    const { client } = makeClient('laptop', { nowMs, scopes: readScopes([]) })
    expect(client.scopes).toEqual(['chat', 'models', 'tokens'])
  })

  test('those that were asked for, each once, as the gateway reads them', () => {
    const scopes = readScopes(['metrics', 'metrics'])
    const { client } = makeClient('prometheus', { nowMs, scopes })
    expect(client.scopes).toEqual(['metrics'])
    expect(parseAsGateway(serializeClients([client]))[0]!.scopes).toEqual(['metrics'])
  })

  test('one that is none', () => {
    expect(() => readScopes(['root'])).toThrow('--scope takes one of chat, models, tokens, metrics')
  })

  test('a file of before is read, and its keys keep what they had', () => {
    const { client } = makeClient('old', { nowMs, scopes: ['chat', 'models'] })
    expect(parseClients(serializeClients([client]))[0]!.scopes).toEqual(['chat', 'models'])
  })
})
