/** A desktop whose bus is dead: no keychain, and nothing left in the kernel's keyring. */
import { readFileSync } from 'node:fs'
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
