import { expect, test } from 'vitest'
import { faultOf, machineLine, personLine } from '../../src/cli/serve/log-line.ts'

const fatal = JSON.stringify({
  level: 60,
  code: 'VAULT_DAMAGED',
  msg: 'chunk 3',
  remedy: 'Restore.',
})

test('a person reads warnings and faults, short', () => {
  expect(personLine('engine', fatal)).toBe('engine: chunk 3 (VAULT_DAMAGED)\n  hint: Restore.')
  expect(personLine('engine', '{"level":40,"msg":"slow"}')).toBe('engine: slow')
  expect(personLine('engine', '{"level":30,"msg":"loaded"}')).toBeUndefined()
})

test('a machine gets JSON only, and its own lines as they came', () => {
  expect(machineLine('engine', fatal)).toBe(fatal)
  expect(JSON.parse(machineLine('engine', 'GGML_ASSERT failed'))).toEqual({
    level: 40,
    name: 'engine',
    msg: 'GGML_ASSERT failed',
  })
  expect(JSON.parse(machineLine('engine', '{broken'))).toMatchObject({ msg: '{broken' })
  expect(machineLine('engine', 'x'.repeat(5000)).length).toBeLessThan(1100)
})

test.each([
  { line: fatal, code: 'VAULT_DAMAGED', message: 'engine: chunk 3' },
  { line: '{"level":60,"code":"NOT_OURS","msg":"m"}', code: 'SERVE_FAILED', message: 'engine: m' },
])('a fatal line is a fault: $code', ({ line, code, message }) => {
  expect(faultOf('engine', line)).toMatchObject({ code, message })
})

test.each([
  'GGML_ASSERT failed',
  '{"level":50,"code":"VAULT_DAMAGED","msg":"m"}',
  '{"level":60}',
  'null',
])('no fault is made of %s', (line) => {
  expect(faultOf('engine', line)).toBeUndefined()
})
