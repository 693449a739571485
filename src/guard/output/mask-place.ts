/**
 * Where in a JSON document a mask may stand: anywhere, or where a schema leaves a string its freedom.
 *
 * ```
 * schemaPlace({ properties: { to: { format: 'email' }, note: {} } }).property('to').takesMask // false
 * ```
 *
 * What it gives: never `true` for a place whose string the schema says anything about. What it does
 * not give: the finest answer; of branches (`anyOf`) all are held, and what it does not know is held.
 *
 * @packageDocumentation
 */
export interface MaskPlace {
  /** Whether the string here may be replaced, in whole or in part. */
  readonly takesMask: boolean
  /** Whether a number here may become a string. */
  readonly takesText: boolean
  /** Whether the name of a member of the object here may be replaced. */
  readonly takesMaskedNames: boolean
  readonly property: (name: string) => MaskPlace
  readonly item: (index: number) => MaskPlace
}

/** For a document that only has to be JSON. */
export const ANYWHERE: MaskPlace = {
  takesMask: true,
  takesText: true,
  takesMaskedNames: true,
  property: () => ANYWHERE,
  item: () => ANYWHERE,
}

/** For a schema that is not understood, or looks at its strings as a whole. */
const NOWHERE: MaskPlace = {
  takesMask: false,
  takesText: false,
  takesMaskedNames: false,
  property: () => NOWHERE,
  item: () => NOWHERE,
}

/** @param schema - A value from JSON.parse, of the size that the grammar's compiler lets through. */
export function schemaPlace(schema: unknown): MaskPlace {
  return placeOf([schema], schema)
}

type Keywords = Readonly<Record<string, unknown>>

const OF_STRINGS = ['enum', 'const', 'pattern', 'format', 'minLength', 'maxLength']
const OF_NAMES = ['properties', 'patternProperties', 'propertyNames', 'required']
const BRANCHES = ['allOf', 'anyOf', 'oneOf']

/** What a place is known by. Whatever else a schema says is taken for something about its strings. */
const UNDERSTOOD = new Set([
  ...[...OF_STRINGS, ...OF_NAMES, ...BRANCHES],
  ...['type', '$ref', '$defs', 'definitions', '$schema', '$id', 'additionalProperties'],
  ...['prefixItems', 'items', 'minItems', 'maxItems', 'minimum', 'maximum'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'title', 'description', 'default'],
  ...['examples', '$comment', 'deprecated', 'readOnly', 'writeOnly', 'discriminator'],
])

/** They look at the values under them, and say nothing in this form. */
const INERT: Keywords = { uniqueItems: false, minProperties: 0 }

function placeOf(schemas: readonly unknown[], root: unknown): MaskPlace {
  const nodes = closureOf(schemas, root)
  if (nodes === null) return NOWHERE
  const lacks = (keywords: readonly string[]) =>
    nodes.every((node) => keywords.every((keyword) => isEmpty(node[keyword])))
  return {
    takesMask: lacks(OF_STRINGS),
    takesText: false,
    takesMaskedNames: lacks(OF_NAMES),
    property: (name) =>
      placeOf(
        nodes.flatMap((node) => propertySchemas(node, name)),
        root,
      ),
    item: (index) =>
      placeOf(
        nodes.flatMap((node) => itemSchemas(node, index)),
        root,
      ),
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (isObject(value) && Object.keys(value).length === 0)
}

/** The schemas that hold at one place together; null when one of them is not understood. */
function closureOf(schemas: readonly unknown[], root: unknown): Keywords[] | null {
  const seen = new Set<Keywords>()
  const waiting = [...schemas]
  for (let schema = waiting.pop(); schema !== undefined; schema = waiting.pop()) {
    if (schema === true) continue
    if (!isObject(schema) || !isUnderstood(schema)) return null
    if (seen.has(schema)) continue
    seen.add(schema)
    for (const keyword of BRANCHES) waiting.push(...listOf(schema[keyword]))
    if ('$ref' in schema) waiting.push(targetOf(schema.$ref, root) ?? null)
  }
  return [...seen]
}

function isUnderstood(node: Keywords): boolean {
  return Object.keys(node).every(
    (keyword) =>
      UNDERSTOOD.has(keyword) || keyword.startsWith('x-') || INERT[keyword] === node[keyword],
  )
}

function targetOf(ref: unknown, root: unknown): unknown {
  if (typeof ref !== 'string' || !ref.startsWith('#')) return undefined
  const names = decodeURIComponent(ref.slice(1)).split('/').slice(1)
  return names
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, name) => memberOf(value, name), root)
}

function propertySchemas(node: Keywords, name: string): unknown[] {
  const own = memberOf(node.properties, name)
  const patterns = isObject(node.patternProperties) ? Object.values(node.patternProperties) : []
  // Which pattern fits is not asked: all of them are held.
  return [own, node.additionalProperties, ...patterns].filter(isSchema)
}

function itemSchemas(node: Keywords, index: number): unknown[] {
  return [listOf(node.prefixItems)[index], node.items].filter(isSchema)
}

/** `false` lets nothing stand there, so it says nothing about what does. */
function isSchema(value: unknown): boolean {
  return value !== undefined && value !== false
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return listOf(value)[Number(name)]
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function isObject(value: unknown): value is Keywords {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
