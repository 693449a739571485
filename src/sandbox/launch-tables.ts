/**
 * What a process is started with, as two tables: flags of Node, and the whole environment.
 *
 * What has no row is not passed on: LD_PRELOAD, NODE_OPTIONS, GGML_BACKEND_PATH (loads any
 * library), proxies, tokens, API keys of a shell. Settings come by argument.
 *
 * @packageDocumentation
 */
import type { Role } from './layers.ts'

interface FlagRow {
  readonly roles: readonly Role[]
  readonly flag: string
  readonly reason: string
}

const ALL = ['gateway', 'engine', 'keeper'] as const

export const FLAGS: readonly FlagRow[] = [
  {
    roles: ['engine', 'keeper'],
    flag: '--jitless',
    reason:
      'no memory that is writable and executable; the gateway’s guard needs the JIT (45 µs/KB against 820)',
  },
  {
    roles: ['engine', 'keeper'],
    flag: '--disallow-code-generation-from-strings',
    reason: 'no eval, no new Function; the gateway’s router and schema compiler need them',
  },
  {
    roles: ALL,
    flag: '--disable-proto=throw',
    reason: 'prototype pollution through __proto__ throws instead of working',
  },
  {
    roles: ALL,
    flag: '--disable-sigusr1',
    reason: 'SIGUSR1 would open the inspector: a shell for every process of the same user',
  },
  {
    roles: ['gateway', 'engine'],
    flag: '--permission',
    reason:
      'a seat belt, not a boundary: children, workers, WASI and inspector throw in JavaScript; not for the keeper, because Node takes fsync away with it',
  },
  {
    roles: ['gateway', 'engine'],
    flag: '--allow-addons',
    reason: 'koffi, node-llama-cpp',
  },
  {
    roles: ['gateway', 'engine'],
    flag: '--allow-fs-read=*',
    reason: 'Landlock is the one that says which files',
  },
  {
    roles: ['gateway', 'engine'],
    flag: '--disable-warning=SecurityWarning',
    reason: '--allow-addons warns at every start, on a stream that holds JSON lines',
  },
]

export function flagsFor(role: Role): string[] {
  return FLAGS.filter((row) => row.roles.includes(role)).map((row) => row.flag)
}

interface VariableRow {
  readonly roles: readonly Role[]
  readonly name: string
  /** Absent: as the launcher has it, or not at all. */
  readonly value?: string
  readonly reason: string
}

export const VARIABLES: readonly VariableRow[] = [
  {
    roles: ALL,
    name: 'LISTEN_FDS',
    reason: 'sockets it was given (sd_listen_fds); read once and removed',
  },
  { roles: ALL, name: 'LISTEN_FDNAMES', reason: 'their names' },
  { roles: ALL, name: 'LISTEN_PID', reason: 'systemd’s check that they are meant for us' },
  {
    roles: ALL,
    name: 'OPENSSL_CONF',
    value: '/dev/null',
    reason: '/etc/ssl/openssl.cnf can name libraries to load; one it cannot open ends Node',
  },
  {
    roles: ['gateway', 'engine'],
    name: 'HOME',
    value: '/nonexistent',
    reason: 'node-llama-cpp asks for it and must not find one',
  },
  {
    roles: ['engine'],
    name: 'UV_THREADPOOL_SIZE',
    value: '1',
    reason: 'four libuv threads fight the decode threads and halve the speed',
  },
  {
    roles: ['engine'],
    name: 'GGML_NO_BACKTRACE',
    value: '1',
    reason: 'on abort ggml would fork and execute a debugger from PATH',
  },
  { roles: ['keeper'], name: 'HOME', reason: 'the keychain’s client asks for it' },
  { roles: ['keeper'], name: 'XDG_RUNTIME_DIR', reason: 'where the session bus lies' },
  { roles: ['keeper'], name: 'DBUS_SESSION_BUS_ADDRESS', reason: 'the session bus' },
  { roles: ['keeper'], name: 'CREDENTIALS_DIRECTORY', reason: 'systemd’s credentials' },
]

/** Pure: the environment of a process, from the launcher's own. */
export function environmentFor(
  role: Role,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    VARIABLES.filter((row) => row.roles.includes(role)).flatMap(({ name, value }) => {
      const given = value ?? own[name]
      return given === undefined ? [] : [[name, given]]
    }),
  )
}
