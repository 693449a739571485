import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ClientsFile } from '../../src/gateway/clients-file.ts'
import { bearerKey, findClient, hashKey, parseClients } from '../../src/gateway/clients.ts'
import { fakeClient } from './gateway-fakes.ts'

const KEYS = ['a', 'b', 'c'].map((letter) => `sk-local-${letter.repeat(43)}`)

function entry(at: number, over: object = {}): object {
  return {
    id: `c-0000000${at}`,
    name: 'laptop',
    hash: hashKey(KEYS[at]!).toString('hex'),
    created: '2026-11-23T10:00:00Z',
    expires: null,
    scopes: ['chat', 'models'],
    ...over,
  }
}

function document(clients: unknown, over: object = {}): Buffer {
  return Buffer.from(JSON.stringify({ format: 'secure-llm/clients/v1', clients, ...over }))
}

describe('parseClients', () => {
  test('reads what the command line writes', () => {
    const [client] = parseClients(document([entry(0, { expires: '2027-01-01T00:00:00.000Z' })]))
    expect(client).toEqual({
      id: 'c-00000000',
      hash: hashKey(KEYS[0]!),
      expiresMs: Date.UTC(2027, 0, 1),
      scopes: ['chat', 'models'],
      guard: null,
    })
  })

  test('the profile of a client, when it names one', () => {
    const clients = parseClients(document([entry(0, { guard: 'coding' }), entry(1)]))
    expect(clients.map(({ guard }) => guard)).toEqual(['coding', null])
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half a file', document([entry(0)]).subarray(0, 60)],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['another format', document([], { format: 'secure-llm/clients/v2' })],
    ['a field too many', document([entry(0, { key: 'sk' })])],
    ['a profile that is no name', document([entry(0, { guard: '../x' })])],
    ['an unknown scope', document([entry(0, { scopes: ['root'] })])],
    ['a short hash', document([entry(0, { hash: 'ab' })])],
    ['an id that is a path', document([entry(0, { id: '../c' })])],
    ['a date that is none', document([entry(0, { expires: 'never' })])],
    ['one id twice', document([entry(0), entry(1, { id: 'c-00000000' })])],
    ['one key twice', document([entry(0), entry(1, { hash: hashKey(KEYS[0]!).toString('hex') })])],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseClients(bytes)).toThrow(expect.objectContaining({ code: 'CLIENTS_INVALID' }))
  })

  test('says where, and quotes nothing', () => {
    const hash = 'f'.repeat(63)
    try {
      parseClients(document([entry(0, { hash })]))
      expect.unreachable()
    } catch (thrown) {
      expect(String(thrown)).toContain('clients.0.hash')
      expect(String(thrown)).not.toContain(hash)
    }
  })
})

test.each([0, 1, 2])('every client is compared, also when number %i is the one', (at) => {
  let reads = 0
  const clients = KEYS.map((key, i) => {
    const client = fakeClient({ id: `c-0000000${i}` })
    Object.defineProperty(client, 'hash', {
      get: () => {
        reads++
        return hashKey(key)
      },
    })
    return client
  })
  expect(findClient(clients, hashKey(KEYS[at]!))?.id).toBe(`c-0000000${at}`)
  expect(reads).toBe(3)
  expect(findClient(clients, hashKey('sk-local-other'))).toBeUndefined()
  expect(reads).toBe(6)
})

test.each([
  ['Bearer abc', 'abc'],
  ['bearer   abc', 'abc'],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  ['Bearer ä', undefined],
  [`Bearer ${'a'.repeat(257)}`, undefined],
  [undefined, undefined],
])('%s', (header, key) => {
  expect(bearerKey(header)).toBe(key)
})

describe('ClientsFile', () => {
  let folder: string
  let path: string
  let nowMs: number
  let file: ClientsFile
  const replace = (bytes: Buffer) => {
    writeFileSync(`${path}.new`, bytes)
    renameSync(`${path}.new`, path)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gateway-clients-'))
    path = join(folder, 'clients.json')
    nowMs = 0
    file = new ClientsFile(path, () => nowMs)
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  test('a missing file means no clients', () => {
    expect(file.find(KEYS[0]!)).toBeUndefined()
    expect(file.state).toBe('ok')
  })

  test('a new client works at once', () => {
    replace(document([entry(0)]))
    expect(file.find(KEYS[0]!)?.id).toBe('c-00000000')
    replace(document([entry(0), entry(1)]))
    expect(file.find(KEYS[1]!)?.id).toBe('c-00000001')
  })

  test('a revoked client stops within a second', () => {
    replace(document([entry(0), entry(1)]))
    expect(file.find(KEYS[0]!)?.id).toBe('c-00000000')
    replace(document([entry(1)]))
    nowMs = 1000
    expect(file.find(KEYS[0]!)).toBeUndefined()
  })

  test('a broken file lets nobody in, also not those it let in before', () => {
    replace(document([entry(0)]))
    expect(file.find(KEYS[0]!)).toBeDefined()
    replace(Buffer.from('{'))
    nowMs = 1000
    expect(() => file.find(KEYS[0]!)).toThrow(expect.objectContaining({ code: 'CLIENTS_INVALID' }))
    expect(file.state).toBe('invalid')
    replace(document([entry(0)]))
    nowMs = 2000
    expect(file.find(KEYS[0]!)).toBeDefined()
  })

  test('a file that was taken away takes its clients with it', () => {
    replace(document([entry(0)]))
    expect(file.find(KEYS[0]!)).toBeDefined()
    rmSync(path)
    nowMs = 1000
    expect(file.find(KEYS[0]!)).toBeUndefined()
  })
})
