/**
 * Values and nodes of the Jinja library, which exports its interpreter but not their classes.
 *
 * @packageDocumentation
 */
import { Environment, type Node, type Value } from '@huggingface/jinja'

export function makeValue(content: unknown): Value {
  return new Environment().set('made', content)
}

/** An object whose keys keep their order, integer-like ones too. */
export function makeMap(entries: Iterable<readonly [string, Value]>): Value {
  return Object.assign(makeValue({}), { value: new Map(entries) })
}

export function makeArray(items: readonly Value[]): Value {
  return Object.assign(makeValue([]), { value: items })
}

/** A number that is a whole one in JavaScript, and a float to the template. */
export function makeFloat(number: number): Value {
  return Object.assign(makeValue(0.5), { value: number })
}

const ARRAYS = ['ArrayValue', 'TupleValue']
const MAPS = ['ObjectValue', 'KeywordArgumentsValue']

export function stringIn(value: Value): string | null {
  return value.type === 'StringValue' && typeof value.value === 'string' ? value.value : null
}

export function arrayIn(value: Value): readonly Value[] | null {
  return ARRAYS.includes(value.type) && Array.isArray(value.value) ? value.value : null
}

export function mapIn(value: Value): ReadonlyMap<string, Value> | null {
  return MAPS.includes(value.type) && value.value instanceof Map ? value.value : null
}

export function namespaceIn(value: Value): ReadonlyMap<string, Value> | null {
  return value.type === 'NamespaceValue' && value.value instanceof Map ? value.value : null
}

export function integerIn(value: Value): number | null {
  return value.type === 'IntegerValue' && typeof value.value === 'number' ? value.value : null
}

export function floatIn(value: Value): number | null {
  return value.type === 'FloatValue' && typeof value.value === 'number' ? value.value : null
}

export function booleanIn(value: Value): boolean | null {
  return value.type === 'BooleanValue' && typeof value.value === 'boolean' ? value.value : null
}

export function isAbsent(value: Value): boolean {
  return value.type === 'UndefinedValue' || value.type === 'NullValue'
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

export function fieldOf(node: Node, name: string): unknown {
  return Object.hasOwn(node, name) ? Reflect.get(node, name) : undefined
}

/** The node in the field, or undefined. */
export function nodeIn(node: Node, name: string): Node | undefined {
  const field = fieldOf(node, name)
  return isNode(field) ? field : undefined
}

export function nodesIn(node: Node, name: string): Node[] {
  const field = fieldOf(node, name)
  return Array.isArray(field) ? field.filter(isNode) : []
}

/** The text of a node's field; an operator's text lies in its token. */
export function textIn(node: Node, name: string): string {
  const field = fieldOf(node, name)
  if (typeof field === 'string') return field
  const inner: unknown = isNode(field) ? Reflect.get(field, 'value') : undefined
  return typeof inner === 'string' ? inner : ''
}

/** A node that has been evaluated already. */
export class GivenNode {
  readonly type = 'Given'
  readonly value: Value
  constructor(value: Value) {
    this.value = value
  }
}

/** A copy of the node with other fields; the interpreter asks only for `type`. */
export function withFields(node: Node, fields: Record<string, unknown>): Node {
  return { ...node, ...fields }
}
