/**
 * Seccomp, acted: a table of rules put on this process.
 *
 * A filter stays for life and passes to whatever is executed; filters add up, the harshest answer
 * wins. `PR_SET_NO_NEW_PRIVS` is set first, without which the kernel takes no filter.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { assemble, encodeProgram, type FilterTable } from './bpf.ts'
import type { LayerState, Role } from './layers.ts'
import { finalFilter } from './seccomp-final-rules.ts'
import { launchFilter } from './seccomp-launch-rules.ts'
import { LOCKED_FILTER } from './seccomp-locked-rules.ts'
import { numberOf, type Architecture } from './syscall-numbers.ts'
import { addressOf, callKernel, controlProcess, mustSucceed, PRCTL } from './system.ts'

const SET_MODE_FILTER = 1
const FLAG_ALL_THREADS = 1
const MODE_FILTER = 2

/** @throws Fault `SANDBOX_MISSING` on a machine whose call numbers we have no table of. */
export function architectureOf(arch: string): Architecture {
  if (arch === 'x64' || arch === 'arm64') return arch
  throw new Fault('SANDBOX_MISSING', `no seccomp table for ${arch}`)
}

/** Number of instructions put on. */
function install(table: FilterTable, flags: number): number {
  const architecture = architectureOf(process.arch)
  const program = assemble(table, architecture)
  const bytes = encodeProgram(program)
  // struct sock_fprog: a 16-bit length, padding, a pointer.
  const header = Buffer.alloc(16)
  header.writeUInt16LE(program.length, 0)
  header.writeBigUInt64LE(addressOf(bytes), 8)
  mustSucceed('prctl', controlProcess(PRCTL.setNoNewPrivs, 1))
  const call = numberOf('seccomp', architecture) ?? 0
  const result = callKernel(call, SET_MODE_FILTER, flags, addressOf(header))
  // With FLAG_ALL_THREADS a positive result is the thread that could not take it.
  if (result !== 0) throw new Fault('SANDBOX_MISSING', `seccomp was refused: ${result}`)
  return program.length
}

/**
 * The first filter, on the calling thread, for what it executes next.
 *
 * @throws Fault `SANDBOX_MISSING`.
 */
export function applyLaunchFilter(role: Role): void {
  install(launchFilter(role), 0)
}

/**
 * The filter without which a process with locked memory dies of its own collector, on every thread.
 *
 * @throws Fault `SANDBOX_MISSING`.
 */
export function applyLockedFilter(): void {
  install(LOCKED_FILTER, FLAG_ALL_THREADS)
}

/**
 * The last filter, on every thread, once a process has loaded all it needs.
 *
 * gateway and keeper cannot start a child afterwards. The engine can decode and talk over the
 * sockets it has; it must end by `exitNow`, because Node's own exit dies here and would look like an
 * attack.
 *
 * @throws Fault `SANDBOX_MISSING`.
 */
export function applyFinalFilter(role: Role): LayerState {
  const instructions = install(finalFilter(role, process.pid), FLAG_ALL_THREADS)
  const mode = controlProcess(PRCTL.getSeccomp)
  if (mode !== MODE_FILTER) throw new Fault('SANDBOX_MISSING', `seccomp mode is ${mode}`)
  return {
    layer: 'seccomp-final',
    state: 'enforced',
    detail: `${instructions} instructions on every thread: ${
      role === 'engine' ? 'a list of calls, death for others' : 'no child processes'
    }`,
  }
}

export function applyEngineFilter(): LayerState {
  return applyFinalFilter('engine')
}
