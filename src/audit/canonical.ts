/**
 * Canonical JSON: RFC 8785, the JSON Canonicalization Scheme.
 *
 * One value has one text, so a hash of the text is a hash of the value: members sorted by the
 * UTF-16 units of their names, numbers as ECMAScript writes them, the fewest escapes, no space.
 * What it does not give: integers beyond 2^53 (JSON numbers are doubles here) and lone surrogates
 * (the RFC has no text for them); both are refused or cannot be told.
 *
 * Pure. Vectors: test/vectors/audit-canonical.json, written by scripts/audit/make-vectors.py.
 *
 * @packageDocumentation
 */

/**
 * The text of a JSON value. Members that are `undefined` are left out, as JSON.stringify does.
 *
 * @throws TypeError for what JSON cannot say: a bug of the caller, never a stranger's doing.
 */
export function canonicalize(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return canonicalNumber(value)
  if (typeof value === 'string') return canonicalString(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalize(item)).join(',')}]`
  if (typeof value === 'object') return canonicalObject(value)
  throw new TypeError(`JSON has no ${typeof value}`)
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('JSON has no infinite number and no NaN')
  // ECMAScript's Number::toString is what the RFC asks for; String(-0) is '0' there too.
  return String(value)
}

function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new TypeError('a lone surrogate has no canonical text')
  return JSON.stringify(value)
}

function canonicalObject(value: object): string {
  // Array.prototype.sort without a comparer orders by UTF-16 units, as the RFC does.
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]): [string, unknown] => [name, member])
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  const texts = members.map(([name, member]) => `${canonicalString(name)}:${canonicalize(member)}`)
  return `{${texts.join(',')}}`
}

/**
 * The same for a value that JSON.parse made, without walking it twice when it is in order already:
 * a verifier may read millions of records without a JIT, and JSON.stringify is native.
 *
 * @throws TypeError for a lone surrogate.
 */
export function canonicalizeParsed(value: unknown): string {
  if (!isOrdered(value)) return canonicalize(value)
  const text = JSON.stringify(value)
  // JSON.stringify escapes a lone surrogate where the RFC has no text; control characters too.
  return text.includes('\\ud') ? canonicalize(value) : text
}

function isOrdered(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every((item) => isOrdered(item))
  let before: string | undefined
  for (const [name, member] of Object.entries(value)) {
    if (before !== undefined && before >= name) return false
    if (!isOrdered(member)) return false
    before = name
  }
  return true
}
