/**
 * A seccomp filter as a table of rules, and the pure step from the table to a BPF program.
 *
 * The program is a chain: one block for each call, ending in an answer, and one answer for all the
 * rest. A filter sees numbers only, never what a pointer points at; so a condition is on a flag
 * word or an `int`, and 64-bit words are compared by halves.
 *
 * @packageDocumentation
 */
import { numberOf, type Architecture, type SyscallName } from './syscall-numbers.ts'

/** What the kernel answers: goes on, ends the process with SIGSYS, or fails with an errno. */
export type Answer = 'allow' | 'kill' | { readonly errno: number }

export interface Condition {
  /** 0 to 5. */
  readonly argument: number
  /** Which 32 bits; an `int` argument is the low half, and the kernel ignores the other. */
  readonly half?: 'low' | 'high'
  /** Bits that are looked at; all when absent. */
  readonly mask?: number
  readonly values: readonly number[]
}

export interface SyscallRule {
  readonly calls: readonly SyscallName[]
  /** When every condition holds, or there is none. */
  readonly answer: Answer
  readonly when?: readonly Condition[]
  /** When a condition does not hold. */
  readonly otherwise?: Answer
  readonly reason: string
}

export interface FilterTable {
  readonly rules: readonly SyscallRule[]
  /** For every call without a rule. */
  readonly rest: Answer
}

export interface Instruction {
  readonly code: number
  readonly jumpTrue: number
  readonly jumpFalse: number
  readonly constant: number
}

/** BPF opcodes (linux/bpf_common.h). */
export const OPCODE = {
  loadWord: 0x20,
  and: 0x54,
  jumpEqual: 0x15,
  jumpGreaterOrEqual: 0x35,
  answer: 0x06,
} as const

/** Answers (linux/seccomp.h). */
export const SECCOMP_ANSWER = {
  killProcess: 0x8000_0000,
  errno: 0x0005_0000,
  allow: 0x7fff_0000,
} as const

/** Offsets in struct seccomp_data. */
const OFFSET = { number: 0, architecture: 4, arguments: 16 } as const
const ALL_BITS = 0xffff_ffff
const MAX_INSTRUCTIONS = 4096
/** x86-64 kernels take 32-bit-pointer calls under numbers with this bit: a way round every rule. */
const X32_BIT = 0x4000_0000

const AUDIT_ARCHITECTURE = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const

const load = (offset: number): Instruction => instruction(OPCODE.loadWord, offset)
const give = (answer: Answer): Instruction => instruction(OPCODE.answer, encodeAnswer(answer))

function instruction(code: number, constant: number, jumpTrue = 0, jumpFalse = 0): Instruction {
  if (jumpTrue > 255 || jumpFalse > 255) throw new Error('a rule is too long for one jump')
  return { code, constant, jumpTrue, jumpFalse }
}

export function encodeAnswer(answer: Answer): number {
  if (answer === 'allow') return SECCOMP_ANSWER.allow
  if (answer === 'kill') return SECCOMP_ANSWER.killProcess
  return SECCOMP_ANSWER.errno | answer.errno
}

/** Pure: the program. Calls that the architecture does not have are left out. */
export function assemble(table: FilterTable, architecture: Architecture): Instruction[] {
  const program = [
    load(OFFSET.architecture),
    instruction(OPCODE.jumpEqual, AUDIT_ARCHITECTURE[architecture], 1, 0),
    give('kill'),
    load(OFFSET.number),
    ...(architecture === 'x64'
      ? [instruction(OPCODE.jumpGreaterOrEqual, X32_BIT, 0, 1), give('kill')]
      : []),
    ...table.rules.flatMap((rule) => blocksOf(rule, architecture)),
    give(table.rest),
  ]
  if (program.length > MAX_INSTRUCTIONS) throw new Error(`${program.length} instructions`)
  return program
}

function blocksOf(rule: SyscallRule, architecture: Architecture): Instruction[] {
  const body = bodyOf(rule)
  return rule.calls.flatMap((call) => {
    const number = numberOf(call, architecture)
    if (number === null) return []
    return [instruction(OPCODE.jumpEqual, number, 0, body.length), ...body]
  })
}

/** What runs once the call's number fits; it always ends in an answer. */
function bodyOf({ answer, when = [], otherwise }: SyscallRule): Instruction[] {
  if (when.length === 0) return [give(answer)]
  if (otherwise === undefined) throw new Error('a rule with conditions needs an otherwise')
  const lengths = when.map(lengthOf)
  const checks = when.flatMap((condition, at) => {
    // Past the later conditions and the first answer: the second answer.
    const after = lengths.slice(at + 1).reduce((all, length) => all + length, 0)
    return checkOf(condition, after + 1)
  })
  return [...checks, give(answer), give(otherwise)]
}

function lengthOf({ mask = ALL_BITS, values }: Condition): number {
  return 1 + (mask === ALL_BITS ? 0 : 1) + values.length
}

/** Falls through to the next check when a value fits, else jumps `toOtherwise` further. */
function checkOf(condition: Condition, toOtherwise: number): Instruction[] {
  const { argument, half = 'low', mask = ALL_BITS, values } = condition
  if (values.length === 0) throw new Error('a condition needs a value')
  const offset = OFFSET.arguments + 8 * argument + (half === 'low' ? 0 : 4)
  return [
    load(offset),
    ...(mask === ALL_BITS ? [] : [instruction(OPCODE.and, mask >>> 0)]),
    ...values.map((value, at) => {
      const left = values.length - at - 1
      return instruction(OPCODE.jumpEqual, value >>> 0, left, left === 0 ? toOtherwise : 0)
    }),
  ]
}

/** struct sock_filter, eight bytes each. */
export function encodeProgram(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * program.length)
  for (const [at, { code, jumpTrue, jumpFalse, constant }] of program.entries()) {
    bytes.writeUInt16LE(code, 8 * at)
    bytes.writeUInt8(jumpTrue, 8 * at + 2)
    bytes.writeUInt8(jumpFalse, 8 * at + 3)
    bytes.writeUInt32LE(constant >>> 0, 8 * at + 4)
  }
  return bytes
}
