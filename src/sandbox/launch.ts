/**
 * Becoming a confined process: the acts of the launcher, in their order.
 *
 * Everything is done by the main thread, which is the one that executes: Landlock and the first
 * filter bind a thread and what it executes. The descriptors that are passed on lose their
 * close-on-exec mark at the very end.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { Fault } from '../errors.ts'
import { closeAllAtExec, keepAcrossExec, parseDescriptors } from './descriptors.ts'
import { landlockAbi, restrictThread } from './landlock-kernel.ts'
import type { PathRule } from './landlock-rules.ts'
import type { Connection, LaunchRequest } from './launch-plan.ts'
import { environmentFor, flagsFor } from './launch-tables.ts'
import { LANDLOCK_VARIABLE } from './probe.ts'
import { applyLaunchFilter } from './seccomp.ts'
import {
  connectSocket,
  controlProcess,
  createSocket,
  mustSucceed,
  PRCTL,
  RLIMIT,
  setCapabilities,
  setLimit,
} from './system.ts'

export interface Program {
  readonly node: string
  readonly main: string
}

/** Restricts this process and becomes `program`. @throws Fault; nothing has been executed then. */
export function launch(
  request: LaunchRequest,
  program: Program,
  rules: readonly PathRule[],
): never {
  const { role, withParent } = request
  const inherited = parseDescriptors(process.env, process.pid)
  const connected = request.connections.map(connect)
  if (withParent) endWithParent()
  // Before Landlock, whose own descriptor of /proc/self is to stay.
  closeAllAtExec()
  const landlock = confine(request, rules)
  const environment = {
    ...environmentFor(role, process.env),
    [LANDLOCK_VARIABLE]: landlock,
    ...(connected.length === 0
      ? {}
      : { SECURE_LLM_CONNECTED: connected.map(({ name, number }) => `${name}:${number}`).join() }),
  }
  for (const number of inherited.values()) keepAcrossExec(number)
  for (const { number } of connected) keepAcrossExec(number)
  const { node, main } = program
  const args = [node, ...flagsFor(role), main, ...request.mainArguments]
  if (process.execve === undefined) {
    throw new Fault('SANDBOX_LAUNCH', `Node ${process.version} has no process.execve`)
  }
  process.execve(node, args, environment)
  throw new Error('execve returned')
}

/** @returns What to tell the process of Landlock. */
function confine({ role, without }: LaunchRequest, rules: readonly PathRule[]): string {
  setLimit(RLIMIT.core, { soft: 0, hard: 0 })
  if (controlProcess(PRCTL.setNoNewPrivs, 1) !== 0) {
    throw new Fault('SANDBOX_MISSING', 'the kernel refuses no-new-privs')
  }
  const landlock = applyLandlock(rules, without)
  dropCapabilities()
  // The JIT of this very process has all the code memory it will ask for; the next has no JIT.
  if (role !== 'gateway' && !without.has('write-xor-execute')) {
    controlProcess(PRCTL.setMdwe, MDWE_REFUSE_EXEC_GAIN)
  }
  applyLaunchFilter(role)
  return landlock
}

const MDWE_REFUSE_EXEC_GAIN = 1

function applyLandlock(rules: readonly PathRule[], without: ReadonlySet<string>): string {
  if (without.has('landlock')) return 'absent:left out by --without landlock'
  const abi = landlockAbi()
  if (abi === 0) return 'absent:this kernel has no Landlock, or not in its lsm= list'
  restrictThread(rules, abi)
  return `abi:${abi}`
}

const CAPABILITY_VERSION_3 = 0x2008_0522
const CAP_IPC_LOCK_BIT = 1 << 14

/** Keeps CAP_IPC_LOCK, if it was held at all; no-new-privs keeps an exec by root from refilling. */
function dropCapabilities(): void {
  const status = readFileSync('/proc/self/status', 'utf8')
  const held = (name: string) => {
    const word = new RegExp(`^${name}:\\s+([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'
    return Number(BigInt(`0x${word}`) & BigInt(CAP_IPC_LOCK_BIT))
  }
  const header = Buffer.alloc(8)
  header.writeUInt32LE(CAPABILITY_VERSION_3)
  // Twice effective, permitted, inheritable: the low and the high 32 capabilities.
  const data = Buffer.alloc(24)
  data.writeUInt32LE(held('CapPrm'), 0)
  data.writeUInt32LE(held('CapPrm'), 4)
  data.writeUInt32LE(held('CapInh'), 8)
  mustSucceed('capset', setCapabilities(header, data))
}

const SIGTERM = 15

/** The parent may have died before the kernel was asked to watch it. */
function endWithParent(): void {
  const parent = process.ppid
  mustSucceed('prctl', controlProcess(PRCTL.setParentDeathSignal, SIGTERM))
  if (process.ppid !== parent) throw new Fault('SANDBOX_LAUNCH', 'the parent is gone')
}

const AF_UNIX = 1
const SOCK_STREAM_CLOEXEC = 1 | 0x8_0000
const MAX_SOCKET_PATH_BYTES = 107

function connect({ name, path }: Connection): { name: string; number: number } {
  const bytes = Buffer.from(path)
  if (bytes.length > MAX_SOCKET_PATH_BYTES) {
    throw new Fault('SANDBOX_LAUNCH', `the socket path of ${name} has ${bytes.length} bytes`)
  }
  const address = Buffer.alloc(2 + bytes.length + 1)
  address.writeUInt16LE(AF_UNIX)
  bytes.copy(address, 2)
  const number = mustSucceed('socket', createSocket(AF_UNIX, SOCK_STREAM_CLOEXEC, 0))
  const result = connectSocket(number, address, address.length)
  if (result === 0) return { name, number }
  throw new Fault('KEEPER_UNAVAILABLE', `cannot connect to ${name}: errno ${-result}`)
}
