/**
 * The rules of one grammar: names, text, sizes.
 *
 * What it gives: a rule for a text (one rule for one text), rules that are named before they are
 * known, literals and classes in GBNF's spelling, repetitions that are counted. Its size, and what
 * llama.cpp makes of it, are bounded here.
 *
 * @packageDocumentation
 */
import type { CodePoints } from './code-points.ts'
import { SchemaFault, type Budget } from './limits.ts'

const SYMBOL = /^[a-z0-9-]+$/

export class RuleBook {
  readonly #prefix: string
  readonly #budget: Budget
  readonly #names = new Map<string, string>()
  readonly #lines: string[] = []
  #reserved = 0
  #bytes = 0
  #expanded = 0

  /** @param prefix - Name of the first rule; every other name is it, a hyphen, and a number. */
  constructor(prefix: string, budget: Budget) {
    this.#prefix = prefix
    this.#budget = budget
  }

  /** A symbol for an expression; an expression that is one symbol already stays itself. */
  rule(expression: string): string {
    if (SYMBOL.test(expression)) return expression
    const known = this.#names.get(expression)
    if (known !== undefined) return known
    const name = this.reserve()
    this.#names.set(expression, name)
    this.define(name, expression)
    return name
  }

  /** A name for a rule that is defined later. */
  reserve(): string {
    return `${this.#prefix}-${this.#reserved++}`
  }

  define(name: string, expression: string): void {
    const line = `${name} ::= ${expression}\n`
    this.#budget.spend(line.length)
    // Every character of a grammar of ours is ASCII.
    this.#bytes += line.length
    const most = this.#budget.limits.grammarBytes
    if (this.#bytes > most) throw new SchemaFault('', '#', `a grammar longer than ${most} bytes`)
    this.#lines.push(line)
  }

  /** One of several expressions, as a single symbol or expression that can stand in a sequence. */
  choice(expressions: readonly string[]): string {
    const distinct = [...new Set(expressions)]
    return distinct.length === 1 ? (distinct[0] ?? '') : this.rule(distinct.join(' | '))
  }

  /** An expression for a symbol so many times; `max` may be Infinity. */
  repeat(symbol: string, min: number, max: number): string {
    if (max === 0) return '""'
    if (min === 0 && max === Infinity) return `${symbol}*`
    const expression = `${symbol}{${min},${max === Infinity ? '' : max}}`
    if (!this.#names.has(expression)) this.#expand(max === Infinity ? min : max)
    return this.rule(expression)
  }

  /** llama.cpp makes a rule, or a copy, for each step of a repetition. */
  #expand(steps: number): void {
    this.#expanded += steps
    const most = this.#budget.limits.expandedRules
    if (this.#expanded <= most) return
    throw new SchemaFault('', '#', `lengths and counts that add up to more than ${most}`)
  }

  /** @returns The grammar; its first rule is the prefix. */
  text(root: string): string {
    this.define(this.#prefix, root)
    return this.#lines.join('')
  }
}

/** A literal in GBNF. */
export function literal(text: string): string {
  return `"${Array.from(text, (character) => escaped(character.codePointAt(0) ?? 0)).join('')}"`
}

/** A class in GBNF; the set is not empty. */
export function classOf(set: CodePoints): string {
  const items = set.map(([first, last]) => {
    if (first === last) return classPoint(first)
    return `${classPoint(first)}-${classPoint(last)}`
  })
  return `[${items.join('')}]`
}

/** Letters and digits only as themselves: everything else may mean something to a parser. */
function classPoint(point: number): string {
  const character = String.fromCodePoint(point)
  return /^[A-Za-z0-9]$/.test(character) ? character : hex(point)
}

function escaped(point: number): string {
  if (point === 0x22) return '\\"'
  if (point === 0x5c) return '\\\\'
  return point >= 0x20 && point < 0x7f ? String.fromCodePoint(point) : hex(point)
}

function hex(point: number): string {
  if (point <= 0xff) return `\\x${point.toString(16).toUpperCase().padStart(2, '0')}`
  if (point <= 0xffff) return `\\u${point.toString(16).toUpperCase().padStart(4, '0')}`
  return `\\U${point.toString(16).toUpperCase().padStart(8, '0')}`
}
