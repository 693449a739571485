import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import {
  keyIdOf,
  parseSlots,
  serializeSlots,
  unwrapFileKey,
  wrapFileKey,
} from '../../src/vault/slots.ts'

const wrappingKey = randomBytes(32)
const fileKey = randomBytes(32)
const context = randomBytes(32)
const about = {
  kind: 'file',
  keyId: keyIdOf(wrappingKey),
  created: '2026-01-02T03:04:05.678Z',
  context,
} as const

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw thrown
  }
  return 'nothing thrown'
}

test('what is wrapped, written and read again opens with the same key', () => {
  const slot = wrapFileKey(fileKey, wrappingKey, about)
  const [read] = parseSlots(serializeSlots([slot]))
  expect(read).toEqual(slot)
  expect(unwrapFileKey(read!, wrappingKey, context)).toEqual(fileKey)
})

test('two wraps of the same key share neither nonce nor bytes', () => {
  const [one, two] = [1, 2].map(() => wrapFileKey(fileKey, wrappingKey, about))
  expect(one!.nonce).not.toBe(two!.nonce)
  expect(one!.wrapped).not.toBe(two!.wrapped)
})

test.each([
  ['kind', { kind: 'keychain' }],
  ['keyId', { keyId: 'f'.repeat(16) }],
  ['created', { created: '2026-01-02T03:04:05Z' }],
  ['params', { params: { account: 'x' } }],
  ['nonce', { nonce: randomBytes(12).toString('base64') }],
  ['wrapped', { wrapped: randomBytes(48).toString('base64') }],
  ['nonce of no length', { nonce: '' }],
  ['wrapped of no length', { wrapped: '' }],
] as const)('an edited %s does not open', (_name, edit) => {
  const slot = { ...wrapFileKey(fileKey, wrappingKey, about), ...edit }
  expect(codeOf(() => unwrapFileKey(slot, wrappingKey, context))).toBe('VAULT_WRONG_KEY')
})

test('a slot does not open for another model, another key, or a context of another length', () => {
  const slot = wrapFileKey(fileKey, wrappingKey, about)
  expect(codeOf(() => unwrapFileKey(slot, wrappingKey, randomBytes(32)))).toBe('VAULT_WRONG_KEY')
  expect(codeOf(() => unwrapFileKey(slot, randomBytes(32), context))).toBe('VAULT_WRONG_KEY')
  expect(codeOf(() => unwrapFileKey(slot, wrappingKey, context.subarray(1)))).toBe(
    'VAULT_WRONG_KEY',
  )
})

test.each([
  ['a name that is not a key id', { ...about, keyId: 'mine' }],
  ['a day that does not exist', { ...about, created: '2026-02-30T00:00:00Z' }],
  ['a passphrase without its params', { ...about, kind: 'passphrase' as const }],
])('%s is refused when it is wrapped, not when it is read', (_name, header) => {
  expect(codeOf(() => wrapFileKey(fileKey, wrappingKey, header))).toBe('VAULT_SLOTS_INVALID')
})

test('no slot and seventeen slots are not written', () => {
  const slot = wrapFileKey(fileKey, wrappingKey, about)
  expect(codeOf(() => serializeSlots([]))).toBe('VAULT_SLOTS_INVALID')
  expect(parseSlots(serializeSlots(Array.from({ length: 16 }, () => slot)))).toHaveLength(16)
  const many = Array.from({ length: 17 }, () => slot)
  expect(codeOf(() => serializeSlots(many))).toBe('VAULT_SLOTS_INVALID')
})

test('a fault names the field and nothing of what is in it', () => {
  const slot = { ...wrapFileKey(fileKey, wrappingKey, about), keyId: 'SECRET-\u001b[31m' }
  const text = JSON.stringify({ format: 'secure-llm/slots/v1', slots: [slot] })
  expect(() => parseSlots(Buffer.from(text))).toThrow(/^slots\.json is not canonical JSON$/)
  expect(() => serializeSlots([slot])).toThrow(/^slots\.json has a wrong field at slots\.0\.keyId$/)
  const extra = { ...slot, '\u001b[31m': 1 }
  expect(() => serializeSlots([extra])).toThrow(
    /^slots\.json has a(n unknown| wrong) field at slots/,
  )
})

test('the key id says nothing a second key could share by accident, and is stable', () => {
  expect(keyIdOf(wrappingKey)).toMatch(/^[0-9a-f]{16}$/)
  expect(keyIdOf(wrappingKey)).toBe(keyIdOf(Buffer.from(wrappingKey)))
  const ids = new Set(Array.from({ length: 200 }, () => keyIdOf(randomBytes(32))))
  expect(ids.size).toBe(200)
})
