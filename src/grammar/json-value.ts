/**
 * JSON values as the schema's author wrote them: the check at the wall, equality, canonical text.
 *
 * @packageDocumentation
 */
export type JsonValue = null | boolean | number | string | JsonArray | JsonObject
export type JsonArray = readonly JsonValue[]
export interface JsonObject {
  readonly [name: string]: JsonValue
}

export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export function isJsonArray(value: JsonValue): value is JsonArray {
  return Array.isArray(value)
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A plain object of JSON.parse, or undefined. */
export function recordOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(Object.entries(value))
}

/** Why a value cannot be said in JSON text that every reader understands alike; null when it can. */
export function flawOf(
  value: unknown,
  depth: number,
  count: (nodes: number) => void,
): string | null {
  count(1)
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'a number without an end'
  if (typeof value === 'string') return value.isWellFormed() ? null : 'a lone surrogate'
  if (typeof value !== 'object') return 'not a JSON value'
  if (depth === 0) return 'nested too deep'
  for (const [name, member] of Object.entries(value)) {
    if (!name.isWellFormed()) return 'a lone surrogate'
    const flaw = flawOf(member, depth - 1, count)
    if (flaw !== null) return flaw
  }
  return null
}

/** Compact text with the members in their own order; -0 is 0. */
export function jsonText(value: JsonValue): string {
  return JSON.stringify(value)
}

/** One text for equal values: members sorted by name. */
export function identityOf(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map((item) => identityOf(item)).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${identityOf(member)}`,
  )
  return `{${members.sort().join(',')}}`
}

/** @returns The length in Unicode code points, as `minLength` counts. */
export function codePointsIn(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; count++) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1
  }
  return count
}
