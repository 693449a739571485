import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  assemble,
  encodeAnswer,
  encodeProgram,
  type Answer,
  type FilterTable,
} from '../../src/sandbox/bpf.ts'
import { finalFilter } from '../../src/sandbox/seccomp-final-rules.ts'
import { launchFilter } from '../../src/sandbox/seccomp-launch-rules.ts'
import { numberOf, SYSCALL_NAMES, type SyscallName } from '../../src/sandbox/syscall-numbers.ts'
import { ARCHITECTURE_WORD, interpret } from '../fixtures/sandbox-bpf.ts'

const PID = 4321
const ROLES = ['gateway', 'engine', 'keeper'] as const
const ARCHITECTURES = ['x64', 'arm64'] as const
type Architecture = (typeof ARCHITECTURES)[number]

const TABLES: [string, FilterTable][] = ROLES.flatMap((role): [string, FilterTable][] => [
  [`${role}, launch`, launchFilter(role)],
  [`${role}, final`, finalFilter(role, PID)],
])

function answerOf(
  table: FilterTable,
  call: SyscallName,
  args: readonly (number | bigint)[] = [],
  architecture: Architecture = 'x64',
): number {
  const number = numberOf(call, architecture)
  if (number === null) throw new Error(`${architecture} has no ${call}`)
  const program = assemble(table, architecture)
  return interpret(program, {
    number,
    architecture: ARCHITECTURE_WORD[architecture],
    arguments: args,
  })
}

const word = (answer: Answer) => encodeAnswer(answer) >>> 0
const KILL = word('kill')
const ALLOW = word('allow')
const EPERM = word({ errno: 1 })
const EACCES = word({ errno: 13 })
const ENOSYS = word({ errno: 38 })

describe.each(TABLES)('%s', (_name, table) => {
  test('names each call once', () => {
    const names = table.rules.flatMap((rule) => rule.calls)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  test.each(ARCHITECTURES)('answers every rule as the table says on %s', (architecture) => {
    for (const { calls, answer, when, otherwise } of table.rules) {
      for (const call of calls.filter((name) => numberOf(name, architecture) !== null)) {
        const fitting = [0n, 0n, 0n, 0n, 0n, 0n]
        for (const { argument, half, values } of when ?? []) {
          const shift = half === 'high' ? 32n : 0n
          fitting[argument] = fitting[argument]! | (BigInt(values[0]! >>> 0) << shift)
        }
        expect(answerOf(table, call, fitting, architecture), call).toBe(word(answer))
        if (otherwise === undefined) continue
        const wrong = [...fitting]
        for (const { argument, half } of when ?? []) {
          wrong[argument] = 0xdead_beefn << (half === 'high' ? 32n : 0n)
        }
        expect(answerOf(table, call, wrong, architecture), call).toBe(word(otherwise))
      }
    }
  })

  test('gives every other number the rest’s answer', () => {
    const named = table.rules.flatMap((rule) => rule.calls.map((call) => numberOf(call, 'x64')))
    const program = assemble(table, 'x64')
    for (let number = 0; number < 600; number++) {
      if (named.includes(number)) continue
      const answer = interpret(program, { number, architecture: ARCHITECTURE_WORD.x64 })
      expect(answer, String(number)).toBe(word(table.rest))
    }
  })

  test('kills on another architecture, and on x32 numbers of x86-64', () => {
    const program = assemble(table, 'x64')
    expect(interpret(program, { number: 0, architecture: 0x4000_0003 })).toBe(KILL)
    expect(interpret(program, { number: 0, architecture: ARCHITECTURE_WORD.arm64 })).toBe(KILL)
    for (const number of [0x4000_0000, 0x4000_003b, 0xffff_ffff]) {
      expect(interpret(program, { number, architecture: ARCHITECTURE_WORD.x64 })).toBe(KILL)
    }
  })

  test('fits a kernel: at most 4096 instructions of eight bytes', () => {
    const program = assemble(table, 'x64')
    expect(program.length).toBeLessThan(1000)
    expect(encodeProgram(program)).toHaveLength(8 * program.length)
  })
})

describe('the engine’s last filter', () => {
  const engine = finalFilter('engine', PID)
  const CLONE_THREAD = 0x1_0000

  test('lets a thread be made, and no process, whatever flags come along', () => {
    const glibcThread = 0x3d_0f00
    expect(answerOf(engine, 'clone', [glibcThread])).toBe(ALLOW)
    const SIGCHLD = 17
    for (const flags of [0, SIGCHLD, 0x4000 | SIGCHLD, 0x100 | SIGCHLD]) {
      expect(answerOf(engine, 'clone', [flags])).toBe(KILL)
    }
    for (const namespace of [0x80, 0x2_0000, 0x200_0000, 0x400_0000, 0x1000_0000, 0x4000_0000]) {
      expect(answerOf(engine, 'clone', [CLONE_THREAD | namespace])).toBe(KILL)
    }
    expect(answerOf(engine, 'clone3')).toBe(ENOSYS)
  })

  test('maps nothing executable', () => {
    for (const protection of [4, 5, 6, 7, 0x100_0004]) {
      expect(answerOf(engine, 'mmap', [0, 4096, protection])).toBe(KILL)
      expect(answerOf(engine, 'mprotect', [0, 4096, protection])).toBe(KILL)
    }
    expect(answerOf(engine, 'mmap', [0, 4096, 3])).toBe(ALLOW)
  })

  test('a pointer whose low half is zero is no null pointer', () => {
    expect(answerOf(engine, 'prlimit64', [0, 4, 0n])).toBe(ALLOW)
    expect(answerOf(engine, 'prlimit64', [0, 4, 0x1_0000_0000n])).toBe(EPERM)
    expect(answerOf(engine, 'prlimit64', [0, 4, 0x1_0000n])).toBe(EPERM)
  })

  test('signals itself only', () => {
    expect(answerOf(engine, 'tgkill', [PID, 1, 6])).toBe(ALLOW)
    expect(answerOf(engine, 'tgkill', [PID + 1, 1, 6])).toBe(KILL)
  })

  test('refuses every open with EACCES', () => {
    for (const call of ['open', 'openat', 'openat2', 'creat'] as const) {
      expect(answerOf(engine, call)).toBe(EACCES)
    }
  })

  test('io_uring never starts, in any role', () => {
    for (const role of ROLES) {
      expect(answerOf(launchFilter(role), 'io_uring_setup')).toBe(ENOSYS)
    }
  })
})

describe('tables that would not do what they say are refused', () => {
  const rule = { calls: ['read'], reason: 'a test' } as const

  test('conditions without an otherwise', () => {
    const when = [{ argument: 0, values: [1] }]
    const table: FilterTable = { rules: [{ ...rule, answer: 'allow', when }], rest: 'kill' }
    expect(() => assemble(table, 'x64')).toThrow('otherwise')
  })

  test('a jump that is too long', () => {
    const values = Array.from({ length: 300 }, (_, at) => at)
    const table: FilterTable = {
      rules: [{ ...rule, answer: 'allow', when: [{ argument: 0, values }], otherwise: 'kill' }],
      rest: 'kill',
    }
    expect(() => assemble(table, 'x64')).toThrow('too long')
  })
})

const HEADERS = {
  x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  arm64: '/usr/include/asm-generic/unistd.h',
}

describe('the numbers', () => {
  test('no number has two names', () => {
    for (const architecture of ARCHITECTURES) {
      const numbers = SYSCALL_NAMES.map((name) => numberOf(name, architecture))
      const found = numbers.filter((number) => number !== null)
      expect(new Set(found).size).toBe(found.length)
    }
  })

  // Where the kernel's headers are installed; the few below hold everywhere.
  test.each(ARCHITECTURES)('are those of the kernel’s headers for %s', (architecture) => {
    expect(numberOf('seccomp', architecture)).toBe({ x64: 317, arm64: 277 }[architecture])
    expect(numberOf('execve', architecture)).toBe({ x64: 59, arm64: 221 }[architecture])
    if (!existsSync(HEADERS[architecture])) return
    const header = readFileSync(HEADERS[architecture], 'utf8')
    for (const name of SYSCALL_NAMES) {
      const line = new RegExp(`^#define __NR(?:3264)?_${name}\\s+(\\d+)`, 'm').exec(header)
      const number = numberOf(name, architecture)
      if (line !== null) expect(number, name).toBe(Number(line[1]))
      // newfstatat is spelled by a macro in the generic table.
      else if (name !== 'newfstatat') expect(number, name).toBe(null)
    }
  })
})
