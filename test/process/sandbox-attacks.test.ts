/**
 * Attacks from inside a process that was started by the launcher, for each role, before and after
 * the last filter; and the same acts without the launcher, which must work, or the attack is none.
 *
 * Works for root and for an ordinary user. Needs a kernel with Landlock ABI 6 or later (Linux 6.12)
 * and seccomp: without them these tests fail, and say so.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { landlockAbi } from '../../src/sandbox/landlock-kernel.ts'
import { attempt } from '../fixtures/sandbox-child.ts'

const ROLES = ['gateway', 'engine', 'keeper'] as const
type Role = (typeof ROLES)[number]

const EPERM = -1
const EACCES = -13
const EAFNOSUPPORT = -97
const ENOSYS = -38
/** Anything but an error. */
const WORKS = 'works'
/** The shell was not executed; in the control it was, and left with 7. */
const NO_SHELL = 127 << 8
const SHELL_RAN = 7 << 8

type Expected = number | typeof WORKS

interface Row {
  /** NAME or NAME=WHAT, with braces for the places below. */
  readonly attack: string
  readonly control: Expected
  readonly inside: Expected | Readonly<Record<Role, Expected>>
}

const folder = mkdtempSync(join(tmpdir(), 'sandbox-attacks-'))
const state = join(folder, 'state')
const abstractName = `secure-llm-test-${process.pid}`
const tcpServer = createServer()
const abstractServer = createServer()

const except = (role: Role, one: Expected, others: Expected): Record<Role, Expected> => {
  return { gateway: others, engine: others, keeper: others, [role]: one }
}

const ROWS: readonly Row[] = [
  { attack: 'open={folder}/secret', control: WORKS, inside: EACCES },
  { attack: 'open=/', control: WORKS, inside: EACCES },
  { attack: 'open={state}/run/serve.lock', control: WORKS, inside: EACCES },
  {
    attack: 'open={state}/clients/clients.json',
    control: WORKS,
    inside: except('gateway', WORKS, EACCES),
  },
  {
    attack: 'open={state}/keys/wrapping.key',
    control: WORKS,
    inside: except('keeper', WORKS, EACCES),
  },
  {
    attack: 'open={state}/audit/audit.jsonl',
    control: WORKS,
    inside: except('keeper', WORKS, EACCES),
  },
  {
    attack: 'open={state}/models/mine/slots.json',
    control: WORKS,
    inside: { gateway: EACCES, engine: WORKS, keeper: WORKS },
  },
  {
    attack: 'open={state}/models/other/slots.json',
    control: WORKS,
    inside: except('keeper', WORKS, EACCES),
  },
  { attack: 'create={folder}/new', control: WORKS, inside: EACCES },
  { attack: 'create={state}/new', control: WORKS, inside: EACCES },
  { attack: 'create={state}/clients/new', control: WORKS, inside: EACCES },
  { attack: 'create={state}/run/new', control: WORKS, inside: EACCES },
  { attack: 'create={state}/audit/new', control: WORKS, inside: except('keeper', WORKS, EACCES) },
  {
    attack: 'create={state}/models/mine/new',
    control: WORKS,
    inside: except('keeper', WORKS, EACCES),
  },
  { attack: 'unlink={state}/clients/victim', control: WORKS, inside: EACCES },
  { attack: 'make-folder={state}/audit/folder', control: WORKS, inside: EACCES },
  { attack: 'link={state}/audit/link', control: WORKS, inside: EACCES },
  { attack: 'tcp-socket', control: WORKS, inside: EAFNOSUPPORT },
  { attack: 'udp-socket', control: WORKS, inside: EAFNOSUPPORT },
  { attack: 'mptcp-socket', control: WORKS, inside: EAFNOSUPPORT },
  { attack: 'netlink-socket', control: WORKS, inside: EAFNOSUPPORT },
  { attack: 'unix-socket', control: WORKS, inside: except('engine', EAFNOSUPPORT, WORKS) },
  // On a socket that was passed in, so that Landlock itself must refuse. The engine too.
  { attack: 'tcp-bind', control: WORKS, inside: EACCES },
  { attack: 'tcp-connect={port}', control: WORKS, inside: EACCES },
  {
    attack: 'abstract-socket={abstract}',
    control: WORKS,
    inside: except('engine', EAFNOSUPPORT, EPERM),
  },
  { attack: 'signal={pid}', control: WORKS, inside: EPERM },
  { attack: 'read-parent', control: WORKS, inside: EACCES },
  { attack: 'shell', control: SHELL_RAN, inside: NO_SHELL },
  { attack: 'io_uring', control: -14, inside: ENOSYS },
  { attack: 'clone3', control: -22, inside: ENOSYS },
  { attack: 'ptrace', control: WORKS, inside: EPERM },
  { attack: 'keyring', control: WORKS, inside: EPERM },
  { attack: 'memfd', control: WORKS, inside: except('engine', WORKS, EPERM) },
  { attack: 'map-executable', control: WORKS, inside: except('gateway', WORKS, EACCES) },
  { attack: 'execute-written', control: WORKS, inside: except('gateway', WORKS, EACCES) },
]

/** For root only the control works; for everybody else the kernel says no anyway. */
const REFUSED_ONLY = ['unshare', 'bpf', 'mount']

let places: Record<string, string> = {}
const fill = (attack: string) =>
  attack.replace(/\{(\w+)\}/g, (_all, name: string) => places[name] ?? '')

function prepareState(): void {
  rmSync(state, { recursive: true, force: true })
  for (const name of ['clients', 'keys', 'audit', 'run', 'models/mine', 'models/other']) {
    mkdirSync(join(state, name), { recursive: true })
  }
  const files = ['clients/clients.json', 'clients/victim', 'keys/wrapping.key', 'run/serve.lock']
  const more = [
    'audit/audit.jsonl',
    'models/mine/slots.json',
    'models/other/slots.json',
    '../secret',
  ]
  for (const name of [...files, ...more]) writeFileSync(join(state, name), 'x')
}

beforeAll(async () => {
  expect(landlockAbi(), 'these tests need Landlock ABI 6 (Linux 6.12)').toBeGreaterThanOrEqual(6)
  await new Promise<void>((done) => tcpServer.listen(0, '127.0.0.1', done))
  await new Promise<void>((done) => abstractServer.listen(`\0${abstractName}`, done))
  const address = tcpServer.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  places = { folder, state, port: String(port), abstract: abstractName, pid: String(process.pid) }
})

afterAll(() => {
  tcpServer.close()
  abstractServer.close()
  rmSync(folder, { recursive: true })
})

const attacks = () => [...ROWS.map(({ attack }) => fill(attack)), ...REFUSED_ONLY]

function check(result: unknown, expected: (row: Row) => Expected): void {
  const results = result as Record<string, unknown>
  const found = ROWS.map(({ attack }) => [attack, results[fill(attack)]])
  const wanted = ROWS.map((row, at) => {
    const value = expected(row)
    const got = found[at]?.[1]
    return [row.attack, value === WORKS && typeof got === 'number' && got >= 0 ? got : value]
  })
  expect(found).toEqual(wanted)
}

test('without the launcher every attack works', async () => {
  prepareState()
  const { result } = await attempt({
    role: 'gateway',
    state,
    attacks: attacks(),
    tcp: true,
    launcher: 'none',
  })
  check(result, ({ control }) => control)
})

const modelOf = (role: Role) =>
  role === 'engine' ? ['--model-folder', `mine=${state}/models/mine`] : []

describe.each(ROLES)('%s', (role) => {
  const inside = ({ inside }: Row) => (typeof inside === 'object' ? inside[role] : inside)

  test('refuses them from the launcher on', async () => {
    prepareState()
    const { result } = await attempt({
      role,
      state,
      attacks: attacks(),
      tcp: true,
      launcher: modelOf(role),
    })
    check(result, inside)
    for (const attack of REFUSED_ONLY) expect(result, attack).toHaveProperty([attack], EPERM)
  })

  test('Landlock is what refuses files, TCP, abstract sockets and signals', async () => {
    prepareState()
    const byLandlock = ROWS.filter(({ attack }) =>
      /^(open|create|tcp-c|tcp-b|signal|abs)/.test(attack),
    )
    const { result } = await attempt({
      role,
      state,
      attacks: byLandlock.map(({ attack }) => fill(attack)),
      tcp: true,
      launcher: ['--without', 'landlock'],
    })
    const numbers = Object.entries(result as Record<string, number>)
      .filter(([attack]) => role !== 'engine' || !attack.startsWith('abstract'))
      .map(([, number]) => number)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  })
})

test.each(['gateway', 'keeper'] as const)(
  '%s has no children after its last filter',
  async (role) => {
    prepareState()
    const harmless = ['new-thread', 'thread-name', 'unix-socket']
    const execute = ['execute', 'execute-at', 'clone-process', 'call=vfork']
    const forbidden = ['fork', 'shell', 'child-process', 'clone3', 'memfd', 'ptrace', ...execute]
    const all = [...harmless, ...forbidden]
    const before = await attempt({ role, state, attacks: ['fork', 'clone-process'] })
    expect(before.result).toEqual({ fork: 0, 'clone-process': 0 })
    const after = await attempt({ role, state, attacks: all, final: true })
    expect(after.result).toEqual({
      'new-thread': 0,
      'thread-name': 0,
      'unix-socket': 0,
      fork: EPERM,
      shell: NO_SHELL,
      // The gateway's Node refuses before the kernel is asked.
      'child-process': { thrown: role === 'gateway' ? 'ERR_ACCESS_DENIED' : 'EPERM' },
      clone3: ENOSYS,
      memfd: EPERM,
      ptrace: EPERM,
      execute: EPERM,
      'execute-at': EPERM,
      'clone-process': EPERM,
      'call=vfork': EPERM,
    })
  },
)
