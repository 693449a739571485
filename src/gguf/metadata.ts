/**
 * The key-value part of a GGUF file, with a bound on everything.
 *
 * Kept: numbers, strings, and short arrays of numbers. Of long arrays and arrays of strings only
 * their type and length; the vocabulary's strings are looked at (`tokens.ts`) and let go.
 *
 * @packageDocumentation
 */
import { ByteReader, invalid } from './byte-source.ts'
import { readTokenTexts } from './tokens.ts'

/** What the format allows is far above what files have; these are a few times the largest seen. */
export const METADATA_LIMITS = {
  keys: 2048,
  keyBytes: 256,
  stringBytes: 1_048_576,
  elementBytes: 65_536,
  elements: 8_388_608,
  keptNumbers: 1024,
} as const

const TYPE_NAMES = [
  ...['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'bool', 'string', 'array'],
  ...['u64', 'i64', 'f64'],
] as const
type TypeName = (typeof TYPE_NAMES)[number]
export type ElementType = Exclude<TypeName, 'array'>

export interface ArrayValue {
  readonly type: 'array'
  readonly of: ElementType
  readonly count: number
  /** The numbers of a short array, null for strings and for long arrays. */
  readonly numbers: readonly number[] | null
}
export type Value =
  | { readonly type: Exclude<ElementType, 'string' | 'bool'>; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | ArrayValue

export type Metadata = ReadonlyMap<string, Value>

function readType(reader: ByteReader, what: string): TypeName {
  const number = reader.u32(`the type of ${what}`)
  const name = TYPE_NAMES[number]
  if (name === undefined) throw invalid(`${what} has the unknown type ${number}`)
  return name
}

function readBool(reader: ByteReader, what: string): boolean {
  const byte = reader.u8(what)
  if (byte > 1) throw invalid(`${what} is a bool of ${byte}`)
  return byte === 1
}

const ELEMENT_BYTES = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, bool: 1 } as const
const elementBytes = (type: ElementType) =>
  type in ELEMENT_BYTES ? ELEMENT_BYTES[type as keyof typeof ELEMENT_BYTES] : 8

/** Arrays whose every element llama.cpp computes with. */
function checkElement(key: string, number: number): void {
  if (key === 'tokenizer.ggml.token_type' && (number < 0 || number > 6)) {
    throw invalid(`${key} has a type of ${number}`)
  }
  if (key === 'tokenizer.ggml.scores' && !Number.isFinite(number)) {
    throw invalid(`${key} has a score that is not a finite number`)
  }
}

const CHECKED_ARRAYS: readonly string[] = ['tokenizer.ggml.token_type', 'tokenizer.ggml.scores']

function readNumbers(
  reader: ByteReader,
  key: string,
  of: Exclude<ElementType, 'string'>,
  count: number,
): readonly number[] | null {
  reader.demand(count * elementBytes(of), key)
  const isKept = count <= METADATA_LIMITS.keptNumbers
  if (!isKept && !CHECKED_ARRAYS.includes(key)) {
    reader.skip(count * elementBytes(of), key)
    return null
  }
  const numbers: number[] = []
  for (let i = 0; i < count; i++) {
    const number = of === 'bool' ? Number(readBool(reader, key)) : reader[of](key)
    checkElement(key, number)
    if (isKept) numbers.push(number)
  }
  return isKept ? numbers : null
}

function readArray(reader: ByteReader, key: string, budget: { elements: number }): ArrayValue {
  const of = readType(reader, `the elements of ${key}`)
  if (of === 'array') throw invalid(`${key} is an array of arrays`)
  const count = reader.u64(`the count of ${key}`)
  budget.elements -= count
  if (budget.elements < 0) {
    throw invalid(`${key} has ${count} elements, all arrays at most ${METADATA_LIMITS.elements}`)
  }
  if (of !== 'string') {
    return { type: 'array', of, count, numbers: readNumbers(reader, key, of, count) }
  }
  reader.demand(count * 8, key)
  if (key === 'tokenizer.ggml.tokens') readTokenTexts(reader, count)
  else {
    for (let i = 0; i < count; i++) {
      const length = reader.u64(`the length of a string of ${key}`)
      if (length > METADATA_LIMITS.elementBytes) {
        throw invalid(`${key} has a string of ${length} bytes`)
      }
      reader.skip(length, key)
    }
  }
  return { type: 'array', of, count, numbers: null }
}

function readValue(reader: ByteReader, key: string, budget: { elements: number }): Value {
  const type = readType(reader, key)
  switch (type) {
    case 'array':
      return readArray(reader, key, budget)
    case 'string':
      return { type, value: reader.utf8(METADATA_LIMITS.stringBytes, key) }
    case 'bool':
      return { type, value: readBool(reader, key) }
    default:
      return { type, value: reader[type](key) }
  }
}

/** @throws Fault `ENGINE_MODEL_INVALID` with the key and the numbers. */
export function readMetadata(reader: ByteReader, keys: number): Metadata {
  if (keys > METADATA_LIMITS.keys) {
    throw invalid(`${keys} metadata keys, at most ${METADATA_LIMITS.keys} may be`)
  }
  const metadata = new Map<string, Value>()
  const budget = { elements: METADATA_LIMITS.elements as number }
  for (let i = 0; i < keys; i++) {
    const key = reader.latin1(METADATA_LIMITS.keyBytes, `key ${i}`)
    if (!/^[\x21-\x7e]+$/.test(key)) throw invalid(`key ${i} is empty or not printable ASCII`)
    if (metadata.has(key)) throw invalid(`the key ${key} comes twice`)
    metadata.set(key, readValue(reader, key, budget))
  }
  return metadata
}
