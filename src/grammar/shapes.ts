/**
 * Schemas into shapes: `$ref`, `allOf`, `anyOf`, `oneOf`, `enum` and `const` are worked out here, so
 * that what is left is a list of shapes.
 *
 * A conjunction is a set of schemas that must all hold for one value: what `allOf` and `$ref` make
 * of the same property in two objects. Conjunctions are what grammar rules are made for; there are
 * finitely many, also in a schema that refers to itself.
 *
 * @packageDocumentation
 */
import { labelOfText } from './automaton-states.ts'
import { areApart } from './disjoint.ts'
import {
  codePointsIn,
  identityOf,
  isJsonArray,
  isJsonObject,
  type JsonValue,
} from './json-value.ts'
import { Languages } from './languages.ts'
import { placed, type Budget } from './limits.ts'
import { isInRange } from './number-range.ts'
import { flawAt, ownShapes } from './own-shapes.ts'
import { isAlways, type ParsedSchema, type SchemaNode } from './schema-node.ts'
import { inBoth, shapeKey, type ArrayShape, type ObjectShape, type Shape } from './shape.ts'

export interface Conjunction {
  readonly key: string
  /** Distinct, in the order of their ids; empty: anything holds. */
  readonly nodes: readonly SchemaNode[]
}

const LONGEST_CHAIN = 200

export class Shapes {
  readonly languages: Languages
  readonly budget: Budget
  readonly #schema: ParsedSchema
  readonly #byNode = new Map<number, readonly Shape[]>()
  readonly #byKey = new Map<string, readonly Shape[]>()
  /** Nodes whose shapes are being worked out: meeting one again is a loop that eats nothing. */
  readonly #open = new Set<number>()

  constructor(schema: ParsedSchema, budget: Budget) {
    this.#schema = schema
    this.budget = budget
    this.languages = new Languages(budget)
  }

  conjunction(nodes: readonly (SchemaNode | undefined)[]): Conjunction {
    const distinct = new Map<number, SchemaNode>()
    for (const node of nodes) {
      if (node !== undefined && !isAlways(node)) distinct.set(node.id, node)
    }
    const sorted = [...distinct.values()].sort((a, b) => a.id - b.id)
    this.budget.spend(sorted.length + 1)
    return { key: sorted.map((node) => node.id).join(), nodes: sorted }
  }

  /** Any of the shapes will do; none: no value does. */
  of(conjunction: Conjunction): readonly Shape[] {
    const known = this.#byKey.get(conjunction.key)
    if (known !== undefined) return known
    const [first, ...others] = conjunction.nodes.map((node) => this.#ofNode(node))
    const shapes = others.reduce<readonly Shape[]>(
      (all, more) => this.#inAll(all, more, conjunction.nodes[0]),
      first ?? this.#anything(),
    )
    this.#byKey.set(conjunction.key, shapes)
    return shapes
  }

  #anything(): readonly Shape[] {
    return ownShapes({ id: -1, pointer: '#' }, this.budget.limits)
  }

  /** Whether a part of it is being worked out further up, so that asking for it would go round. */
  isOpen(conjunction: Conjunction): boolean {
    return conjunction.nodes.some((node) => this.#open.has(node.id))
  }

  #ofNode(node: SchemaNode): readonly Shape[] {
    const known = this.#byNode.get(node.id)
    if (known !== undefined) return known
    if (this.#open.has(node.id)) {
      throw flawAt(node, '$ref', 'leads back to itself with no object or array in between')
    }
    if (this.#open.size >= LONGEST_CHAIN) {
      throw flawAt(node, '$ref', `more than ${LONGEST_CHAIN} schemas refer to each other in a row`)
    }
    this.#open.add(node.id)
    const shapes = node.never === true ? [] : placed(node.pointer, () => this.#expanded(node))
    this.#open.delete(node.id)
    this.#byNode.set(node.id, shapes)
    return shapes
  }

  #expanded(node: SchemaNode): readonly Shape[] {
    const { budget } = this
    budget.spend(20)
    let shapes: readonly Shape[] = ownShapes(node, budget.limits)
    for (const part of [this.#target(node), ...(node.allOf ?? [])]) {
      if (part !== undefined) shapes = this.#inAll(shapes, this.#ofNode(part), node)
    }
    if (node.values !== undefined) shapes = this.#literals(node.values, shapes)
    if (node.anyOf !== undefined) {
      shapes = this.#inAll(
        shapes,
        this.#union(
          node.anyOf.map((part) => this.#ofNode(part)),
          node,
        ),
        node,
      )
    }
    return node.oneOf === undefined ? shapes : this.#oneOf(node, node.oneOf, shapes)
  }

  #target(node: SchemaNode): SchemaNode | undefined {
    if (node.ref === undefined) return undefined
    const target = this.#schema.byPointer.get(node.ref)
    if (target === undefined) throw flawAt(node, '$ref', 'points at no schema')
    return target
  }

  /** Exactly one branch may hold, and a grammar cannot count: so no value may be in two of them. */
  #oneOf(node: SchemaNode, parts: readonly SchemaNode[], base: readonly Shape[]): readonly Shape[] {
    const branches = parts.map((part) => this.#inAll(base, this.#ofNode(part), node))
    branches.forEach((branch, index) => {
      for (const other of branches.slice(index + 1)) {
        if (areApart(branch, other, this)) continue
        throw flawAt(
          node,
          'oneOf',
          'a value may be in two branches; say anyOf, or tell them apart by a required property with different values',
        )
      }
    })
    return this.#union(branches, node)
  }

  #literals(values: readonly JsonValue[], shapes: readonly Shape[]): readonly Shape[] {
    const distinct = new Map(values.map((value) => [identityOf(value), value]))
    return [...distinct.values()]
      .filter((value) => shapes.some((shape) => this.shapeAccepts(shape, value)))
      .map((value) => ({ kind: 'literal', value }))
  }

  #union(branches: readonly (readonly Shape[])[], node: SchemaNode): readonly Shape[] {
    return this.#distinct(branches.flat(), node)
  }

  #inAll(a: readonly Shape[], b: readonly Shape[], node?: SchemaNode): readonly Shape[] {
    this.budget.spend(a.length * b.length)
    const shapes = a.flatMap((left) => b.map((right) => this.#inTwo(left, right)))
    return this.#distinct(
      shapes.filter((shape) => shape !== null),
      node,
    )
  }

  #inTwo(a: Shape, b: Shape): Shape | null {
    if (a.kind === 'literal') return this.shapeAccepts(b, a.value) ? a : null
    if (b.kind === 'literal') return this.shapeAccepts(a, b.value) ? b : null
    return inBoth(a, b)
  }

  #distinct(shapes: readonly Shape[], node?: SchemaNode): readonly Shape[] {
    const distinct = [...new Map(shapes.map((shape) => [shapeKey(shape), shape])).values()]
    // Values stand in a list of their own and cost little.
    const count = distinct.filter((shape) => shape.kind !== 'literal').length
    const most = this.budget.limits.alternatives
    if (count <= most) return distinct
    throw flawAt(node ?? { id: -1, pointer: '#' }, '', `more than ${most} ways to read one value`)
  }

  /** Whether a value is valid. */
  accepts(conjunction: Conjunction, value: JsonValue): boolean {
    this.budget.spend(5)
    if (conjunction.nodes.length === 0) return true
    return this.of(conjunction).some((shape) => this.shapeAccepts(shape, value))
  }

  shapeAccepts(shape: Shape, value: JsonValue): boolean {
    this.budget.spend(2)
    if (shape.kind === 'literal') return identityOf(shape.value) === identityOf(value)
    if (typeof value === 'number') return shape.kind === 'number' && isInRange(shape.range, value)
    if (typeof value === 'string') {
      if (shape.kind !== 'string') return false
      const length = codePointsIn(value)
      this.budget.spend(value.length)
      return (
        length >= shape.min &&
        length <= shape.max &&
        shape.patterns.every((source) => this.#matches(source, value))
      )
    }
    if (isJsonArray(value)) return shape.kind === 'array' && this.#arrayAccepts(shape, value)
    return isJsonObject(value) && shape.kind === 'object' && this.#objectAccepts(shape, value)
  }

  #matches(pattern: string, text: string): boolean {
    return labelOfText(this.languages.ofPattern(pattern), text) !== null
  }

  #arrayAccepts(shape: ArrayShape, items: readonly JsonValue[]): boolean {
    if (items.length < shape.min || items.length > shape.max) return false
    return items.every((item, index) => this.accepts(this.itemOf(shape, index), item))
  }

  #objectAccepts(shape: ObjectShape, value: Readonly<Record<string, JsonValue>>): boolean {
    if (![...shape.required].every((name) => Object.hasOwn(value, name))) return false
    return Object.entries(value).every(
      ([name, member]) =>
        this.accepts(this.namesOf(shape), name) && this.accepts(this.memberOf(shape, name), member),
    )
  }

  /** What must hold for the item at an index, counted from 0. */
  itemOf(shape: ArrayShape, index: number): Conjunction {
    return this.conjunction(shape.layers.map(({ prefix, rest }) => prefix[index] ?? rest))
  }

  /** What must hold for every name. */
  namesOf(shape: ObjectShape): Conjunction {
    return this.conjunction(shape.layers.map(({ names }) => names))
  }

  /** What must hold for the member of a name that is allowed. */
  memberOf(shape: ObjectShape, name: string): Conjunction {
    return this.conjunction(
      shape.layers.flatMap(({ properties, patterns, additional }) => {
        const own = properties.get(name)
        const matching = [...patterns].filter(([source]) => this.#matches(source, name))
        const nodes = [...(own === undefined ? [] : [own]), ...matching.map(([, node]) => node)]
        return nodes.length > 0 ? nodes : [additional]
      }),
    )
  }
}
