/**
 * Memory for weights: a memfd that is filled once, locked, sealed, and read by its path.
 *
 * What it gives: pages that no descriptor and no map can change after `seal`, that stay locked as
 * far as the limit lets them, and a path that llama.cpp can open. What it does not give: wiping. A
 * write-sealed memfd cannot be zeroed by its owner; the kernel clears the pages when it reuses them.
 *
 * The order of `seal` is measured: sealing answers EBUSY while any map of the writable descriptor
 * lives, and a map locked ONFAULT only would stay empty and unlocked until the first decode.
 *
 * @packageDocumentation
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { Fault } from '../errors.ts'
import {
  explainShortage,
  isUnlimited,
  lockableBytes,
  lockAllowance,
  type LockAllowance,
  type LockPolicy,
} from './memory-limit.ts'
import {
  controlDescriptor,
  createMemfd,
  ERRNO,
  FCNTL,
  lockPages,
  MAP,
  mapMemory,
  MFD,
  mustSucceed,
  pageBytes,
  PROTECTION,
  resizeFile,
  SystemCallError,
  unmapMemory,
  viewMemory,
} from './system.ts'

const F_SEAL = { seal: 1, shrink: 2, grow: 4, write: 8 } as const
const ALL_SEALS = F_SEAL.seal | F_SEAL.shrink | F_SEAL.grow | F_SEAL.write

type Stage = 'writable' | 'sealed' | 'closed' | 'unmapped'

export class SealedMemory {
  readonly bytes: number
  readonly #policy: LockPolicy
  #descriptor: number
  #address: bigint
  #lockedBytes: number
  #stage: Stage = 'writable'
  #view: ArrayBuffer | undefined

  private constructor(bytes: number, policy: LockPolicy, descriptor: number) {
    this.bytes = bytes
    this.#policy = policy
    this.#descriptor = descriptor
    this.#address = mapShared(descriptor, bytes, PROTECTION.read | PROTECTION.write)
    this.#lockedBytes = 0
  }

  /**
   * @param bytes - The exact size; it cannot change afterwards.
   * @param name - Shown in `/proc/PID/maps`; at most 249 bytes, nothing secret.
   * @throws Fault `MEMORY_LOCK_LIMIT` by policy `required` when not all of it can be locked.
   */
  static create(bytes: number, name: string, policy: LockPolicy = 'preferred'): SealedMemory {
    if (!Number.isSafeInteger(bytes) || bytes < 1) throw new RangeError('bytes is 1 or more')
    const memory = new SealedMemory(bytes, policy, openMemfd(name, bytes))
    try {
      memory.#lockedBytes = lockMap(memory.#address, bytes, policy)
    } catch (thrown) {
      memory.unmap()
      throw thrown
    }
    return memory
  }

  /** Of the map that holds the bytes now: writable before `seal`, another and read-only after. */
  get address(): bigint {
    return this.#address
  }

  /** How much of the map is locked: all of it, or what fitted. */
  get lockedBytes(): number {
    return this.#lockedBytes
  }

  get descriptor(): number {
    if (this.#stage !== 'writable' && this.#stage !== 'sealed') throw new Error('closed')
    return this.#descriptor
  }

  /** For llama.cpp, until `closeDescriptor`. */
  get path(): string {
    return `/proc/self/fd/${this.descriptor}`
  }

  /** The bytes themselves, to be filled; detached by `seal`. */
  writableView(): ArrayBuffer {
    if (this.#stage !== 'writable') throw new Error('sealed')
    this.#view ??= viewMemory(this.#address, this.bytes)
    return this.#view
  }

  /** A copy of a part, in either stage. */
  copyOut(offset: number, bytes: number): Buffer {
    if (this.#stage === 'unmapped') throw new Error('unmapped')
    if (offset < 0 || bytes < 0 || offset + bytes > this.bytes) throw new RangeError('outside')
    if (bytes === 0) return Buffer.alloc(0)
    const view = viewMemory(this.#address + BigInt(offset), bytes)
    const copy = Buffer.from(new Uint8Array(view))
    view.transfer(0)
    return copy
  }

  /**
   * From here on nobody changes a byte. The read-only map is locked page by page now.
   *
   * @throws Fault `MEMORY_LOCK_LIMIT` by policy `required`.
   */
  seal(): void {
    if (this.#stage !== 'writable') throw new Error('sealed before')
    const readOnly = openSync(this.path, constants.O_RDONLY)
    const address = mapShared(readOnly, this.bytes, PROTECTION.read)
    // Both maps count against a small limit, and the pages are the same: there the writable goes first.
    const roomy = isUnlimited(lockAllowance())
    if (roomy) this.#lockedBytes = lockMap(address, this.bytes, this.#policy)
    this.#detachView()
    mustSucceed('munmap', unmapMemory(this.#address, this.bytes))
    this.#address = address
    if (!roomy) this.#lockedBytes = lockMap(address, this.bytes, this.#policy)
    mustSucceed('fcntl', controlDescriptor(this.#descriptor, FCNTL.addSeals, ALL_SEALS))
    closeSync(this.#descriptor)
    this.#descriptor = readOnly
    this.#stage = 'sealed'
    this.#verify()
  }

  /** After the load: llama.cpp has its own map, and ours keeps the pages locked. */
  closeDescriptor(): void {
    if (this.#stage !== 'sealed') throw new Error('not sealed, or closed before')
    closeSync(this.#descriptor)
    this.#stage = 'closed'
  }

  /** Gives everything back; the kernel frees the pages when no map is left. */
  unmap(): void {
    if (this.#stage === 'unmapped') return
    if (this.#stage !== 'closed') closeSync(this.#descriptor)
    this.#detachView()
    unmapMemory(this.#address, this.bytes)
    this.#lockedBytes = 0
    this.#stage = 'unmapped'
  }

  /** So that a late writer finds nothing instead of ending the process. */
  #detachView(): void {
    this.#view?.transfer(0)
    this.#view = undefined
  }

  #verify(): void {
    const seals = mustSucceed('fcntl', controlDescriptor(this.#descriptor, FCNTL.getSeals, 0))
    if ((seals & ALL_SEALS) !== ALL_SEALS || fstatSync(this.#descriptor).size !== this.bytes) {
      throw new Error(`the memfd has seals ${seals}`)
    }
  }
}

function openMemfd(name: string, bytes: number): number {
  const flags = MFD.closeOnExec | MFD.allowSealing
  // Kernels before 6.3 (Debian 12 has 6.1) answer EINVAL to the flag that forbids execution.
  const strict = createMemfd(name, flags | MFD.noExecSeal)
  const descriptor = strict === -ERRNO.EINVAL ? createMemfd(name, flags) : strict
  mustSucceed('memfd_create', descriptor)
  const resized = resizeFile(descriptor, bytes)
  if (resized < 0) closeSync(descriptor)
  mustSucceed('ftruncate', resized)
  return descriptor
}

/** The descriptor is closed when this throws. */
function mapShared(descriptor: number, bytes: number, protection: number): bigint {
  const address = mapMemory(bytes, { protection, flags: MAP.shared, descriptor })
  if (address >= 0n) return address
  closeSync(descriptor)
  throw new SystemCallError('mmap', -Number(address))
}

/** Locks all of a map or, by policy `preferred`, as much of its start as fits. */
function lockMap(address: bigint, bytes: number, policy: LockPolicy): number {
  const allowance = lockAllowance()
  const wanted = policy === 'required' ? bytes : lockableBytes(bytes, allowance, pageBytes())
  if (wanted > 0 && lockPages(address, wanted) === 0) return wanted
  if (policy === 'required') throw shortageFault(bytes, allowance)
  return 0
}

function shortageFault(bytes: number, allowance: LockAllowance): Fault {
  return new Fault(
    'MEMORY_LOCK_LIMIT',
    `${bytes} bytes of weights cannot be locked: ${explainShortage(allowance)}`,
  )
}
