/**
 * The engine's last filter, the program itself, against every system call number that the kernel
 * could know: what the table does not name is death. Python makes the calls, as it forks in a
 * millisecond.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { assemble, encodeProgram } from '../../src/sandbox/bpf.ts'
import { finalFilter } from '../../src/sandbox/seccomp-final-rules.ts'
import { architectureOf } from '../../src/sandbox/seccomp.ts'
import { numberOf } from '../../src/sandbox/syscall-numbers.ts'

const SWEEP = join(import.meta.dirname, '../fixtures/filter-sweep.py')
/** Beyond the last call that a kernel has today. */
const PAST_CALLS = 512
/** On x86-64 the same calls have a second number, with other sizes of their structures. */
const X32 = 0x4000_0000
/**
 * uretprobe and uprobe: since 6.14 the kernel lets them pass every filter, because it is its own
 * probes that make them; from anybody else it takes them for nothing (ENXIO) or for death (SIGILL).
 */
const UNFILTERED = [335, 336]
const SIGSYS = 31
const SIGSEGV = 11

const architecture = architectureOf(process.arch)
const table = finalFilter('engine', 0)
const named = new Set(
  table.rules.flatMap(({ calls }) => calls.map((name) => numberOf(name, architecture))),
)
const all = Array.from({ length: PAST_CALLS }, (_, number) => number)
const isUnfiltered = (number: number) => architecture === 'x64' && UNFILTERED.includes(number)
const unnamed = all.filter((number) => !named.has(number) && !isUnfiltered(number))
const x32 = architecture === 'x64' ? [...named].map((number) => (number ?? 0) + X32) : []

interface Swept {
  readonly ends: Readonly<Record<string, number>>
  readonly other: readonly [without: number, withProgram: number] | null
}
let swept: Swept

beforeAll(() => {
  const program = encodeProgram(assemble(table, architecture)).toString('hex')
  const input = JSON.stringify({ program, numbers: [...unnamed, ...x32] })
  const { stdout, stderr } = spawnSync('python3', [SWEEP], { input, encoding: 'utf8' })
  expect(stderr).toBe('')
  swept = JSON.parse(stdout) as Swept
})

const survivorsOf = (numbers: readonly number[]) =>
  numbers.filter((number) => (swept.ends[number]! & 0x7f) !== SIGSYS)

test('every call that the table does not name is death', () => {
  expect(unnamed.length).toBeGreaterThan(400)
  expect(survivorsOf(unnamed)).toEqual([])
})

test.skipIf(architecture !== 'x64')('and the named ones by their x32 number', () => {
  expect(x32.length).toBe(named.size)
  expect(survivorsOf(x32)).toEqual([])
})

test.skipIf(architecture !== 'x64')('and all calls by the 32-bit door', () => {
  const [without, withProgram] = swept.other!
  // Without 32-bit programs in the kernel there is no such door, and nothing to forbid.
  expect([0, SIGSEGV]).toContain(without & 0x7f)
  expect(withProgram & 0x7f).toBe(without === 0 ? SIGSYS : SIGSEGV)
})
