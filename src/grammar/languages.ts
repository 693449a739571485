/**
 * The automata of one compilation, each made once.
 *
 * @packageDocumentation
 */
import { automatonOfLengths, automatonOfPattern, automatonOfTexts, besides } from './automaton.ts'
import { lengthsOf, type Automaton } from './automaton-states.ts'
import { NOWHERE, placed, type Budget } from './limits.ts'
import type { StringShape } from './shape.ts'
import { parsePattern } from './string-pattern.ts'

export class Languages {
  readonly #budget: Budget
  readonly #byPattern = new Map<string, Automaton>()
  readonly #otherNames = new Map<string, Automaton>()
  readonly #byShape = new Map<string, Automaton>()

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Every string in which the pattern is found. */
  ofPattern(source: string): Automaton {
    const known = this.#byPattern.get(source)
    if (known !== undefined) return known
    const { found, guards } = parsePattern(source)
    const parts = [found, ...guards.map((guard) => guard.pattern)].map((pattern) =>
      automatonOfPattern(pattern, this.#budget),
    )
    const made = besides(
      parts,
      ([main, ...others]) => {
        const holds = others.every((label, index) => (label !== null) === guards[index]?.isWanted)
        return main !== null && holds ? 0 : null
      },
      this.#budget,
    )
    this.#byPattern.set(source, made)
    return made
  }

  /** The strings of a shape, labelled 0. */
  ofShape(shape: StringShape): Automaton {
    const key = JSON.stringify([shape.min, String(shape.max), shape.patterns])
    const known = this.#byShape.get(key)
    if (known !== undefined) return known
    const found = this.inAll(shape.patterns.map((source) => this.ofPattern(source)))
    // Most formats say how long they are; counting once more would multiply the states.
    const own = lengthsOf(found)
    const isCounted = shape.min > own.min || shape.max < own.max
    const made = isCounted
      ? this.inAll([found, automatonOfLengths(shape.min, shape.max, this.#budget)])
      : found
    this.#byShape.set(key, made)
    return made
  }

  /** What is in every one of them, labelled 0; of none: every string. */
  inAll(parts: readonly Automaton[]): Automaton {
    const [first] = parts
    if (first !== undefined && parts.length === 1) return first
    return besides(parts, (labels) => (labels.includes(null) ? null : 0), this.#budget)
  }

  /** Exactly these texts. */
  ofTexts(texts: readonly string[]): Automaton {
    return automatonOfTexts(texts, this.#budget)
  }

  /** What is in one of them at least, labelled 0. */
  inAny(parts: readonly Automaton[]): Automaton {
    return besides(
      parts,
      (labels) => (labels.some((label) => label !== null) ? 0 : null),
      this.#budget,
    )
  }

  /**
   * The names that are none of `names`, labelled by the patterns they match: bit n for pattern n.
   *
   * @param allowed - What the names must be in, by a key of its own; null: anything.
   */
  otherNames(
    names: readonly string[],
    allowed: { readonly key: string; readonly names: Automaton } | null,
    patterns: readonly string[],
  ): Automaton {
    const key = JSON.stringify([names, allowed?.key, patterns])
    const known = this.#otherNames.get(key)
    if (known !== undefined) return known
    const made = placed(
      NOWHERE,
      () => {
        const parts = [this.ofTexts(names), allowed?.names ?? this.inAll([])]
        const matching = patterns.map((source) => this.ofPattern(source))
        return besides([...parts, ...matching], labelOfOther, this.#budget)
      },
      'additionalProperties',
    )
    this.#otherNames.set(key, made)
    return made
  }

  relabelled(automaton: Automaton, labelOf: (label: number) => number | null): Automaton {
    const label = ([before]: readonly (number | null)[]) =>
      before === null || before === undefined ? null : labelOf(before)
    return besides([automaton], label, this.#budget)
  }
}

function labelOfOther([own, allowed, ...matches]: readonly (number | null)[]): number | null {
  if (own !== null || allowed === null) return null
  return matches.reduce<number>((bits, match, bit) => bits + (match === null ? 0 : 2 ** bit), 0)
}
