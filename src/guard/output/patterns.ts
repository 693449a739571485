/**
 * The operator's own patterns, in RE2's syntax.
 *
 * ```
 * { name: 'ticket', pattern: 'OPS-[0-9]{4,8}' }   →   output.pattern.ticket
 * ```
 *
 * What it gives: the longest match of at most 256 characters, in linear time. Every pattern has a
 * literal of two characters or more that stands in each of its matches; where the text is known and
 * has none, the pattern is not asked. What it does not give: patterns that match nothing at all,
 * lookbehinds, and a reading of lazy repeats as lazy. A pattern that begins with `.*` holds back 256
 * characters, because each of them may be the first of a match.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { Detector, Look } from './detector.ts'
import { PatternAutomaton } from './pattern-automaton.ts'
import {
  canBeginWith,
  literalOf,
  matchesNothing,
  readProgram,
  type PatternProgram,
} from './pattern-program.ts'

export interface OutputPattern {
  /** Ends its code: lower-case letters, digits and dashes. */
  readonly name: string
  /** In RE2's syntax. */
  readonly pattern: string
  /** A text that stands in every match, in any case; without it one is read off the pattern. */
  readonly literal?: string
}

const MAX_PATTERNS = 100
const MAX_PATTERN_CHARS = 256
const MAX_INSTRUCTIONS = 2000
const MAX_MATCH_CHARS = 256
/** When its last character takes two units. */
const LONGEST_MATCH = MAX_MATCH_CHARS + 1
const MIN_LITERAL_CHARS = 2
const NAME = /^[a-z0-9-]{1,40}$/

/** @throws Fault `GUARD_SETTINGS`, which says which pattern and why, and not what it is. */
export function patternDetectors(patterns: readonly OutputPattern[]): readonly Detector[] {
  if (patterns.length > MAX_PATTERNS) throw refusal(`${patterns.length}, more than ${MAX_PATTERNS}`)
  return patterns.map((pattern, i) => {
    try {
      return patternDetector(pattern)
    } catch (thrown) {
      // What re2js says of a pattern quotes it.
      throw refusal(`[${i}] ${thrown instanceof Unfit ? thrown.message : 'is no pattern of RE2'}`)
    }
  })
}

function refusal(message: string): Fault {
  return new Fault('GUARD_SETTINGS', `patterns: ${message}`)
}

class Unfit extends Error {}

function patternDetector({ name, pattern, literal }: OutputPattern): Detector {
  if (!NAME.test(name)) throw new Unfit('needs a name of lower-case letters, digits and dashes')
  if (pattern.length > MAX_PATTERN_CHARS) throw new Unfit(`is over ${MAX_PATTERN_CHARS} characters`)
  const program = readProgram(pattern)
  assertFit(program)
  const sought = literal ?? literalOf(program)
  if (sought.length < MIN_LITERAL_CHARS) {
    throw new Unfit(`needs a literal of ${MIN_LITERAL_CHARS} characters in all its matches`)
  }
  const automaton = new PatternAutomaton(program)
  const literalPattern = new RegExp(escapeSyntax(sought), 'giu')
  return {
    code: `output.pattern.${name}`,
    class: 'pattern',
    maxHoldBackChars: LONGEST_MATCH + 1,
    example: sought,
    reason: 'named by the operator',
    startsWith: (unit) => isSurrogate(unit) || canBeginWith(program, unit),
    look: (text, at, before, isEnd) => {
      const until = literalFreeUntil(literalPattern, text, at, isEnd)
      if (until > at) return { is: 'no', until }
      return walk(automaton, text, at, before, isEnd)
    },
  }
}

function assertFit(program: PatternProgram): void {
  if (matchesNothing(program)) throw new Unfit('matches where nothing stands')
  if (program.instructions.length > MAX_INSTRUCTIONS) {
    throw new Unfit(`compiles to more than ${MAX_INSTRUCTIONS} steps`)
  }
}

function walk(
  automaton: PatternAutomaton,
  text: string,
  at: number,
  before: string,
  isEnd: boolean,
): Look {
  const found = automaton.walk(text, at, before.charCodeAt(0), MAX_MATCH_CHARS, isEnd)
  return found.is === 'yes' ? { is: 'yes', end: found.end } : found
}

/** Up to where no match can begin, because the literal does not come soon enough. */
function literalFreeUntil(literal: RegExp, text: string, at: number, isEnd: boolean): number {
  literal.lastIndex = at
  const match = literal.exec(text)
  if (match !== null) return match.index + match[0].length - LONGEST_MATCH
  return isEnd ? text.length : text.length - LONGEST_MATCH
}

function escapeSyntax(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
