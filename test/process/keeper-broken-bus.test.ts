/** A desktop whose bus is dead: no keychain, and nothing left in the kernel's keyring. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  WirePeer,
  type KeeperState,
} from '../fixtures/keeper-process.ts'

const DEAD = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' }
let state: KeeperState

beforeEach(async () => {
  state = await makeKeeperState([])
})
afterEach(() => {
  state.remove()
})

/** Names and payloads of every key that this user can see. */
const kernelKeys = () =>
  readFileSync('/proc/keys', 'utf8')
    .split('\n')
    .filter((line) => /secure-llm|wrapping-key/.test(line))

test.each([
  { bus: 'a dead address', env: DEAD },
  { bus: 'no address', env: { XDG_RUNTIME_DIR: '/nonexistent' } },
])('auto with $bus takes the file store with a warning', async ({ env }) => {
  const keeper = await new RunningKeeper(state, { env }).ready()
  const cli = new WirePeer(state, 'cli').say('keeper.ask', {})
  const answer = await cli.hear('keeper.state')
  expect(answer.store).toBe('file')
  expect(answer.warnings).toHaveLength(1)
  expect(kernelKeys()).toEqual([])
  expect(await keeper.stop()).toBe(0)
})

test('a keychain asked for by name, or used before, is refused and not replaced', async () => {
  const named = new RunningKeeper(state, { env: DEAD, sets: ['keys.store=keychain'] })
  expect(await named.ended).toMatchObject({ code: 78 })
  expect(named.lines.at(-1)).toContain('KEY_STORE_REFUSED')
  expect(auditRecords(state).at(-1)?.codes).toEqual(['KEY_STORE_REFUSED'])
  expect(kernelKeys()).toEqual([])
})

// The sandbox of a keeper refuses the kernel's keyring by itself; this asks the entry alone.
test.each([
  { bus: 'a dead address', env: DEAD, says: 'dbus' },
  { bus: 'no address', env: {}, says: 'there is no session bus' },
])('with $bus the entry throws, outside of the sandbox too', ({ env, says }) => {
  const module = join(import.meta.dirname, '../../src/keeper/stores/keychain.ts')
  const code = `
    import { systemEntry } from ${JSON.stringify(module)}
    const said = async (call) => {
      try { await call(); return 'answered' } catch (thrown) { return thrown.message }
    }
    console.log(await said(async () => systemEntry(process.env).read()))
    console.log(await said(async () => systemEntry(process.env).write(new Uint8Array(32))))
  `
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
    timeout: 30_000,
  })
  const lines = stdout.trim().split('\n')
  expect(lines, stderr).toHaveLength(2)
  for (const line of lines) expect(line.toLowerCase()).toContain(says)
  expect(kernelKeys()).toEqual([])
})
