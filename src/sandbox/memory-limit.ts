/**
 * How much may be locked (`lockAllowance` looks), and what follows from it: pure decisions.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { Fault } from '../errors.ts'
import type { LayerState } from './layers.ts'
import { statusBytes } from './memory-map.ts'
import { getLimit, RLIMIT, setLimit } from './system.ts'

export type LockPolicy = 'required' | 'preferred'

const CAP_IPC_LOCK = 14n

/** What the kernel would let this process lock. */
export interface LockAllowance {
  /** RLIMIT_MEMLOCK, soft, in bytes; `Infinity` for unlimited. */
  readonly limitBytes: number
  /** CAP_IPC_LOCK is effective: the limit does not count. */
  readonly capable: boolean
  /** VmSize: what `mlockall` would count against the limit. */
  readonly virtualBytes: number
  /** VmLck: what is counted already. */
  readonly lockedBytes: number
}

/** What may be locked; the soft limit is raised to the hard one first, which needs no right. */
export function lockAllowance(): LockAllowance {
  const { soft, hard } = getLimit(RLIMIT.lockedMemory)
  if (soft < hard) setLimit(RLIMIT.lockedMemory, { soft: hard, hard })
  const status = readFileSync('/proc/self/status', 'utf8')
  return {
    limitBytes: hard,
    capable: holdsLockCapability(status),
    virtualBytes: statusBytes(status, 'VmSize'),
    lockedBytes: statusBytes(status, 'VmLck'),
  }
}

export function holdsLockCapability(status: string): boolean {
  const word = /^CapEff:\s+([0-9a-f]{1,16})$/m.exec(status)?.[1]
  return word !== undefined && ((BigInt(`0x${word}`) >> CAP_IPC_LOCK) & 1n) === 1n
}

export function isUnlimited(allowance: LockAllowance): boolean {
  return allowance.capable || allowance.limitBytes === Number.POSITIVE_INFINITY
}

/** Kept free for keys and staging buffers, which are locked before and after the weights. */
const RESERVED_BYTES = 1024 * 1024

/** How many of `bytes` still fit; a multiple of the page, and never into the reserve. */
export function lockableBytes(bytes: number, allowance: LockAllowance, pageBytes: number): number {
  if (isUnlimited(allowance)) return bytes
  const free = allowance.limitBytes - allowance.lockedBytes - RESERVED_BYTES
  if (bytes <= free) return bytes
  return Math.max(0, Math.floor(free / pageBytes) * pageBytes)
}

const RAISE =
  'raise it: `LimitMEMLOCK=infinity` in the unit, or `* hard memlock unlimited` in /etc/security/limits.conf'

/** Why not everything is locked, with both numbers and the line that raises the limit. */
export function explainShortage(allowance: LockAllowance): string {
  return `the limit is ${allowance.limitBytes} bytes, the process has ${allowance.virtualBytes}; ${RAISE}`
}

/**
 * What `lockMemory` may do. `mlockall` is for the unlimited only: under a small limit CURRENT|FUTURE
 * fails with ENOMEM, and FUTURE alone succeeds and kills V8 at its next allocation.
 *
 * @returns `null` when everything is to be locked, else the state to report.
 * @throws Fault `MEMORY_LOCK_LIMIT` by policy `required`.
 */
export function decideShortage(allowance: LockAllowance, policy: LockPolicy): LayerState | null {
  if (isUnlimited(allowance)) return null
  if (policy === 'required') {
    throw new Fault('MEMORY_LOCK_LIMIT', `memory-lock: ${explainShortage(allowance)}`)
  }
  return {
    layer: 'memory-lock',
    state: allowance.limitBytes > RESERVED_BYTES ? 'partly' : 'absent',
    detail: `keys first, weights as far as they fit: ${explainShortage(allowance)}`,
  }
}
