import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listSettings } from '../../src/config/keys.ts'
import { explainKey, loadConfig, parseListen } from '../../src/config/load.ts'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'config-'))
})
afterEach(() => {
  rmSync(state, { recursive: true })
})
const load = (sets: string[] = [], env: Record<string, string> = {}) =>
  loadConfig({ state, sets, env })

describe('loadConfig', () => {
  test('fills every default', () => {
    const { config, filePath } = load()
    expect(config.gateway.listen).toBe('127.0.0.1:11435')
    expect(config.sandbox.layers.seccomp).toBe('required')
    expect(filePath).toBeUndefined()
  })

  test('file, then environment, then option', () => {
    writeFileSync(
      join(state, 'config.json'),
      JSON.stringify({ gateway: { maxJobs: 1, waitMs: 200 }, engine: { slots: 2 } }),
    )
    const env = { SECURE_LLM_GATEWAY_MAX_JOBS: '2', SECURE_LLM_ENGINE_SLOTS: '3' }
    const loaded = load(['engine.slots=4'], env)
    expect(loaded.config.gateway.waitMs).toBe(200)
    expect(loaded.config.gateway.maxJobs).toBe(2)
    expect(loaded.config.engine.slots).toBe(4)
    expect(explainKey('gateway.waitMs', loaded).source).toBe('file')
    expect(explainKey('gateway.maxJobs', loaded)).toMatchObject({ source: 'environment', value: 2 })
    expect(explainKey('engine.slots', loaded).source).toBe('option')
    expect(explainKey('model', loaded).source).toBe('default')
  })

  test.each([
    {
      given: 'an unknown setting',
      sets: ['gateway.maxJob=1'],
      says: /gateway\.maxJob: there is no/,
    },
    { given: 'a part, not a setting', sets: ['gateway=1'], says: /gateway: there is no/ },
    { given: 'no value', sets: ['model'], says: /model: expected KEY=VALUE/ },
    { given: 'out of range', sets: ['engine.slots=0'], says: /engine\.slots: / },
    { given: 'a wrong type', sets: ['engine.slots=many'], says: /engine\.slots: / },
    { given: 'all interfaces', sets: ['gateway.listen=0.0.0.0:1'], says: /TLS/ },
    { given: 'a foreign host', sets: ['gateway.listen=10.0.0.1:1'], says: /loopback/ },
    { given: 'no port', sets: ['gateway.listen=127.0.0.1'], says: /HOST:PORT/ },
    {
      given: 'a key file in production',
      sets: ['profile=production', 'keys.store=file'],
      says: /keys\.store/,
    },
    {
      given: 'two mistakes, both named',
      sets: ['engine.slots=0', 'gateway.maxJobs=0'],
      says: /gateway\.maxJobs: .*engine\.slots: /,
    },
  ])('refuses $given', ({ sets, says }) => {
    expect(() => load(sets)).toThrow(says)
  })

  test.each([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['an unknown key', '{"gatway":{}}'],
    ['an unknown key inside', '{"gateway":{"maxJob":1}}'],
    ['too long', ' '.repeat(300_000)],
  ])('refuses a file that is %s', (_name, text) => {
    writeFileSync(join(state, 'config.json'), text)
    expect(() => load()).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  test('a named file that is missing is a fault, not a default', () => {
    const file = join(state, 'absent.json')
    expect(() => loadConfig({ state, file, sets: [], env: {} })).toThrow(/cannot read/)
  })

  test('the state folder: option, variable, XDG, home', () => {
    const env = { SECURE_LLM_STATE: '/a', XDG_STATE_HOME: '/b', HOME: '/c' }
    expect(loadConfig({ state: '/o', sets: [], env }).statePath).toBe('/o')
    expect(loadConfig({ sets: [], env }).statePath).toBe('/a')
    expect(loadConfig({ sets: [], env: { ...env, SECURE_LLM_STATE: '' } }).statePath).toBe(
      '/b/secure-llm',
    )
    expect(
      loadConfig({ sets: [], env: { HOME: '/c', XDG_STATE_HOME: 'relative' } }).statePath,
    ).toBe('/c/.local/state/secure-llm')
    expect(() => loadConfig({ sets: [], env: {} })).toThrow(/no state folder/)
  })
})

test('every setting has a default and a reason that is a sentence', () => {
  for (const row of listSettings()) {
    expect(row.default, row.key).toBeDefined()
    expect(row.reason, row.key).toMatch(/^.{12,}\.$/)
  }
  expect(listSettings().length).toBeGreaterThan(25)
})

test.each([
  ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
  ['localhost:80', { kind: 'tcp', host: 'localhost', port: 80 }],
  ['[::1]:80', { kind: 'tcp', host: '::1', port: 80 }],
  ['unix:/run/a.sock', { kind: 'unix', path: '/run/a.sock' }],
])('parseListen %s', (text, expected) => {
  expect(parseListen(text)).toEqual(expected)
})

test.each(['unix:relative', `unix:/${'x'.repeat(100)}`, '127.0.0.1:99999', '127.0.0.1.evil:1', ''])(
  'parseListen refuses %s',
  (text) => {
    expect(() => parseListen(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  },
)
