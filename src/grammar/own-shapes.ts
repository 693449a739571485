/**
 * What one schema node says by itself, without the schemas it refers to: its type and the keywords
 * of each kind of value.
 *
 * @packageDocumentation
 */
import { FORMATS, REFUSED_FORMATS } from './formats.ts'
import { SchemaFault, type GrammarLimits } from './limits.ts'
import { checkedRange } from './number-digits.ts'
import { ALL_NUMBERS, isEmptyRange, numbersInBoth, type NumberRange } from './number-range.ts'
import { PatternFlaw } from './pattern-reader.ts'
import type { SchemaNode } from './schema-node.ts'
import type { Shape } from './shape.ts'
import { parsePattern } from './string-pattern.ts'

export function flawAt(node: SchemaNode, keyword: string, reason: string): SchemaFault {
  return new SchemaFault(keyword, node.pointer, reason)
}

/** @throws SchemaFault for bounds above the limits, and formats that no grammar can hold. */
export function ownShapes(node: SchemaNode, limits: GrammarLimits): Shape[] {
  const { types } = node
  const has = (type: 'null' | 'boolean' | 'string' | 'array' | 'object') =>
    types === undefined || types.has(type)
  const shapes: Shape[] = []
  if (has('object')) shapes.push(objectShape(node))
  if (has('array')) shapes.push(...arrayShapes(node, limits))
  if (has('string')) shapes.push(...stringShapes(node, limits))
  shapes.push(...numberShapes(node))
  if (has('boolean'))
    shapes.push({ kind: 'literal', value: true }, { kind: 'literal', value: false })
  if (has('null')) shapes.push({ kind: 'literal', value: null })
  return shapes
}

function objectShape(node: SchemaNode): Shape {
  for (const source of node.patternProperties?.keys() ?? []) {
    checkPattern(node, 'patternProperties', source)
  }
  const layer = {
    properties: node.properties ?? new Map<string, SchemaNode>(),
    patterns: node.patternProperties ?? new Map<string, SchemaNode>(),
    additional: node.additionalProperties,
    names: node.propertyNames,
  }
  const says =
    layer.properties.size + layer.patterns.size > 0 ||
    layer.additional !== undefined ||
    layer.names !== undefined
  return { kind: 'object', required: new Set(node.required), layers: says ? [layer] : [] }
}

function bounded(node: SchemaNode, keyword: CountKeyword, limits: GrammarLimits): number {
  const value = node[keyword] ?? (keyword.startsWith('min') ? 0 : Infinity)
  if (value === Infinity || value <= limits.repetitions) return value
  throw flawAt(node, keyword, `above ${limits.repetitions}, the most that is counted`)
}

type CountKeyword = 'minItems' | 'maxItems' | 'minLength' | 'maxLength'

function arrayShapes(node: SchemaNode, limits: GrammarLimits): Shape[] {
  const min = bounded(node, 'minItems', limits)
  const max = bounded(node, 'maxItems', limits)
  if (min > max) return []
  const says = node.prefixItems !== undefined || node.items !== undefined
  const layers = says ? [{ prefix: node.prefixItems ?? [], rest: node.items }] : []
  return [{ kind: 'array', min, max, layers }]
}

function stringShapes(node: SchemaNode, limits: GrammarLimits): Shape[] {
  const min = bounded(node, 'minLength', limits)
  const max = bounded(node, 'maxLength', limits)
  if (node.pattern !== undefined) checkPattern(node, 'pattern', node.pattern)
  const patterns = [node.pattern, formatPattern(node)].filter((pattern) => pattern !== undefined)
  return min > max ? [] : [{ kind: 'string', min, max, patterns: [...new Set(patterns)].sort() }]
}

const LONGEST_PATTERN_UNITS = 1_000

function checkPattern(node: SchemaNode, keyword: string, source: string): void {
  if (source.length > LONGEST_PATTERN_UNITS) {
    throw flawAt(node, keyword, `longer than ${LONGEST_PATTERN_UNITS} characters`)
  }
  try {
    parsePattern(source)
  } catch (error) {
    if (error instanceof PatternFlaw) throw flawAt(node, keyword, error.message)
    throw error
  }
}

function formatPattern(node: SchemaNode): string | undefined {
  const { format } = node
  if (format === undefined) return undefined
  if (REFUSED_FORMATS.has(format)) throw flawAt(node, 'format', `${format} is not supported`)
  return Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
}

function numberShapes(node: SchemaNode): Shape[] {
  const { types } = node
  const isNumber = types === undefined || types.has('number')
  if (!isNumber && !types.has('integer')) return []
  const bounds: NumberRange[] = [
    { ...ALL_NUMBERS, isInteger: !isNumber },
    { ...ALL_NUMBERS, low: node.minimum ?? -Infinity, high: node.maximum ?? Infinity },
    { ...ALL_NUMBERS, low: node.exclusiveMinimum ?? -Infinity, lowIsOut: true },
    { ...ALL_NUMBERS, high: node.exclusiveMaximum ?? Infinity, highIsOut: true },
  ]
  const range = bounds.reduce(numbersInBoth)
  const flaw = checkedRange(range)
  if (flaw !== null) throw flawAt(node, flaw.keyword, flaw.reason)
  return isEmptyRange(range) ? [] : [{ kind: 'number', range }]
}
