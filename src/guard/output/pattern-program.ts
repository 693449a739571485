/**
 * A pattern in RE2's syntax, as the instructions that re2js compiles it to.
 *
 * What re2js gives is the syntax and the program. It is stepped by pattern-automaton.ts and not by
 * re2js, because a stream has to know more than re2js says: whether a text that has not ended may
 * still become a match. The program is read from a field of re2js that is not in its documents, so
 * the version is pinned, and each instruction is looked at before it is believed.
 *
 * @packageDocumentation
 */
import { RE2JS } from 're2js'

/** Numbers of re2js' instructions. */
const OP = {
  alt: 1,
  altMatch: 2,
  capture: 3,
  emptyWidth: 4,
  fail: 5,
  match: 6,
  nop: 7,
  rune: 8,
  rune1: 9,
  any: 10,
  anyNotNewline: 11,
} as const

/** What an empty-width instruction asks of its place. */
export const EDGE = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  word: 16,
  noWord: 32,
} as const
export const ALL_EDGES = 63
const NEWLINE = 10

interface RawInstruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  readonly runes: Int32Array
  readonly matchRune: (rune: number) => boolean
}

export interface PatternProgram {
  readonly start: number
  readonly instructions: readonly RawInstruction[]
  readonly asksForEdges: boolean
}

/** @throws whatever re2js throws for a pattern that is none. */
export function readProgram(pattern: string): PatternProgram {
  const program: unknown = RE2JS.compile(pattern).re2Input.prog
  if (!isObject(program) || !Array.isArray(program.inst) || typeof program.start !== 'number') {
    throw new TypeError('re2js compiles to another form')
  }
  const instructions = program.inst.map(readInstruction)
  return {
    start: program.start,
    instructions,
    asksForEdges: instructions.some(({ op }) => op === OP.emptyWidth),
  }
}

function readInstruction(value: unknown): RawInstruction {
  if (!isInstruction(value)) throw new TypeError('re2js has other instructions')
  return value
}

function isInstruction(value: unknown): value is RawInstruction {
  return (
    isObject(value) &&
    [value.op, value.out, value.arg].every((field) => typeof field === 'number') &&
    Object.values<unknown>(OP).includes(value.op) &&
    value.runes instanceof Int32Array &&
    typeof value.matchRune === 'function'
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** What a set of instructions comes to before it reads another character. */
export interface Closure {
  /** Those that read one. */
  readonly reading: readonly number[]
  readonly isMatch: boolean
}

/** @param edges - What the place is; `ALL_EDGES` for whatever it may be. */
export function closureOf(
  { instructions }: PatternProgram,
  from: readonly number[],
  edges: number,
): Closure {
  const seen = new Set<number>()
  const reading: number[] = []
  const waiting = [...from]
  let isMatch = false
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const instruction = instructions[at]
    if (seen.has(at) || instruction === undefined) continue
    seen.add(at)
    const { op, out, arg } = instruction
    if (op === OP.match) isMatch = true
    else if (op >= OP.rune) reading.push(at)
    else if (op === OP.alt || op === OP.altMatch) waiting.push(out, arg)
    else if (op === OP.emptyWidth && (arg & ~edges) !== 0) continue
    else if (op !== OP.fail) waiting.push(out)
  }
  return { reading: reading.sort((a, b) => a - b), isMatch }
}

/** @returns the instructions that come behind those which take a character. */
export function stepOver(
  { instructions }: PatternProgram,
  reading: readonly number[],
  rune: number,
): readonly number[] {
  const next = new Set<number>()
  for (const at of reading) {
    const instruction = instructions[at]
    if (instruction !== undefined && takes(instruction, rune)) next.add(instruction.out)
  }
  return [...next].sort((a, b) => a - b)
}

function takes(instruction: RawInstruction, rune: number): boolean {
  if (instruction.op === OP.any) return true
  if (instruction.op === OP.anyNotNewline) return rune !== NEWLINE
  return instruction.matchRune(rune)
}

/** Whether it matches where nothing stands. */
export function matchesNothing(program: PatternProgram): boolean {
  return closureOf(program, [program.start], ALL_EDGES).isMatch
}

/** Whether a match may begin with a character. */
export function canBeginWith(program: PatternProgram, rune: number): boolean {
  const { reading } = closureOf(program, [program.start], ALL_EDGES)
  return stepOver(program, reading, rune).length > 0
}

/** @returns the longest text that stands in every match, in some case; '' when there is none. */
export function literalOf(program: PatternProgram): string {
  let longest = ''
  for (const at of program.instructions.keys()) {
    const literal = chainFrom(program, at)
    if (literal.length > longest.length) longest = literal
  }
  return longest
}

/** Characters that are read one after the other, from one that no match can do without. */
function chainFrom(program: PatternProgram, first: number): string {
  if (characterOf(program.instructions[first]) === '' || !isRequired(program, first)) return ''
  let literal = ''
  const seen = new Set<number>()
  for (let at = first; !seen.has(at);) {
    seen.add(at)
    const instruction = program.instructions[at]
    if (instruction === undefined) break
    const character = characterOf(instruction)
    const isSilent = instruction.op === OP.capture || instruction.op === OP.nop
    if (character === '' && !isSilent) break
    literal += character
    at = instruction.out
  }
  return literal
}

function characterOf(instruction: RawInstruction | undefined): string {
  if (instruction === undefined) return ''
  const { op, runes } = instruction
  const [rune] = runes
  const isOne = (op === OP.rune || op === OP.rune1) && runes.length === 1 && rune !== undefined
  return isOne ? String.fromCodePoint(rune) : ''
}

function isRequired(program: PatternProgram, without: number): boolean {
  const seen = new Set([without])
  const waiting = [program.start]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const instruction = program.instructions[at]
    if (seen.has(at) || instruction === undefined) continue
    seen.add(at)
    const { op, out, arg } = instruction
    if (op === OP.match) return false
    if (op === OP.alt || op === OP.altMatch) waiting.push(arg)
    if (op !== OP.fail) waiting.push(out)
  }
  return true
}
