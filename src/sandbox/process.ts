/**
 * What a process does to itself and asks about its peers, apart from memory and filters.
 *
 * @packageDocumentation
 */
import { closeSync, constants, openSync } from 'node:fs'
import type { LayerState } from './layers.ts'
import {
  controlProcess,
  endProcess,
  ERRNO,
  FLOCK,
  getLimit,
  getSocketOption,
  lockFile,
  mustSucceed,
  PRCTL,
  RLIMIT,
  setLimit,
  SystemCallError,
} from './system.ts'

/**
 * No core dump, and no reader of `/proc/PID/mem` but root: called first in `main`, because an exec
 * makes a process dumpable again. Both are read back.
 */
export function hardenProcess(): LayerState[] {
  controlProcess(PRCTL.setDumpable, 0)
  setLimit(RLIMIT.core, { soft: 0, hard: 0 })
  return [readDumpable(), readCoreLimit()]
}

export function readDumpable(): LayerState {
  const dumpable = controlProcess(PRCTL.getDumpable)
  return {
    layer: 'non-dumpable',
    state: dumpable === 0 ? 'enforced' : 'absent',
    detail:
      dumpable === 0 ? '/proc/PID/mem is root’s alone' : `PR_GET_DUMPABLE answers ${dumpable}`,
  }
}

export function readCoreLimit(): LayerState {
  const { soft, hard } = getLimit(RLIMIT.core)
  const none = soft === 0 && hard === 0
  return {
    layer: 'core-limit',
    state: none ? 'enforced' : 'absent',
    detail: none ? 'RLIMIT_CORE is 0' : `RLIMIT_CORE is ${soft} of ${hard} bytes`,
  }
}

/**
 * Ends the process without running anything more of JavaScript or C.
 *
 * The engine's way out: Node's own exit makes calls that its last filter answers with death.
 */
export function exitNow(code: number): never {
  endProcess(code)
  throw new Error('_exit returned')
}

export interface PeerCredentials {
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

const SOL_SOCKET = 1
const SO_PEERCRED = 17

/** Who opened the other end of a Unix socket, as the kernel noted it then. */
export function peerCredentials(descriptor: number): PeerCredentials {
  const credentials = Buffer.alloc(12)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(credentials.length)
  mustSucceed(
    'getsockopt',
    getSocketOption(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length),
  )
  return {
    pid: credentials.readInt32LE(0),
    uid: credentials.readUInt32LE(4),
    gid: credentials.readUInt32LE(8),
  }
}

/**
 * Takes the lock file at `path`, made when missing; held until the descriptor closes or the process
 * dies, so a crash leaves nothing to clean up.
 *
 * @returns The descriptor, or null when another process holds it.
 */
export function lockFolder(path: string): number | null {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
  const descriptor = openSync(path, flags, 0o600)
  const result = lockFile(descriptor, FLOCK.exclusive | FLOCK.nonBlocking)
  if (result === 0) return descriptor
  closeSync(descriptor)
  if (result === -ERRNO.EAGAIN) return null
  throw new SystemCallError('flock', -result)
}
