/**
 * The small part of RFC 8785 that manifests and slots need: objects with names of letters and
 * digits, arrays, printable ASCII strings, safe integers and null.
 *
 * One value has one spelling: a reader writes again what it read, and refuses bytes that differ.
 * That refuses duplicate names, white space, escapes and other spellings of numbers in one step.
 *
 * @packageDocumentation
 */
import { Fault, type FaultCode } from '../errors.ts'

export type CanonicalValue =
  string | number | null | readonly CanonicalValue[] | { readonly [name: string]: CanonicalValue }

const MAX_DEPTH = 8
const PRINTABLE = /^[\u0020-\u007e]*$/
/** Also keeps `__proto__` out, which checkers of fields are apt to drop in silence. */
const NAME = /^[A-Za-z][A-Za-z0-9]*$/

/** @throws TypeError for a value that has no canonical form here. */
export function canonicalise(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TypeError('nested too deep')
  if (value === null) return 'null'
  if (typeof value === 'string' && PRINTABLE.test(value)) return JSON.stringify(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalise(item, depth + 1)).join(',')}]`
  }
  if (typeof value === 'object') return canonicalObject(value, depth)
  throw new TypeError(`a ${typeof value} that has no canonical form`)
}

function canonicalObject(object: object, depth: number): string {
  const members = Object.entries(object)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `"${checkedName(name)}":${canonicalise(value, depth + 1)}`)
  return `{${members.join(',')}}`
}

function checkedName(name: string): string {
  if (NAME.test(name)) return name
  throw new TypeError('a name is a letter, then letters and digits')
}

/**
 * Reads canonical JSON, which one line feed may end.
 *
 * @param what - The file's name, for the fault.
 * @returns A value that is still to be checked field by field.
 * @throws Fault `code` for everything else.
 */
export function parseCanonical(
  bytes: Uint8Array,
  options: { readonly what: string; readonly maxBytes: number; readonly code: FaultCode },
): unknown {
  const { what, maxBytes, code } = options
  if (bytes.length > maxBytes) {
    throw new Fault(code, `${what} has ${bytes.length} bytes, ${maxBytes} are allowed`)
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const line = text.endsWith('\n') ? text.slice(0, -1) : text
  const value = parseJson(line)
  if (value === undefined) throw new Fault(code, `${what} is not canonical JSON`)
  return value
}

function parseJson(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line)
    return canonicalise(value) === line ? value : undefined
  } catch {
    return undefined
  }
}
