/**
 * The keywords: which are read and how, which say nothing about a value. Every other is refused.
 * docs/spec/grammar.md has the same table in words, and a test compares the two.
 *
 * @packageDocumentation
 */
import { flawOf, identityOf, type JsonKind, type JsonValue } from './json-value.ts'
import type { SchemaFault } from './limits.ts'
import type { Draft, SchemaNode } from './schema-node.ts'

/** Where a keyword stands. */
export interface Place {
  readonly draft: Draft
  readonly depthLeft: number
  flaw(keyword: string, reason: string): SchemaFault
  /** Reads the schema that stands under these names, from here. */
  child(value: unknown, ...names: string[]): SchemaNode
  /** Counts a value against the limit. */
  count(): void
}

/** They say nothing about which values are valid. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  '$comment',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
  // OpenAPI's hint at which branch of oneOf to look at first.
  'discriminator',
])

export const DIALECTS: ReadonlyMap<string, 'ref has neighbours' | 'ref stands alone'> = new Map([
  ['https://json-schema.org/draft/2020-12/schema', 'ref has neighbours'],
  ['https://json-schema.org/draft/2019-09/schema', 'ref has neighbours'],
  ['http://json-schema.org/draft-07/schema', 'ref stands alone'],
  ['http://json-schema.org/draft-06/schema', 'ref stands alone'],
])

type Reader = (place: Place, value: unknown) => void

const TYPES: readonly (JsonKind | 'integer')[] = [
  'null',
  'boolean',
  'number',
  'integer',
  'string',
  'array',
  'object',
]

function readType(place: Place, value: unknown): void {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value]
  const types = TYPES.filter((type) => names.includes(type))
  if (names.length === 0 || types.length !== names.length) {
    throw place.flaw('type', 'wants a type of JSON, or a list of different ones')
  }
  place.draft.types = new Set(types)
}

function isJson(value: unknown, keyword: string, place: Place): value is JsonValue {
  const flaw = flawOf(value, place.depthLeft, () => {
    place.count()
  })
  if (flaw !== null) throw place.flaw(keyword, flaw)
  return true
}

function addValues(place: Place, values: readonly JsonValue[]): void {
  const before = place.draft.values
  const known = new Set(values.map(identityOf))
  place.draft.values = before?.filter((value) => known.has(identityOf(value))) ?? values
}

function readEnum(place: Place, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0)
    throw place.flaw('enum', 'wants a list of values')
  const items: readonly unknown[] = value
  addValues(
    place,
    items.filter((item) => isJson(item, 'enum', place)),
  )
}

function readConst(place: Place, value: unknown): void {
  if (isJson(value, 'const', place)) addValues(place, [value])
}

function readRef(place: Place, value: unknown): void {
  if (typeof value !== 'string' || !/^#(\/|$)/.test(value)) {
    throw place.flaw('$ref', 'only a JSON pointer into the same schema: "#/$defs/NAME"')
  }
  try {
    place.draft.ref = decodeURIComponent(value.slice(1))
  } catch {
    throw place.flaw('$ref', 'wrong percent-encoding')
  }
}

function listReader(keyword: 'allOf' | 'anyOf' | 'oneOf' | 'prefixItems'): Reader {
  return (place, value) => {
    if (!Array.isArray(value) || value.length === 0) {
      throw place.flaw(keyword, 'wants a list of schemas')
    }
    const items: readonly unknown[] = value
    place.draft[keyword] = items.map((item, index) => place.child(item, keyword, String(index)))
  }
}

function mapReader(keyword: 'properties' | 'patternProperties' | '$defs' | 'definitions'): Reader {
  return (place, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw place.flaw(keyword, 'wants an object of schemas')
    }
    const nodes = new Map<string, SchemaNode>()
    for (const [name, member] of Object.entries(value)) {
      if (!name.isWellFormed()) throw place.flaw(keyword, 'a lone surrogate in a name')
      nodes.set(name, place.child(member, keyword, name))
    }
    if (keyword === 'properties' || keyword === 'patternProperties') place.draft[keyword] = nodes
  }
}

function schemaReader(keyword: 'items' | 'additionalProperties' | 'propertyNames'): Reader {
  return (place, value) => {
    if (Array.isArray(value))
      throw place.flaw(keyword, 'a list of schemas is called prefixItems now')
    place.draft[keyword] = place.child(value, keyword)
  }
}

function readRequired(place: Place, value: unknown): void {
  const names: readonly unknown[] = Array.isArray(value) ? value : [undefined]
  const texts = names.filter((name) => typeof name === 'string')
  if (texts.length !== names.length || new Set(texts).size !== texts.length) {
    throw place.flaw('required', 'wants a list of different names')
  }
  if (!texts.every((name) => name.isWellFormed())) throw place.flaw('required', 'a lone surrogate')
  texts.forEach(() => {
    place.count()
  })
  place.draft.required = texts
}

function countReader(keyword: 'minItems' | 'maxItems' | 'minLength' | 'maxLength'): Reader {
  return (place, value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw place.flaw(keyword, 'wants a whole number from 0')
    }
    place.draft[keyword] = value
  }
}

function numberReader(
  keyword: 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum',
): Reader {
  return (place, value) => {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw place.flaw(keyword, 'wants a number')
    place.draft[keyword] = value
  }
}

function textReader(keyword: 'pattern' | 'format'): Reader {
  return (place, value) => {
    if (typeof value !== 'string') throw place.flaw(keyword, 'wants a string')
    place.draft[keyword] = value
  }
}

/** Refused, but for the one value that says nothing. */
function inertReader(keyword: string, inert: unknown): Reader {
  return (place, value) => {
    if (value !== inert) throw place.flaw(keyword, `not supported, other than ${String(inert)}`)
  }
}

export const READERS: Readonly<Record<string, Reader>> = {
  type: readType,
  enum: readEnum,
  const: readConst,
  $ref: readRef,
  $defs: mapReader('$defs'),
  definitions: mapReader('definitions'),
  allOf: listReader('allOf'),
  anyOf: listReader('anyOf'),
  oneOf: listReader('oneOf'),
  properties: mapReader('properties'),
  patternProperties: mapReader('patternProperties'),
  additionalProperties: schemaReader('additionalProperties'),
  propertyNames: schemaReader('propertyNames'),
  required: readRequired,
  prefixItems: listReader('prefixItems'),
  items: schemaReader('items'),
  minItems: countReader('minItems'),
  maxItems: countReader('maxItems'),
  uniqueItems: inertReader('uniqueItems', false),
  minProperties: inertReader('minProperties', 0),
  minLength: countReader('minLength'),
  maxLength: countReader('maxLength'),
  pattern: textReader('pattern'),
  format: textReader('format'),
  minimum: numberReader('minimum'),
  maximum: numberReader('maximum'),
  exclusiveMinimum: numberReader('exclusiveMinimum'),
  exclusiveMaximum: numberReader('exclusiveMaximum'),
}
