/**
 * Locked memory: what this process holds is not written to swap.
 *
 * What it gives: `lockMemory` for the whole process, ranges and buffers for single secrets, and (in
 * sealed-memory.ts) the weights. What it does not give: protection from hibernation, which saves
 * locked pages too, or from root.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import type { LayerState, Role } from './layers.ts'
import { decideShortage, lockAllowance, type LockPolicy } from './memory-limit.ts'
import { kindOf, parseMappings } from './memory-map.ts'
import { applyLockedFilter } from './seccomp.ts'
import { fillMemory, lockAllPages, lockPages, MCL, mustSucceed, unlockPages } from './system.ts'

export { LockedBuffer } from './locked-buffer.ts'
export { memoryLockedReport, type MemoryLockedReport } from './memory-map.ts'
export { SealedMemory } from './sealed-memory.ts'
export type { LockPolicy } from './memory-limit.ts'

/**
 * Locks every page that this process has and will have, as pages come into use.
 *
 * Call it in the final process: an exec drops the locks. Under a small limit nothing is locked here
 * by policy `preferred`; see memory-limit.ts.
 *
 * @throws Fault `MEMORY_LOCK_LIMIT` by policy `required`.
 */
export function lockMemory(policy: LockPolicy, role: Role): LayerState {
  const shortage = decideShortage(lockAllowance(), policy)
  if (shortage !== null) return shortage
  // Before the lock: from the first locked page on V8's collector must not be told of failures.
  applyLockedFilter()
  mustSucceed('mlockall', lockAllPages(MCL.current | MCL.future | MCL.onFault))
  const unlockedBytes = role === 'gateway' ? unlockCodeRange() : 0
  const detail =
    unlockedBytes === 0
      ? 'all pages, as they come into use'
      : `all pages but ${unlockedBytes} bytes for V8’s code, which holds no data`
  return { layer: 'memory-lock', state: 'enforced', detail }
}

/**
 * V8 gives back parts of its code range by MADV_DONTNEED and aborts the process when the kernel
 * refuses, as it does on locked pages (EINVAL). The range is reserved once, at start, so unlocking
 * it once is enough; it holds compiled code, no words of anybody. Without a JIT there is none.
 *
 * The range is more than one mapping: V8 puts its own builtins, a part of the node binary, into it.
 */
function unlockCodeRange(): number {
  const ranges = parseMappings(readFileSync('/proc/self/maps', 'utf8')).filter(
    (mapping) => kindOf(mapping) === 'code',
  )
  let unlockedBytes = 0
  for (const { start, end } of ranges) {
    mustSucceed('munlock', unlockPages(start, end - start))
    unlockedBytes += Number(end - start)
  }
  return unlockedBytes
}

/** @returns Whether all pages of the range are now locked. Reads them in. */
export function lockRange(address: bigint, bytes: number): boolean {
  return lockPages(address, bytes) === 0
}

/** Zeroes memory through the C library, which V8 cannot leave out. */
export function wipe(address: bigint, bytes: number): void {
  fillMemory(address, 0, bytes)
}
