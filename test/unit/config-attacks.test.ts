/** Ways in which a person, or a file that was tampered with, makes a setting mean something else. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { repeatedKeys } from '../../src/config/json-keys.ts'
import { listSettings } from '../../src/config/keys.ts'
import { loadConfig, OTHER_VARIABLES } from '../../src/config/load.ts'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'config-'))
})
afterEach(() => {
  rmSync(state, { recursive: true })
})

function load(given: { file?: string; sets?: string[]; env?: Record<string, string> }) {
  if (given.file !== undefined) writeFileSync(join(state, 'config.json'), given.file)
  return loadConfig({ state, sets: given.sets ?? [], env: given.env ?? {} })
}

test.each([
  {
    given: 'a misspelt variable',
    env: { SECURE_LLM_MEMORY_LOCKS: 'required' },
    says: /SECURE_LLM_MEMORY_LOCKS/,
  },
  {
    given: 'a key that stands twice',
    file: '{"profile":"production","profile":"development"}',
    says: /profile: stands in the file twice/,
  },
  {
    given: 'a key that stands twice, spelt with an escape',
    file: '{"gateway":{"maxJobs":1,"maxJob\\u0073":2}}',
    says: /gateway\.maxJobs: stands in the file twice/,
  },
  {
    given: 'a section that is no object, under an option for it',
    file: '{"engine":"x"}',
    sets: ['engine.slots=2'],
    says: /engine: the file holds no object here/,
  },
  {
    given: 'a prototype',
    file: '{"gateway":{"__proto__":{"listen":"0.0.0.0:1"}}}',
    says: /__proto__/,
  },
  { given: 'any origin', sets: ['gateway.allowedOrigins=["*"]'], says: /allowedOrigins/ },
  { given: 'the origin null', sets: ['gateway.allowedOrigins=["null"]'], says: /allowedOrigins/ },
  {
    given: 'an origin with a path',
    sets: ['gateway.allowedOrigins=["https://a.example/"]'],
    says: /allowedOrigins/,
  },
  { given: 'any host', sets: ['gateway.allowedHosts=["*.example"]'], says: /allowedHosts/ },
  {
    given: 'more memory than any machine has',
    sets: ['engine.slots=32', 'engine.contextTokens=131072'],
    says: /4194304/,
  },
  {
    given: 'every source wrong at once',
    file: '{"x":1}',
    env: { SECURE_LLM_Y: '1' },
    sets: ['z=1', 'engine.slots=0', 'profile=production', 'keys.store=file'],
    says: /SECURE_LLM_Y.*z: .*engine\.slots.*"x".*keys\.store/s,
  },
])('refuses $given', ({ says, ...given }) => {
  expect(() => load(given)).toThrow(says)
  expect(() => load(given)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
})

test('variables of ours that are no settings are let through, and foreign ones', () => {
  const env = {
    SECURE_LLM_KEY: 'k',
    SECURE_LLM_CONNECTED: 'keeper:4',
    SECURE_LLM_STATE: state,
    PATH: '/bin',
  }
  expect(load({ env }).sources.size).toBe(0)
})

test('every variable that the sources name is let through', () => {
  const src = join(import.meta.dirname, '../../src')
  const named = globSync('**/*.ts', { cwd: src }).flatMap(
    (file) => readFileSync(join(src, file), 'utf8').match(/SECURE_LLM_[A-Z_]*[A-Z]\b/g) ?? [],
  )
  const known = [...OTHER_VARIABLES, ...listSettings().map((row) => row.variable)]
  expect(named.length).toBeGreaterThan(4)
  expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([])
})

test('hosts and origins as browsers write them are taken', () => {
  const { config } = load({
    sets: [
      'gateway.allowedHosts=["llm.example:8080","[::1]:80"]',
      'gateway.allowedOrigins=["https://chat.example","http://localhost:3000"]',
    ],
  })
  expect(config.gateway.allowedHosts).toHaveLength(2)
  expect(config.gateway.allowedOrigins).toHaveLength(2)
})

test.each([
  ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}', []],
  ['{"a":"a\\":","b":"{\\"a\\":"}', []],
  ['{"a":{"b":1,"b":2},"a":3}', ['a.b', 'a']],
  ['[{"a":1,"a":2}]', ['a']],
  ['"a"', []],
])('repeated keys of %s', (text, expected) => {
  expect(repeatedKeys(text)).toEqual(expected)
})
