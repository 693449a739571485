/**
 * Values and nodes of the Jinja library, which exports its interpreter but not their classes.
 *
 * @packageDocumentation
 */
import { Environment, type Node, type Value } from '@huggingface/jinja'

export function makeValue(content: unknown): Value {
  return new Environment().set('made', content)
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

/** A node whose value is compared, and so is seen as it was written. */
export class RevealedNode {
  readonly type = 'Revealed'
  readonly inner: Node | undefined
  constructor(inner: Node | undefined) {
    this.inner = inner
  }
}

/** A copy of the node with other fields; the interpreter asks only for `type`. */
export function withFields(node: Node, fields: Record<string, unknown>): Node {
  return { ...node, ...fields }
}
