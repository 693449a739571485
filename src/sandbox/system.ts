/**
 * The C library, through koffi: one typed function for each call that the sandbox makes.
 *
 * What it gives: results in the kernel's own form, a number of zero or more, or minus errno. What it
 * does not give: decisions; whoever calls knows whether EPERM is a fault or an answer.
 * Addresses are `bigint`, sizes are bytes. Linux only: the first call elsewhere throws.
 *
 * @packageDocumentation
 */
import koffi from 'koffi'
import { Fault } from '../errors.ts'

export const ERRNO = {
  EPERM: 1,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSYS: 38,
  EAFNOSUPPORT: 97,
} as const

/** A system call that had to succeed and did not: a bug, or a kernel we do not know. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError'
  readonly errno: number

  constructor(call: string, errno: number) {
    super(`${call}: errno ${errno}`)
    this.errno = errno
  }
}

type Argument = number | bigint | string | Uint8Array | null

/** Bound at the first call, so that importing this file needs neither Linux nor the symbol. */
function bind(definition: string): (...values: readonly Argument[]) => number | bigint {
  let bound: ((...values: readonly Argument[]) => unknown) | undefined
  return (...values) => {
    if (bound === undefined) {
      if (process.platform !== 'linux') {
        throw new Fault('SANDBOX_MISSING', `the sandbox needs Linux, this is ${process.platform}`)
      }
      bound = koffi.load(null).func(definition)
    }
    const result = bound(...values)
    if (typeof result === 'number' || typeof result === 'bigint') return result
    throw new TypeError(`${definition} returned ${typeof result}`)
  }
}

/** Like `bind`, in the kernel's form: minus errno instead of -1. */
function bindCall(definition: string): (...values: readonly Argument[]) => number {
  const call = bind(definition)
  return (...values) => {
    const result = Number(call(...values))
    return result === -1 ? -koffi.errno() : result
  }
}

/** @throws SystemCallError when `result` is minus an errno. */
export function mustSucceed(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, -result)
  return result
}

/** Where a Buffer's bytes are; the caller keeps the Buffer alive and does not resize it. */
export function addressOf(bytes: Uint8Array): bigint {
  return koffi.address(bytes)
}

/** Memory at an address as an ArrayBuffer. Reading it after `unmapMemory` ends the process. */
export function viewMemory(address: bigint, bytes: number): ArrayBuffer {
  return koffi.view(address, bytes)
}

export const PROTECTION = { none: 0, read: 1, write: 2, execute: 4 } as const
export const MAP = { shared: 1, private: 2, anonymous: 0x20 } as const

const callMmap = bind('void *mmap(void *, size_t, int, int, int, int64_t)')
const MAP_FAILED = 0xffff_ffff_ffff_ffffn

/** @returns The address, or minus errno as a `bigint`. */
export function mapMemory(
  bytes: number,
  options: { readonly protection: number; readonly flags: number; readonly descriptor?: number },
): bigint {
  const { protection, flags, descriptor } = options
  const result = BigInt(callMmap(null, bytes, protection, flags, descriptor ?? -1, 0))
  return result === MAP_FAILED || result === -1n ? BigInt(-koffi.errno()) : result
}

/** (address, bytes) */
export const unmapMemory = bindCall('int munmap(void *, size_t)')
/** (address, bytes): all pages are read in and locked. */
export const lockPages = bindCall('int mlock(void *, size_t)')
/** (address, bytes) */
export const unlockPages = bindCall('int munlock(void *, size_t)')
/** (flags of MCL) */
export const lockAllPages = bindCall('int mlockall(int)')
export const MCL = { current: 1, future: 2, onFault: 4 } as const
/** (address, bytes, advice) */
export const adviseMemory = bindCall('int madvise(void *, size_t, int)')
export const ADVICE = { dontNeed: 4, free: 8, dontDump: 16, wipeOnFork: 18 } as const
/** (address, byte, bytes): memory is written although nothing reads it afterwards. */
export const fillMemory = bind('void *memset(void *, int, size_t)')

/** (name, flags) */
export const createMemfd = bindCall('int memfd_create(const char *, unsigned int)')
export const MFD = { closeOnExec: 1, allowSealing: 2, noExecSeal: 8 } as const
const callSysconf = bind('long sysconf(int)')
const SC_PAGESIZE = 30

/** 4096, or more on some arm64 kernels. */
export function pageBytes(): number {
  return Number(callSysconf(SC_PAGESIZE))
}

/** (descriptor, bytes) */
export const resizeFile = bindCall('int ftruncate(int, int64_t)')
/** (descriptor, command, argument) */
export const controlDescriptor = bindCall('int fcntl(int, int, long)')
export const FCNTL = { getFlags: 1, setFlags: 2, addSeals: 1033, getSeals: 1034 } as const
/** (descriptor, operation) */
export const lockFile = bindCall('int flock(int, int)')
export const FLOCK = { exclusive: 2, nonBlocking: 4 } as const

const callPrctl = bindCall('int prctl(int, uint64_t, uint64_t, uint64_t, uint64_t)')

export const PRCTL = {
  setParentDeathSignal: 1,
  getDumpable: 3,
  setDumpable: 4,
  setName: 15,
  getSeccomp: 21,
  setNoNewPrivs: 38,
  getNoNewPrivs: 39,
  setMdwe: 65,
  getMdwe: 66,
} as const

export function controlProcess(option: number, argument = 0): number {
  return callPrctl(option, argument, 0, 0, 0)
}

const callSyscall = bindCall('long syscall(long, int64_t, int64_t, int64_t, int64_t)')

/** A system call by number, for those without a function in every C library. */
export function callKernel(number: number, ...given: readonly (number | bigint)[]): number {
  const [a = 0, b = 0, c = 0, d = 0] = given
  return callSyscall(number, a, b, c, d)
}

const callPrlimit = bindCall('int prlimit(int, int, const void *, void *)')

export const RLIMIT = { core: 4, lockedMemory: 8 } as const
/** RLIM_INFINITY, as `getLimit` gives it. */
export const UNLIMITED = Number.POSITIVE_INFINITY
const INFINITY_WORD = 0xffff_ffff_ffff_ffffn

export interface Limit {
  readonly soft: number
  readonly hard: number
}

export function getLimit(resource: number): Limit {
  const words = Buffer.alloc(16)
  mustSucceed('prlimit', callPrlimit(0, resource, null, words))
  const read = (at: number) => {
    const word = words.readBigUInt64LE(at)
    return word === INFINITY_WORD ? UNLIMITED : Number(word)
  }
  return { soft: read(0), hard: read(8) }
}

export function setLimit(resource: number, limit: Limit): number {
  const words = Buffer.alloc(16)
  for (const [at, value] of [limit.soft, limit.hard].entries()) {
    words.writeBigUInt64LE(value === UNLIMITED ? INFINITY_WORD : BigInt(value), 8 * at)
  }
  return callPrlimit(0, resource, words, null)
}

/** (header, data): linux/capability.h, version 3. */
export const setCapabilities = bindCall('int capset(void *, const void *)')

/** (domain, type, protocol) */
export const createSocket = bindCall('int socket(int, int, int)')
/** (descriptor, address, address bytes) */
export const connectSocket = bindCall('int connect(int, const void *, uint32_t)')
/** (descriptor, null, null, flags) */
export const acceptConnection = bindCall('int accept4(int, void *, void *, int)')
/** (array of struct pollfd, how many, milliseconds) */
export const pollDescriptors = bindCall('int poll(void *, unsigned long, int)')
/** (descriptor, level, name, value, its length as four bytes) */
export const getSocketOption = bindCall('int getsockopt(int, int, int, void *, void *)')

/** (code): ends the process at once; nothing of JavaScript or C runs any more. */
export const endProcess = bind('void _exit(int)')
