import { describe, expect, test } from 'vitest'
import {
  decideShortage,
  holdsLockCapability,
  lockableBytes,
  type LockAllowance,
} from '../../src/sandbox/memory-limit.ts'
import { kindOf, parseMappings, reportOf, statusBytes } from '../../src/sandbox/memory-map.ts'

const MIB = 1024 * 1024
const SMALL: LockAllowance = {
  limitBytes: 8 * MIB,
  capable: false,
  virtualBytes: 1400 * MIB,
  lockedBytes: 0,
}

const map = (head: string, pss: number, locked: number, swap = 0) =>
  `${head}\nSize:  999 kB\nRss: 888 kB\nPss:      ${pss} kB\nPss_Dirty:  7 kB\nSwap: ${swap} kB\nSwapPss: 3 kB\nLocked: ${locked} kB\nVmFlags: rd wr\n`

const ANONYMOUS = '7f0000000000-7f0000010000 rw-p 00000000 00:00 0 '
const CODE = '7f0000020000-7f0000030000 rwxp 00000000 00:00 0 '
const MEMFD = '7f0000040000-7f0000050000 r--s 00000000 00:01 77   /memfd:weights (deleted)'
const FILE = '7f0000060000-7f0000070000 r-xp 00000000 fe:00 5   /usr/lib/libc.so.6'
const VDSO = '7ffe00000000-7ffe00002000 r-xp 00000000 00:00 0    [vdso]'
const STACK = '7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0    [stack]'

describe('smaps', () => {
  test('is read into mappings; lookalike lines do not count', () => {
    expect(parseMappings(map(MEMFD, 64, 60))).toEqual([
      {
        start: 0x7f0000040000n,
        end: 0x7f0000050000n,
        permissions: 'r--s',
        name: '/memfd:weights (deleted)',
        pssBytes: 65_536,
        lockedBytes: 61_440,
        swapBytes: 0,
      },
    ])
    expect(parseMappings('')).toEqual([])
  })

  test.each([
    [ANONYMOUS, 'anonymous'],
    [CODE, 'code'],
    [MEMFD, 'memfd'],
    [FILE, 'file'],
    [VDSO, 'file'],
    [STACK, 'anonymous'],
    ['1-2 rw-s 0 00:00 9 anon_inode:[io_uring]', 'file'],
    ['1-2 rw-p 0 00:00 0 [heap]', 'anonymous'],
    ['1-2 rw-p 0 00:00 0 [anon:v8]', 'anonymous'],
    ['1-2 rwxp 0 fe:00 5 /tmp/x', 'file'],
  ])('%s is %s', (head, kind) => {
    const [mapping] = parseMappings(map(head, 1, 1))
    expect(mapping === undefined ? undefined : kindOf(mapping)).toBe(kind)
  })

  test('complete: all locked but code and files', () => {
    const text = [map(ANONYMOUS, 8, 8), map(CODE, 9, 0), map(FILE, 7, 0), map(MEMFD, 64, 64)]
    const report = reportOf(parseMappings(text.join('')))
    expect(report.complete).toBe(true)
    expect(report.kinds.memfd).toEqual({ maps: 1, pssBytes: 65_536, lockedBytes: 65_536 })
  })

  test.each([
    ['an unlocked page', map(ANONYMOUS, 8, 4)],
    ['an unlocked memfd', map(MEMFD, 8, 0)],
    ['a page in swap', map(STACK, 8, 8, 4)],
  ])('not complete: %s', (_what, text) => {
    const report = reportOf(parseMappings(map(ANONYMOUS, 1, 1) + text))
    expect(report.complete).toBe(false)
    expect(report.unlocked).toHaveLength(1)
  })

  test('status lines are bytes', () => {
    expect(statusBytes('VmLck:\t      12 kB\nVmSize:\t 7 kB\n', 'VmLck')).toBe(12_288)
    expect(statusBytes('', 'VmLck')).toBe(0)
  })
})

describe('the limit', () => {
  test('unlimited or capable: everything; no state to report', () => {
    for (const allowance of [
      { ...SMALL, limitBytes: Infinity },
      { ...SMALL, capable: true },
    ]) {
      expect(decideShortage(allowance, 'required')).toBe(null)
      expect(lockableBytes(100 * MIB, allowance, 4096)).toBe(100 * MIB)
    }
  })

  test('small: preferred says both numbers and the line that mends it, required refuses', () => {
    const state = decideShortage(SMALL, 'preferred')
    expect(state).toMatchObject({ layer: 'memory-lock', state: 'partly' })
    expect(state?.detail).toMatch(/8388608.*1468006400.*LimitMEMLOCK=infinity/)
    expect(state?.detail.length).toBeLessThanOrEqual(300)
    expect(decideShortage({ ...SMALL, limitBytes: 65_536 }, 'preferred')?.state).toBe('absent')
    expect(() => decideShortage(SMALL, 'required')).toThrow(
      expect.objectContaining({ code: 'MEMORY_LOCK_LIMIT' }),
    )
  })

  test('what fits is whole pages, and leaves room for keys', () => {
    expect(lockableBytes(6 * MIB, SMALL, 4096)).toBe(6 * MIB)
    expect(lockableBytes(20 * MIB, SMALL, 4096)).toBe(7 * MIB)
    expect(lockableBytes(20 * MIB, { ...SMALL, lockedBytes: 100 }, 4096)).toBe(7 * MIB - 4096)
    expect(lockableBytes(20 * MIB, { ...SMALL, lockedBytes: 8 * MIB }, 4096)).toBe(0)
    expect(lockableBytes(20 * MIB, { ...SMALL, limitBytes: 0 }, 4096)).toBe(0)
  })

  test('CAP_IPC_LOCK is bit 14 of CapEff', () => {
    expect(holdsLockCapability('CapEff:\t0000000000004000\n')).toBe(true)
    expect(holdsLockCapability('CapPrm:\t0000000000004000\nCapEff:\t0000000000000000\n')).toBe(
      false,
    )
    expect(holdsLockCapability('')).toBe(false)
  })
})
