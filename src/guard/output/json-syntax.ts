/**
 * Which sign may come next in a JSON document, and at which place of it.
 *
 * What it gives: a document read sign by sign, in memory that grows with its depth only. What it
 * does not give: strings and literals from the inside; json-redactor.ts reads those.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { MaskPlace } from './mask-place.ts'

type Expected =
  'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing'

interface Level {
  readonly is: 'object' | 'array'
  readonly place: MaskPlace
  /** Where the member's value stands. */
  member: MaskPlace
  index: number
}

export class JsonSyntax {
  readonly #root: MaskPlace
  readonly #levels: Level[] = []
  #expected: Expected = 'value'

  constructor(root: MaskPlace) {
    this.#root = root
  }

  get isWhole(): boolean {
    return this.#expected === 'nothing'
  }

  /** Whether a string that begins now is the name of a member. */
  get isAtName(): boolean {
    return this.#expected === 'name' || this.#expected === 'name or end'
  }

  /** Of the value that comes next; of the object, when a name comes next. */
  get place(): MaskPlace {
    const level = this.#levels.at(-1)
    if (level === undefined) return this.#root
    return this.isAtName ? level.place : level.member
  }

  /** @throws Fault `ENGINE_BUG` for a sign that cannot stand here. */
  sign(sign: string): void {
    if (sign === '{' || sign === '[') this.#open(sign === '{' ? 'object' : 'array')
    else if (sign === '}' || sign === ']') this.#close(sign === '}' ? 'object' : 'array')
    else if (sign === ',') this.#comma()
    else if (sign === ':' && this.#expected === 'colon') this.#expected = 'value'
    else throw notJson()
  }

  name(name: string): void {
    const level = this.#levels.at(-1)
    if (level === undefined || !this.isAtName) throw notJson()
    level.member = level.place.property(name)
    this.#expected = 'colon'
  }

  /** A string or a literal, whole. */
  value(): void {
    this.assertValue()
    this.#endValue()
  }

  assertValue(): void {
    if (this.#expected !== 'value' && this.#expected !== 'value or end') throw notJson()
  }

  #open(is: Level['is']): void {
    this.assertValue()
    const { place } = this
    this.#levels.push({ is, place, member: place.item(0), index: 0 })
    this.#expected = is === 'object' ? 'name or end' : 'value or end'
  }

  #close(is: Level['is']): void {
    const isEmpty = this.#expected === (is === 'object' ? 'name or end' : 'value or end')
    if (!isEmpty && this.#expected !== 'comma or end') throw notJson()
    if (this.#levels.pop()?.is !== is) throw notJson()
    this.#endValue()
  }

  #comma(): void {
    const level = this.#levels.at(-1)
    if (level === undefined || this.#expected !== 'comma or end') throw notJson()
    this.#expected = level.is === 'object' ? 'name' : 'value'
    if (level.is === 'array') level.member = level.place.item(++level.index)
  }

  #endValue(): void {
    this.#expected = this.#levels.length === 0 ? 'nothing' : 'comma or end'
  }
}

export function notJson(): Fault {
  return new Fault('ENGINE_BUG', 'the engine promised JSON and sent something else')
}
