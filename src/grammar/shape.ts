/**
 * Shapes: a schema as a list of ways to write a value, each of one kind, any of which will do.
 *
 * ```
 * { "type": ["integer", "null"], "minimum": 3 }   →   number from 3, integer · the literal null
 * ```
 *
 * What it gives: the types, and what is in two shapes at once. What it does not give: how a schema
 * becomes shapes (`shapes.ts`) or how a shape becomes text.
 *
 * @packageDocumentation
 */
import { identityOf, type JsonValue } from './json-value.ts'
import { isEmptyRange, numbersInBoth, type NumberRange } from './number-range.ts'
import type { SchemaNode } from './schema-node.ts'

export interface LiteralShape {
  readonly kind: 'literal'
  readonly value: JsonValue
}

export interface NumberShape {
  readonly kind: 'number'
  readonly range: NumberRange
}

export interface StringShape {
  readonly kind: 'string'
  /** In code points; `max` may be Infinity. */
  readonly min: number
  readonly max: number
  /** Sorted, distinct; all must be found. */
  readonly patterns: readonly string[]
}

export interface ArrayLayer {
  readonly prefix: readonly SchemaNode[]
  /** What follows the prefix; undefined: anything. */
  readonly rest: SchemaNode | undefined
}

export interface ArrayShape {
  readonly kind: 'array'
  readonly min: number
  readonly max: number
  /** From one schema each; all must hold. */
  readonly layers: readonly ArrayLayer[]
}

export interface ObjectLayer {
  readonly properties: ReadonlyMap<string, SchemaNode>
  readonly patterns: ReadonlyMap<string, SchemaNode>
  /** For names that the two above do not cover; undefined: nothing was said. */
  readonly additional: SchemaNode | undefined
  /** What every name must be; undefined: nothing was said. */
  readonly names: SchemaNode | undefined
}

export interface ObjectShape {
  readonly kind: 'object'
  readonly required: ReadonlySet<string>
  readonly layers: readonly ObjectLayer[]
}

export type Shape = LiteralShape | NumberShape | StringShape | ArrayShape | ObjectShape

/** What is in both of two shapes of one kind (literals aside); null: nothing can be. */
export function inBoth(a: Shape, b: Shape): Shape | null {
  if (a.kind === 'number' && b.kind === 'number') {
    const range = numbersInBoth(a.range, b.range)
    return isEmptyRange(range) ? null : { kind: 'number', range }
  }
  if (a.kind === 'string' && b.kind === 'string') return stringInBoth(a, b)
  if (a.kind === 'array' && b.kind === 'array') {
    const min = Math.max(a.min, b.min)
    const max = Math.min(a.max, b.max)
    return min > max ? null : { kind: 'array', min, max, layers: [...a.layers, ...b.layers] }
  }
  if (a.kind === 'object' && b.kind === 'object') {
    const required = new Set([...a.required, ...b.required])
    return { kind: 'object', required, layers: [...a.layers, ...b.layers] }
  }
  return null
}

function stringInBoth(a: StringShape, b: StringShape): StringShape | null {
  const min = Math.max(a.min, b.min)
  const max = Math.min(a.max, b.max)
  const patterns = [...new Set([...a.patterns, ...b.patterns])].sort()
  return min > max ? null : { kind: 'string', min, max, patterns }
}

/** One text for shapes that are the same by construction. */
export function shapeKey(shape: Shape): string {
  switch (shape.kind) {
    case 'literal':
      return identityOf(shape.value)
    case 'number':
      return `number ${Object.values(shape.range).join()}`
    case 'string':
      return `string ${JSON.stringify([shape.min, shape.max, shape.patterns])}`
    case 'array':
      return `array ${shape.min} ${shape.max} ${shape.layers.map(arrayLayerKey).join(' ')}`
    case 'object': {
      const required = JSON.stringify([...shape.required])
      return `object ${required} ${shape.layers.map(objectLayerKey).join(' ')}`
    }
  }
}

function arrayLayerKey({ prefix, rest }: ArrayLayer): string {
  return `${prefix.map((node) => node.id).join()}:${rest?.id ?? ''}`
}

function objectLayerKey({ properties, patterns, additional, names }: ObjectLayer): string {
  const members = [...properties.values(), ...patterns.values()].map((node) => node.id)
  return `${members.join()}:${additional?.id ?? ''}:${names?.id ?? ''}`
}
