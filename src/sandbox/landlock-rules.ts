/**
 * What each process may see of the file system, as a table. What has no row does not exist for it.
 *
 * A path starts with a place in braces where it depends on the installation or the request; a
 * place may stand for several paths or for none.
 *
 * @packageDocumentation
 */
import type { Role } from './layers.ts'
import type { Grant } from './landlock.ts'

/** What braces may stand for. */
export type Place = 'node' | 'loader' | 'app' | 'state' | 'run' | 'model' | 'config' | 'bus'

export type Places = Readonly<Record<Place, readonly string[]>>

export interface RuleRow {
  readonly roles: readonly Role[]
  readonly path: string
  readonly grant: Grant
  /** `make`: a folder of ours, made with mode 0700 when missing. `skip`: not on every machine. */
  readonly missing: 'fault' | 'skip' | 'make'
  /** `pin`: an O_PATH descriptor stays open, because procfs forgets inodes and the rule with them. */
  readonly pin?: true
  readonly reason: string
}

const ALL = ['gateway', 'engine', 'keeper'] as const

export const RULES: readonly RuleRow[] = [
  {
    roles: ALL,
    path: '{node}',
    grant: 'execute',
    missing: 'fault',
    reason: 'the one program there is to execute',
  },
  {
    roles: ALL,
    path: '{loader}',
    grant: 'execute',
    missing: 'skip',
    reason: 'ld.so, which the kernel executes to load it',
  },
  ...['/lib', '/lib64', '/usr/lib', '/usr/lib64'].map((path): RuleRow => {
    return {
      roles: ALL,
      path,
      grant: 'read',
      missing: 'skip',
      reason: 'shared libraries; readable, so mappable, not executable as programs',
    }
  }),
  {
    roles: ALL,
    path: '/etc/ld.so.cache',
    grant: 'read',
    missing: 'skip',
    reason: 'where ld.so finds the libraries',
  },
  {
    roles: ALL,
    path: '{app}',
    grant: 'read',
    missing: 'fault',
    reason: 'our code: dist, node_modules, package.json',
  },
  {
    roles: ALL,
    path: '/proc/self',
    grant: 'read',
    missing: 'fault',
    pin: true,
    reason: 'its own maps, limits and layers, and /proc/self/fd/N; of no other process',
  },
  { roles: ALL, path: '/dev/null', grant: 'device', missing: 'skip', reason: 'libuv opens it' },
  {
    roles: ALL,
    path: '/dev/urandom',
    grant: 'read',
    missing: 'skip',
    reason: 'OpenSSL, where getrandom is not enough for it',
  },
  {
    roles: ALL,
    path: '{config}',
    grant: 'read',
    missing: 'skip',
    reason: 'the configuration file, if there is one',
  },
  {
    roles: ['gateway'],
    path: '{state}/clients',
    grant: 'read',
    missing: 'make',
    reason: 'hashes of the API keys, read again when they change',
  },
  {
    roles: ['gateway'],
    path: '{state}/guard',
    grant: 'read',
    missing: 'make',
    reason: 'the operator’s system prompt and the secrets known in advance, read at start',
  },
  {
    roles: ['gateway'],
    path: '{run}',
    grant: 'connect',
    missing: 'make',
    reason: 'the sockets of keeper and engines; it reconnects (a right from ABI 9 on)',
  },
  {
    roles: ['engine'],
    path: '{model}',
    grant: 'read',
    missing: 'skip',
    reason: 'its one sealed model; no other. A missing one is the engine’s own fault to tell',
  },
  ...['/proc/loadavg', '/proc/cpuinfo', '/proc/stat', '/proc/meminfo', '/proc/vmstat'].map(
    (path): RuleRow => {
      return {
        roles: ['engine'],
        path,
        grant: 'read',
        missing: 'skip',
        reason: 'the number of threads follows the load; llama.cpp looks at CPUs and memory',
      }
    },
  ),
  {
    roles: ['engine'],
    path: '/sys/devices/system/cpu',
    grant: 'read',
    missing: 'skip',
    reason: 'which CPUs are online, and which are one core',
  },
  {
    roles: ['keeper'],
    path: '{state}/audit',
    grant: 'write',
    missing: 'make',
    reason: 'the record: this process is the only one that writes it',
  },
  {
    roles: ['keeper'],
    path: '{state}/keys',
    grant: 'write',
    missing: 'make',
    reason: 'which store is in use, and the key of the `file` store',
  },
  {
    roles: ['keeper'],
    path: '{state}/models',
    grant: 'write',
    missing: 'make',
    reason: 'slots.json is replaced atomically in each model’s folder, and in one being imported',
  },
  {
    roles: ['keeper'],
    path: '{model}',
    grant: 'write',
    missing: 'skip',
    reason: 'the same, for a sealed model kept elsewhere',
  },
  {
    roles: ['keeper'],
    path: '{bus}',
    grant: 'connect',
    missing: 'skip',
    reason: 'the session bus, for the keychain (a right from ABI 9 on)',
  },
]

export interface PathRule extends Pick<RuleRow, 'grant' | 'missing' | 'pin'> {
  readonly path: string
}

const PLACE = /^\{([a-z]+)\}/

/** Pure: the rules of a process with every place filled in. */
export function rulesFor(role: Role, places: Places): PathRule[] {
  return RULES.filter((row) => row.roles.includes(role)).flatMap((row) => {
    const { grant, missing, pin } = row
    return fillPlace(row.path, places).map((path) => {
      return { path, grant, missing, ...(pin === undefined ? {} : { pin }) }
    })
  })
}

function fillPlace(path: string, places: Places): string[] {
  const name = PLACE.exec(path)?.[1]
  if (name === undefined) return [path]
  const found = Object.entries(places).find(([place]) => place === name)
  if (found === undefined) throw new Error(`no place {${name}}`)
  return found[1].map((prefix) => prefix + path.slice(name.length + 2))
}
