/**
 * A schema after the wall: every keyword read, checked, and given its type.
 *
 * @packageDocumentation
 */
import type { JsonKind, JsonValue } from './json-value.ts'

export interface NumberBounds {
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

export interface SchemaNode extends NumberBounds {
  /** Distinct within one compilation. */
  readonly id: number
  /** JSON pointer as a URI fragment. */
  readonly pointer: string
  /** The schema `false`. */
  readonly never?: true
  readonly types?: ReadonlySet<JsonKind | 'integer'>
  /** Of `enum` or `const`; with both, what is in both. */
  readonly values?: readonly JsonValue[]
  /** JSON pointer, decoded: where the schema is that must hold too. */
  readonly ref?: string
  readonly allOf?: readonly SchemaNode[]
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly properties?: ReadonlyMap<string, SchemaNode>
  readonly patternProperties?: ReadonlyMap<string, SchemaNode>
  readonly additionalProperties?: SchemaNode
  readonly propertyNames?: SchemaNode
  readonly required?: readonly string[]
  readonly prefixItems?: readonly SchemaNode[]
  readonly items?: SchemaNode
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
}

/** A mutable node, while its keywords are being read. */
export type Draft = { -readonly [K in keyof SchemaNode]: SchemaNode[K] }

/** A schema as read: its root, and every schema in it by its decoded JSON pointer. */
export interface ParsedSchema {
  readonly root: SchemaNode
  readonly byPointer: ReadonlyMap<string, SchemaNode>
}

/** Whether a node holds for every value, so that it need not be looked at. */
export function isAlways(node: SchemaNode): boolean {
  return Object.keys(node).every((key) => key === 'id' || key === 'pointer')
}
