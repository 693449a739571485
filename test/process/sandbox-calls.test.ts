/**
 * The first filter, call by call, from inside a process that the launcher started: each call that
 * its table forbids gets the table's answer, and without the launcher another one.
 *
 * All arguments are −1, with which the kernel itself does nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { launchFilter } from '../../src/sandbox/seccomp-launch-rules.ts'
import { numberOf } from '../../src/sandbox/syscall-numbers.ts'
import { attempt } from '../fixtures/sandbox-child.ts'

const ROLES = ['gateway', 'engine', 'keeper'] as const
type Role = (typeof ROLES)[number]
const CLONE_NEWUSER_AND_SIGCHLD = 0x1000_0011

const state = mkdtempSync(join(tmpdir(), 'sandbox-calls-'))
afterAll(() => {
  rmSync(state, { recursive: true })
})

/** Attack → answer, of every rule that looks at no argument. */
function forbidden(role: Role): Record<string, number> {
  const pairs = launchFilter(role).rules.flatMap(({ calls, answer, when }) =>
    when !== undefined || typeof answer === 'string'
      ? []
      : calls
          .filter((name) => process.arch !== 'arm64' || numberOf(name, 'arm64') !== null)
          .map((name): [string, number] => [`call=${name}`, -answer.errno]),
  )
  return Object.fromEntries(pairs)
}

/** And those that do: user namespaces, typing into the terminal. */
const BY_ARGUMENT = {
  [`call=clone:${CLONE_NEWUSER_AND_SIGCHLD}`]: -1,
  'call=ioctl:0:21522:0': -1,
  'call=ioctl:0:21532:0': -1,
}

test.each(ROLES)('%s: each forbidden call gets the answer of the table', async (role) => {
  const expected = { ...forbidden(role), ...BY_ARGUMENT }
  expect(Object.keys(expected).length).toBeGreaterThan(50)
  const { result, status } = await attempt({ role, state, attacks: Object.keys(expected) })
  expect(result).toEqual(expected)
  expect(status).toBe(0)
})

test('without the launcher they get another one', async () => {
  // It would hang up the terminal that the tests run in.
  const attacks = Object.entries(forbidden('engine')).filter(([name]) => name !== 'call=vhangup')
  const names = attacks.map(([name]) => name)
  const { result } = await attempt({ role: 'engine', state, attacks: names, launcher: 'none' })
  const got = result as Record<string, number>
  const same = attacks.filter(([name, answer]) => got[name] === answer).map(([name]) => name)
  // An ordinary user is refused some anyway, and a kernel may lack one.
  const isRoot = process.getuid?.() === 0
  expect(same.length).toBeLessThan(isRoot ? 4 : names.length / 2)
})
