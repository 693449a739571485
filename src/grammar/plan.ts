/**
 * Shapes of arrays and objects with their members worked out: what stands where, in which order.
 *
 * @packageDocumentation
 */
import type { Automaton } from './automaton-states.ts'
import type {
  ArrayShape,
  LiteralShape,
  NumberShape,
  ObjectShape,
  Shape,
  StringShape,
} from './shape.ts'
import { NOWHERE, SchemaFault } from './limits.ts'
import type { SchemaNode } from './schema-node.ts'
import type { Conjunction, Shapes } from './shapes.ts'

/** What an object that names properties and says nothing of others is taken to mean. */
export type UnsaidProperties = 'allowed' | 'left out'

export interface MemberPlan {
  readonly name: string
  readonly isRequired: boolean
  readonly value: Conjunction
}

export interface ObjectPlan {
  readonly kind: 'object'
  /** In the order in which they are written: the schema's. */
  readonly members: readonly MemberPlan[]
  /** Names beside the members', labelled; and for each label what the values must be. */
  readonly others: {
    readonly names: Automaton
    readonly values: ReadonlyMap<number, Conjunction>
  } | null
}

export interface ArrayPlan {
  readonly kind: 'array'
  readonly min: number
  /** May be Infinity. */
  readonly max: number
  readonly prefix: readonly Conjunction[]
  /** Every item behind the prefix. */
  readonly rest: Conjunction
}

export type Plan = LiteralShape | NumberShape | StringShape | ArrayPlan | ObjectPlan

/** Their combinations are labels, so few go a long way. */
const MOST_PATTERNS = 16

/** The schema `false`, for a name that may not be. */
const NEVER: SchemaNode = { id: -2, pointer: '#', never: true }

export function planOf(shape: Shape, shapes: Shapes, unsaid: UnsaidProperties): Plan {
  if (shape.kind === 'array') return arrayPlan(shape, shapes)
  return shape.kind === 'object' ? objectPlan(shape, shapes, unsaid) : shape
}

/** The conjunctions of a plan, in no order. */
export function childrenOf(plan: Plan): readonly Conjunction[] {
  if (plan.kind === 'array') return [...plan.prefix, plan.rest]
  if (plan.kind !== 'object') return []
  return [...plan.members.map(({ value }) => value), ...(plan.others?.values.values() ?? [])]
}

function arrayPlan(shape: ArrayShape, shapes: Shapes): ArrayPlan {
  const { min, max } = shape
  const length = Math.max(0, ...shape.layers.map(({ prefix }) => prefix.length))
  const prefix = Array.from({ length }, (_, index) => shapes.itemOf(shape, index))
  return { kind: 'array', min, max, prefix, rest: shapes.itemOf(shape, length) }
}

function objectPlan(shape: ObjectShape, shapes: Shapes, unsaid: UnsaidProperties): ObjectPlan {
  const named = shape.layers.flatMap(({ properties }) => [...properties.keys()])
  const names = [...new Set([...named, ...shape.required])]
  const members = names.map((name) => {
    const isAllowed = shapes.accepts(shapes.namesOf(shape), name)
    const value = isAllowed ? shapes.memberOf(shape, name) : shapes.conjunction([NEVER])
    return { name, isRequired: shape.required.has(name), value }
  })
  return { kind: 'object', members, others: othersOf(shape, names, shapes, unsaid) }
}

function othersOf(
  shape: ObjectShape,
  names: readonly string[],
  shapes: Shapes,
  unsaid: UnsaidProperties,
): ObjectPlan['others'] {
  const { layers } = shape
  const patterns = [...new Set(layers.flatMap((layer) => [...layer.patterns.keys()]))]
  const isUnsaid = patterns.length === 0 && layers.every((layer) => layer.additional === undefined)
  const isNamed = layers.some((layer) => layer.properties.size > 0)
  if (isUnsaid && isNamed && unsaid === 'left out') return null
  // Without patterns every other name is alike, and the usual `false` needs no automaton.
  if (patterns.length === 0 && layers.some((layer) => layer.additional?.never === true)) return null
  if (patterns.length > MOST_PATTERNS) {
    const reason = `more than ${MOST_PATTERNS} for one object`
    throw new SchemaFault('patternProperties', NOWHERE, reason)
  }
  const other = shapes.languages.otherNames(names, allowedNames(shape, shapes), patterns)
  const values = new Map<number, Conjunction>()
  for (const { label } of other.states) {
    if (label === null || values.has(label)) continue
    const matching = new Set(patterns.filter((_, bit) => Math.floor(label / 2 ** bit) % 2 === 1))
    values.set(label, otherValue(shape, matching, shapes))
  }
  return { names: other, values }
}

/** What `propertyNames` leaves; null: every name. */
function allowedNames(
  shape: ObjectShape,
  shapes: Shapes,
): { key: string; names: Automaton } | null {
  const conjunction = shapes.namesOf(shape)
  if (conjunction.nodes.length === 0) return null
  const { languages } = shapes
  const ways = shapes.of(conjunction)
  const texts = ways.flatMap((way) =>
    way.kind === 'literal' && typeof way.value === 'string' ? [way.value] : [],
  )
  const strings = ways.filter((way) => way.kind === 'string').map((way) => languages.ofShape(way))
  return { key: conjunction.key, names: languages.inAny([languages.ofTexts(texts), ...strings]) }
}

/** What must hold for the value of a name that is no member's and matches these patterns. */
function otherValue(
  { layers }: ObjectShape,
  matching: ReadonlySet<string>,
  shapes: Shapes,
): Conjunction {
  return shapes.conjunction(
    layers.flatMap(({ patterns, additional }) => {
      const nodes = [...patterns].filter(([source]) => matching.has(source))
      return nodes.length > 0 ? nodes.map(([, node]) => node) : [additional]
    }),
  )
}
