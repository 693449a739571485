/**
 * How much a stranger's schema may cost, and the faults that say it cost too much or is not ours.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'

/** Bounds of one compilation. Each is checked before the memory or the time is spent. */
export interface GrammarLimits {
  /** Schemas inside schemas; also the depth of a value in `enum` and `const`. */
  readonly depth: number
  /** Schemas, and values in `enum` and `const`, counted one by one. */
  readonly nodes: number
  /** Of the grammar's text. */
  readonly grammarBytes: number
  /** Largest bound of `{n,m}`: minLength, maxLength, minItems, maxItems. llama.cpp's own end is 2,000. */
  readonly repetitions: number
  /** All of a grammar's `{n,m}` together: llama.cpp makes a rule for each step. */
  readonly expandedRules: number
  /** States of one string automaton (a pattern, a format, or several at once). */
  readonly automatonStates: number
  /** Ways to read a value after `anyOf` and `oneOf` are multiplied out. */
  readonly alternatives: number
  /** Readings of an unfinished text that llama.cpp would have to carry side by side. */
  readonly parallelReadings: number
  /** Steps of work, about half a microsecond each. */
  readonly steps: number
}

export const DEFAULT_LIMITS: GrammarLimits = {
  depth: 32,
  nodes: 5_000,
  grammarBytes: 256 * 1024,
  repetitions: 2_000,
  expandedRules: 20_000,
  automatonStates: 4_000,
  alternatives: 128,
  parallelReadings: 32,
  steps: 2_000_000,
}

/**
 * A schema that is refused. The message may be logged, so it holds nothing of the client's;
 * `pointer` does (names of properties), and belongs into the client's answer only.
 */
export class SchemaFault extends Fault {
  /** The keyword at fault; empty when it is the schema as a whole. */
  readonly keyword: string
  /** JSON pointer of the schema that holds it, as a URI fragment: `#/properties/age`. */
  readonly pointer: string
  /** What is wrong, without the keyword. */
  readonly reason: string

  constructor(keyword: string, pointer: string, reason: string) {
    super('GRAMMAR_SCHEMA', keyword === '' ? reason : `${keyword}: ${reason}`)
    this.keyword = keyword
    this.pointer = pointer
    this.reason = reason
  }
}

/** A pointer for faults that are found where the place in the schema is no longer known. */
export const NOWHERE = ''

/** Does some work; a fault from nowhere in it is given this place, and this keyword. */
export function placed<T>(pointer: string, work: () => T, keyword?: string): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SchemaFault) || error.pointer !== NOWHERE) throw error
    throw new SchemaFault(keyword ?? error.keyword, pointer, error.reason)
  }
}

/** Counts the steps of one compilation. */
export class Budget {
  readonly limits: GrammarLimits
  #left: number

  constructor(limits: GrammarLimits) {
    this.limits = limits
    this.#left = limits.steps
  }

  /** @throws SchemaFault when the compilation has done more than its share. */
  spend(steps: number): void {
    this.#left -= steps
    if (this.#left >= 0) return
    throw new SchemaFault('', '#', `the schema takes more than ${this.limits.steps} steps`)
  }
}
