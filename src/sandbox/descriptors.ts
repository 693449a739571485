/**
 * Descriptors that a process was given: sockets it may use without being allowed to make any.
 *
 * Two environment variables carry them. `LISTEN_FDS`/`LISTEN_FDNAMES` is systemd's protocol
 * (sd_listen_fds(3)): descriptors from 3 on. `SECURE_LLM_CONNECTED=NAME:NUMBER,…` names the
 * connections that the launcher opened; they keep the numbers they got, because moving them could
 * hit a descriptor that the launcher's own Node is writing to.
 *
 * @packageDocumentation
 */
import { readdirSync } from 'node:fs'
import { Fault } from '../errors.ts'
import { controlDescriptor, ERRNO, FCNTL, mustSucceed } from './system.ts'

const FIRST_DESCRIPTOR = 3
const CLOSE_ON_EXEC = 1
const MAX_DESCRIPTORS = 256
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/
const COUNT = /^(?:0|[1-9][0-9]{0,3})$/

export type Environment = Record<string, string | undefined>

/** Variables that are read once and then taken out, so that no child is told of our descriptors. */
export const DESCRIPTOR_VARIABLES = [
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'SECURE_LLM_CONNECTED',
] as const

function refuse(what: string): never {
  throw new Fault('SANDBOX_DESCRIPTORS', what)
}

function parseListened(environment: Environment, pid: number): [string, number][] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment
  if (LISTEN_FDS === undefined) return []
  // Meant for another process: sd_listen_fds(3) says to take none.
  if (LISTEN_PID !== undefined && LISTEN_PID !== String(pid)) return []
  if (!COUNT.test(LISTEN_FDS)) refuse('LISTEN_FDS is not a count')
  const count = Number(LISTEN_FDS)
  if (count > MAX_DESCRIPTORS) refuse(`LISTEN_FDS is ${count}, at most ${MAX_DESCRIPTORS}`)
  const names = count === 0 ? [] : (LISTEN_FDNAMES ?? '').split(':')
  if (names.length !== count) {
    refuse(`LISTEN_FDS is ${count}, LISTEN_FDNAMES has ${names.length} names`)
  }
  return names.map((name, at) => [name, FIRST_DESCRIPTOR + at])
}

function parseConnected(text: string | undefined): [string, number][] {
  if (text === undefined || text === '') return []
  return text.split(',').map((part) => {
    const colon = part.lastIndexOf(':')
    const number = part.slice(colon + 1)
    if (colon < 1 || !COUNT.test(number) || Number(number) < FIRST_DESCRIPTOR) {
      refuse('SECURE_LLM_CONNECTED is not a list of NAME:NUMBER')
    }
    return [part.slice(0, colon), Number(number)]
  })
}

/**
 * Pure: the names and numbers that an environment tells.
 *
 * @throws Fault `SANDBOX_DESCRIPTORS` when it is malformed or a name or a number comes twice.
 */
export function parseDescriptors(environment: Environment, pid: number): Map<string, number> {
  const pairs = [
    ...parseListened(environment, pid),
    ...parseConnected(environment.SECURE_LLM_CONNECTED),
  ]
  for (const [name] of pairs) if (!NAME.test(name)) refuse('a descriptor has a malformed name')
  const descriptors = new Map(pairs)
  if (descriptors.size !== pairs.length) refuse('two descriptors have the same name')
  if (new Set(descriptors.values()).size !== pairs.length) refuse('two names for one descriptor')
  return descriptors
}

/** Our own descriptors by name. The variables are removed: a second call gives an empty map. */
export function inheritedDescriptors(): Map<string, number> {
  const descriptors = parseDescriptors(process.env, process.pid)
  for (const name of DESCRIPTOR_VARIABLES) Reflect.deleteProperty(process.env, name)
  for (const descriptor of descriptors.values()) {
    // Open at all? Otherwise a later file of our own would get the number.
    const result = controlDescriptor(descriptor, FCNTL.getFlags, 0)
    if (result < 0) refuse(`descriptor ${descriptor} is not open`)
  }
  return descriptors
}

/**
 * From here on nothing but the standard streams survives an exec, until `keepAcrossExec`.
 *
 * Node marks what it inherits itself, but stops at the first gap after descriptor 15: the lock file
 * that a shell script holds as 200 would come along into the confined process, writable.
 */
export function closeAllAtExec(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name)
    if (descriptor < FIRST_DESCRIPTOR) continue
    const result = controlDescriptor(descriptor, FCNTL.setFlags, CLOSE_ON_EXEC)
    // The one that listed the folder is closed by now.
    if (result !== -ERRNO.EBADF) mustSucceed('fcntl', result)
  }
}

/** What is passed on must lose the mark. */
export function keepAcrossExec(descriptor: number): void {
  mustSucceed('fcntl', controlDescriptor(descriptor, FCNTL.setFlags, 0))
}
