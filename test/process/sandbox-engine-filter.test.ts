/**
 * The engine after its last filter: what kills it, what is only refused, what goes on.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { attempt } from '../fixtures/sandbox-child.ts'

const state = mkdtempSync(join(tmpdir(), 'sandbox-engine-'))
const engine = (attacks: readonly string[], final?: true) =>
  attempt({ role: 'engine', state, attacks, ...(final ? { final } : {}) })

afterAll(() => {
  rmSync(state, { recursive: true })
})

const DEADLY = [
  'tcp-socket',
  'unix-socket',
  'fork',
  'clone-process',
  'shell',
  'execute',
  'execute-at',
  'ptrace',
  'io_uring',
  'bpf',
  'unshare',
  'memfd',
  'map-executable',
  'execute-written',
  'dumpable',
  `signal=${process.pid}`,
  // abort() may signal a thread of its own process, and of no other.
  `call=tgkill:${process.pid}:${process.pid}:0`,
  'unlink=/tmp/x',
  'tcp-connect=1',
]

test.concurrent.each(DEADLY)('%s is death', async (attack) => {
  const outcome = await engine([attack], true)
  expect(outcome.signal).toBe('SIGSYS')
  expect(outcome.stdout).toBe('')
})

test('before it, each of them is survived', async () => {
  const { status, result } = await engine(DEADLY)
  expect(status).toBe(0)
  expect(Object.keys(result as object)).toHaveLength(DEADLY.length)
})

/** F_ADD_SEALS, and TIOCSTI, which types into a terminal. */
const ADD_SEALS = 'call=fcntl:0:1033:0'
const TYPE_INTO_TERMINAL = 'call=ioctl:0:21522:0'
const BY_ARGUMENT = [ADD_SEALS, TYPE_INTO_TERMINAL]

test('opening is refused and not deadly; threads, names and questions go on', async () => {
  const attacks = ['open=/', 'create=/tmp/x', 'stat', 'read-parent', 'clone3']
  const { status, result } = await engine(
    [...attacks, ...BY_ARGUMENT, 'raise-limit', 'read-limit', 'thread-name', 'new-thread'],
    true,
  )
  expect(result).toEqual({
    'open=/': -13,
    'create=/tmp/x': -13,
    stat: -13,
    'read-parent': -13,
    clone3: -38,
    [ADD_SEALS]: -1,
    [TYPE_INTO_TERMINAL]: -25,
    'raise-limit': -1,
    'read-limit': 0,
    'thread-name': 0,
    'new-thread': 0,
  })
  expect(status).toBe(0)
})

test('a bug that aborts ends with SIGABRT, so that it does not look like an attack', async () => {
  expect((await engine(['abort'], true)).signal).toBe('SIGABRT')
})

test('the trap that exitNow is for: Node’s own exit dies by SIGSYS', async () => {
  expect((await engine(['exit'], true)).signal).toBe('SIGSYS')
  expect(await engine(['nothing'], true)).toMatchObject({ status: 0, signal: null })
})
