/**
 * Locked and sealed memory in real processes: for root, and for an ordinary user with the usual
 * limit of 8 MiB; and the trap that the gateway's unlocked code range is for.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MEMORY, NODE, run } from '../fixtures/sandbox-child.ts'

const MIB = 1024 * 1024
const LIMIT_KIB = 8192
const isRoot = process.getuid?.() === 0
/** An ordinary user: nobody when we are root, else ourselves. */
const ordinary = isRoot ? { uid: 65_534, gid: 65_534 } : {}

interface LockResult {
  state: { state: string; detail: string }
  complete: boolean
  kinds: Record<string, { pssBytes: number; lockedBytes: number }>
  unlocked: unknown[]
  vmLckKib: number
}

/** As root, or as whoever we are: what the machine's limit lets. */
const unlimited = (...args: readonly string[]) => run([NODE, '--jitless', MEMORY, ...args])

const limited = (...args: readonly string[]) =>
  run(['sh', '-c', `ulimit -l ${LIMIT_KIB}; exec "$@"`, 'sh', NODE, '--jitless', MEMORY, ...args], {
    ...ordinary,
    cwd: '/',
  })

const SEALED = {
  // The descriptor that is left is read-only; one opened again for writing meets the seals.
  attacks: {
    writeDescriptor: -9,
    writeReopened: -1,
    mapReopened: -1,
    truncate: -1,
    grow: -1,
    unprotect: -13,
    unseal: -1,
  },
  // The same write worked before the seal.
  unsealed: 1,
  intact: true,
  closed: 'closed',
  detached: 0,
}

describe('sealed memory', () => {
  test('is locked whole, and nothing changes it', async () => {
    const bytes = 3 * MIB + 5
    const { result } = await limited('seal', String(bytes), 'required')
    expect(result).toMatchObject({ ...SEALED, before: bytes, lockedBytes: bytes, read: bytes })
    const { memfd } = result as { memfd: { pssBytes: number; lockedBytes: number } }
    expect(memfd.pssBytes).toBe(Math.ceil(bytes / 4096) * 4096)
    expect(memfd.lockedBytes).toBe(memfd.pssBytes)
  })

  test('beyond the limit, preferred locks what fits and leaves room for keys', async () => {
    const { result } = await limited('seal', String(20 * MIB), 'preferred')
    const fits = LIMIT_KIB * 1024 - MIB
    expect(result).toMatchObject({ ...SEALED, before: fits, lockedBytes: fits, read: 20 * MIB })
  })

  test('beyond the limit, required refuses with both numbers', async () => {
    const { result } = await limited('seal', String(20 * MIB), 'required')
    expect(result).toMatchObject({ thrown: 'MEMORY_LOCK_LIMIT' })
    expect(result).toHaveProperty('message', expect.stringMatching(/20971520.*8388608/))
  })
})

describe('an ordinary user with 8 MiB', () => {
  test('preferred works, locks not everything, and says what raises the limit', async () => {
    const { result, status } = await limited('lock', 'preferred', 'engine')
    const { state, vmLckKib, complete } = result as LockResult
    expect(state).toMatchObject({ layer: 'memory-lock', state: 'partly' })
    expect(state.detail).toMatch(/8388608 bytes, the process has \d{8,}.*LimitMEMLOCK=infinity/)
    // No mlockall at all: half of it would kill V8 later.
    expect({ vmLckKib, complete, status }).toEqual({ vmLckKib: 0, complete: false, status: 0 })
  })

  test('required refuses', async () => {
    const { result } = await limited('lock', 'required', 'engine')
    expect(result).toMatchObject({ thrown: 'MEMORY_LOCK_LIMIT' })
  })
})

test('a key’s buffer is locked, kept out of dumps and children, and gone after release', async () => {
  const { result } = await limited('buffer')
  expect(result).toMatchObject({ locked: true, lockedKib: 4, lengthAfter: 0, vmLckKib: 0 })
  expect((result as { flags: string[] }).flags).toEqual(expect.arrayContaining(['lo', 'dd', 'wf']))
})

/** CAP_IPC_LOCK, or no limit. Without, the same calls must refuse, and that is what is tested. */
const mayLock =
  (BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`) >>
    14n) %
    2n ===
    1n || /^Max locked memory\s+\S+\s+unlimited/m.test(readFileSync('/proc/self/limits', 'utf8'))

describe(
  mayLock ? 'with the right to lock all' : 'WITHOUT THE RIGHT TO LOCK: refusals only',
  () => {
    const refused = (result: unknown) => {
      if (!mayLock) expect(result).toMatchObject({ thrown: 'MEMORY_LOCK_LIMIT' })
      return !mayLock
    }

    test('every page of the engine is locked, and what it allocates afterwards', async () => {
      const { result } = await unlimited('lock', 'required', 'engine')
      if (refused(result)) return
      const { state, complete, kinds } = result as LockResult
      expect(state).toMatchObject({ state: 'enforced' })
      expect(kinds.anonymous?.pssBytes).toBeGreaterThan(16 * MIB)
      expect(complete).toBe(true)
    })

    test('weights sealed under mlockall are locked before anything reads them', async () => {
      const { result } = await unlimited('lock-then-seal', 'required', String(3 * MIB))
      if (refused(result)) return
      expect(result).toMatchObject({ ...SEALED, lockedBytes: 3 * MIB })
      expect(result).toMatchObject({ memfd: { pssBytes: 3 * MIB, lockedBytes: 3 * MIB } })
    })

    test('the gateway locks all but V8’s code', async () => {
      const { result } = await run([NODE, MEMORY, 'lock', 'required', 'gateway'])
      if (refused(result)) return
      const { complete, kinds } = result as LockResult
      expect(complete).toBe(true)
      expect(kinds.code?.pssBytes).toBeGreaterThan(0)
      expect(kinds.code?.lockedBytes).toBe(0)
    })

    test('and so survives collections after 60,000 compiled functions', async () => {
      const { result } = await run([NODE, '--expose-gc', MEMORY, 'churn-unlocked'])
      if (refused(result)) return
      expect(result).toBe('survived')
    })

    test.each([
      ['engine', ['--jitless']],
      ['keeper', ['--jitless']],
      ['gateway', []],
    ])('the %s survives collections that give heap back', async (role, flags) => {
      const { result } = await run([NODE, ...flags, '--expose-gc', MEMORY, 'churn-heap', role])
      if (refused(result)) return
      expect(result).toBe('survived')
    })

    test('which a locked heap does not without the filter, JIT or none', async () => {
      const churn = [NODE, '--jitless', '--expose-gc', MEMORY, 'churn-heap-unfiltered']
      const outcome = await run(churn)
      if (!mayLock) return
      expect(outcome.stderr).toContain('Check failed: 0 == ret')
      expect(outcome.result).toBeUndefined()
    })

    test('which a locked code range does not: the trap is real', async () => {
      const outcome = await run([NODE, '--expose-gc', MEMORY, 'churn-locked'])
      if (!mayLock) return // mlockall was refused, and nothing is locked.
      expect(outcome.stderr).toContain('Check failed: 0 == ret')
      expect(outcome.result).toBeUndefined()
    })
  },
)

describe('/proc/PID/mem of a process of the same user', () => {
  async function readable(kind: string): Promise<boolean> {
    const holder = spawn(NODE, [MEMORY, 'hold', kind], {
      ...ordinary,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await new Promise((done) => holder.stdout.once('data', done))
    const script = `require('fs').closeSync(require('fs').openSync('/proc/${holder.pid}/mem', 'r'))`
    const { status, stderr } = await run([NODE, '-e', script], { ...ordinary, cwd: '/' })
    holder.kill('SIGKILL')
    if (status !== 0) expect(stderr).toContain('EACCES')
    return status === 0
  }

  test('is open as a process starts, and refused after hardenProcess', async () => {
    const yama = readYama()
    if (yama === 0) expect(await readable('plain')).toBe(true)
    expect(await readable('hardened')).toBe(false)
  })
})

/** With Yama above 0 a stranger of the same user is refused anyway, and there is no control. */
function readYama(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'))
  } catch {
    return 0
  }
}
