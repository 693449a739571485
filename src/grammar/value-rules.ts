/**
 * Values as rules: each state of a schema becomes one rule, arrays and objects with what is in them.
 *
 * ```
 * {"name":"…","age":7}     members in the schema's order, at most one space after `:` and `,`
 * ```
 *
 * @packageDocumentation
 */
import { isEmpty } from './automaton-states.ts'
import { jsonText } from './json-value.ts'
import { anyJsonRule, spaceRule } from './json-rules.ts'
import { numberRule } from './number-rules.ts'
import type { ArrayPlan, ObjectPlan, Plan } from './plan.ts'
import { literal, type RuleBook } from './rules.ts'
import type { Conjunction, Shapes } from './shapes.ts'
import type { States } from './states.ts'
import { automatonRule, stringRule, textChoice } from './string-rules.ts'

export class ValueRules {
  readonly #states: States
  readonly #shapes: Shapes
  readonly #book: RuleBook
  readonly #names = new Map<string, string>()
  #anyJson: string | undefined

  constructor(states: States, shapes: Shapes, book: RuleBook) {
    this.#states = states
    this.#shapes = shapes
    this.#book = book
    for (const { conjunction } of states.all) {
      if (states.lives(conjunction)) this.#names.set(conjunction.key, book.reserve())
    }
    for (const { conjunction, plans } of states.all) {
      const name = this.#names.get(conjunction.key)
      if (name !== undefined) book.define(name, this.#value(plans))
    }
  }

  /** The symbol of a conjunction that lives. */
  symbolOf(conjunction: Conjunction): string {
    const own = this.#names.get(conjunction.key)
    if (own !== undefined) return own
    this.#anyJson ??= anyJsonRule(this.#book)
    return this.#anyJson
  }

  #value(plans: readonly Plan[]): string {
    const texts = plans
      .filter((plan) => plan.kind === 'literal')
      .map(({ value }) => jsonText(value))
    const ways = plans.filter((plan) => plan.kind !== 'literal').map((plan) => this.#plan(plan))
    if (texts.length > 0) ways.unshift(textChoice(texts, this.#book))
    return ways.join(' | ')
  }

  #plan(plan: Exclude<Plan, { kind: 'literal' }>): string {
    switch (plan.kind) {
      case 'number':
        return numberRule(plan.range, this.#book)
      case 'string':
        return stringRule(plan, this.#shapes.languages, this.#book)
      case 'array':
        return this.#array(plan)
      case 'object':
        return this.#object(plan)
    }
  }

  #array(plan: ArrayPlan): string {
    const max = this.#states.longestArray(plan)
    if (max === 0) return '"[]"'
    const item = (index: number) => this.symbolOf(plan.prefix[index] ?? plan.rest)
    // From the end: what may follow when so many items have been written.
    const written = Math.max(1, Math.min(plan.prefix.length, max))
    let tail = this.#moreItems(plan, written, max)
    for (let index = written - 1; index >= 1; index--) {
      const more = `"," ${spaceRule(this.#book)} ${item(index)} ${tail}`
      tail = index >= plan.min ? this.#book.rule(`"]" | ${more}`) : more
    }
    const filled = `${item(0)} ${tail}`
    return plan.min > 0 ? `"[" ${filled}` : `"[" ${this.#book.rule(`"]" | ${filled}`)}`
  }

  /** The items behind the prefix, and the end. */
  #moreItems(plan: ArrayPlan, written: number, max: number): string {
    if (max === written) return '"]"'
    const more = this.#book.rule(`"," ${spaceRule(this.#book)} ${this.symbolOf(plan.rest)}`)
    const repeated = this.#book.repeat(more, Math.max(0, plan.min - written), max - written)
    return `${repeated} "]"`
  }

  #object(plan: ObjectPlan): string {
    const space = spaceRule(this.#book)
    const members = plan.members.filter(({ value }) => this.#states.lives(value))
    const other = this.#otherMember(plan)
    const more = other === null ? '' : `${this.#book.rule(`"," ${space} ${other}`)}* `
    // From the end: what may follow behind the members from here on, and what may come first.
    let rest = `${more}"}"`
    let firsts = other === null ? ['"}"'] : [`${other} ${rest}`, '"}"']
    for (const { name, isRequired, value } of [...members].reverse()) {
      const member = `${literal(`${JSON.stringify(name)}:`)} ${space} ${this.symbolOf(value)}`
      const first = `${member} ${this.#shared(rest)}`
      firsts = isRequired ? [first] : [first, ...firsts]
      const next = `"," ${space} ${first}`
      rest = isRequired ? next : this.#book.rule(`${next} | ${this.#shared(rest)}`)
    }
    return `"{" ${this.#book.choice(firsts)}`
  }

  /** A symbol where a text would stand twice. */
  #shared(expression: string): string {
    return expression.length < 8 ? expression : this.#book.rule(expression)
  }

  /** A member with a name that is none of the named ones; null: there is none. */
  #otherMember({ others }: ObjectPlan): string | null {
    if (others === null) return null
    const names = this.#shapes.languages.relabelled(others.names, (label) => {
      const value = others.values.get(label)
      return value !== undefined && this.#states.lives(value) ? label : null
    })
    if (isEmpty(names)) return null
    const space = spaceRule(this.#book)
    const endOf = (label: number) => {
      const value = others.values.get(label)
      return value === undefined ? '' : `"\\":" ${space} ${this.symbolOf(value)}`
    }
    return this.#book.rule(`"\\"" ${automatonRule(names, endOf, this.#book)}`)
  }
}
