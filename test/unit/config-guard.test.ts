/** Settings of the guard, and the two files that only their owner may read. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readGuardFiles } from '../../src/config/guard-files.ts'
import { loadConfig } from '../../src/config/load.ts'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'config-guard-'))
  mkdirSync(join(state, 'guard'), { mode: 0o700 })
})
afterEach(() => {
  rmSync(state, { recursive: true })
})

const load = (guard: object) => {
  const sets = Object.entries(guard).map(([key, value]) => `guard.${key}=${JSON.stringify(value)}`)
  return loadConfig({ state, sets, env: {} }).config.guard
}

describe('settings', () => {
  test('profiles by name, over a base', () => {
    const guard = load({
      profile: 'office',
      profiles: { office: { output: { email: 'allow', 'prompt-leak': 'stop' } } },
    })
    expect(guard.profiles.office).toEqual({
      base: 'strict',
      output: { email: 'allow', 'prompt-leak': 'stop' },
    })
  })

  test.each([
    ['a class that is none', { profiles: { a: { output: { mail: 'mask' } } } }],
    ['an action that is none', { profiles: { a: { output: { email: 'hide' } } } }],
    ['an action of answers for a prompt', { profiles: { a: { input: { injection: 'mask' } } } }],
    ['a base that is none', { profiles: { a: { base: 'office' } } }],
    ['a field that is none', { profiles: { a: { outputs: {} } } }],
    ['a name that is none', { profiles: { 'A b': {} } }],
    ['the name of a built-in one', { profiles: { strict: {} } }],
    ['a default that is nowhere', { profile: 'office' }],
    ['an empty word', { denyList: [''] }],
    ['a pattern without a name', { patterns: [{ pattern: 'x' }] }],
    ['a name of a pattern twice', { patterns: ['x', 'y'].map((p) => ({ name: 'a', pattern: p })) }],
    ['a path in an origin', { linkOrigins: ['https://example.org/x'] }],
    ['another scheme', { linkOrigins: ['javascript:alert(1)'] }],
    ['a message longer than a prompt', { maxMessageChars: 9, maxPromptChars: 8 }],
    ['what was there before', { invisible: 'strip' }],
  ])('%s is refused', (_what, guard) => {
    expect(() => load(guard)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
})

describe('files', () => {
  const put = (name: string, text: string | Buffer, mode = 0o600) => {
    const path = join(state, 'guard', name)
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }
  const refused = (path: string) => {
    const found: unknown = (() => {
      try {
        return readGuardFiles(state)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(found).toMatchObject({ code: 'GUARD_FILE_UNSAFE' })
    expect(String(found)).toContain(path)
    // Nothing of a file is in any message.
    expect(String(found)).not.toContain('hush')
  }

  test('none', () => {
    expect(readGuardFiles(state)).toEqual({ systemPrompt: null, secrets: [] })
  })

  test('both', () => {
    put('system-prompt.txt', '\nYou are Ada.\n')
    put('secrets', 'hunter2hunter2\n\n  correct-horse \r\n')
    expect(readGuardFiles(state)).toEqual({
      systemPrompt: 'You are Ada.',
      secrets: ['hunter2hunter2', 'correct-horse'],
    })
  })

  test('an empty prompt is none', () => {
    put('system-prompt.txt', ' \n')
    expect(readGuardFiles(state).systemPrompt).toBeNull()
  })

  test.each([0o640, 0o604, 0o660, 0o644])('mode %o is refused', (mode) => {
    refused(put('system-prompt.txt', 'hush', mode))
    rmSync(join(state, 'guard/system-prompt.txt'))
    refused(put('secrets', 'hushhush', mode))
  })

  test('a link is refused, also to a file of ours', () => {
    symlinkSync(put('other', 'hush'), join(state, 'guard/system-prompt.txt'))
    refused('system-prompt.txt')
  })

  test('a folder, another encoding, too much, and a value that is a word', () => {
    mkdirSync(join(state, 'guard/system-prompt.txt'))
    refused('system-prompt.txt')
    rmSync(join(state, 'guard/system-prompt.txt'), { recursive: true })
    refused(put('system-prompt.txt', Buffer.from([0x68, 0xff])))
    refused(put('system-prompt.txt', 'hush'.repeat(20_000)))
    rmSync(join(state, 'guard/system-prompt.txt'))
    refused(put('secrets', 'hushhush\nhush\n'))
  })
})
