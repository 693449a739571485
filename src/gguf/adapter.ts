/// <reference lib="es2025.float16" />
/**
 * Reads a LoRA adapter in GGUF that cannot be trusted, and holds it against its base model.
 *
 * What it gives: names, shapes and numbers that llama.cpp computes with: pairs that are whole, of the
 * base's own tensors, finite. llama.cpp itself checks two dimensions of a pair and no number, asserts
 * types of keys, and aborts on an embedding's pair where the embedding is the output too. What it does
 * not give: whether the adapter was trained on these very weights; no file says so.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/src/llama-adapter.cpp
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { bytesSource, ByteReader, invalid, type ByteSource } from './byte-source.ts'
import { readMetadata, type Metadata } from './metadata.ts'
import { readVersion, type ModelHeader } from './model-header.ts'
import { alignmentOf, architectureOf, requiredString, stringOf } from './rules.ts'
import { readTensors, type TensorInfo } from './tensors.ts'

/** The metadata of an adapter is a few hundred bytes; that of a model may be cut off here. */
export const RECOGNISED_BYTES = 1_048_576
/** What is read at once to look for numbers that are none. */
const SCAN_BYTES = 4_194_304
/** Type numbers of ggml. Others would need their blocks taken apart to find such numbers. */
const FLOAT_TYPES: ReadonlyMap<number, (bytes: Uint8Array) => Float32Array | Float16Array> =
  new Map<number, (bytes: Uint8Array) => Float32Array | Float16Array>([
    [0, ({ buffer, byteOffset, length }) => new Float32Array(buffer, byteOffset, length / 4)],
    [1, ({ buffer, byteOffset, length }) => new Float16Array(buffer, byteOffset, length / 2)],
  ])

export interface Pair {
  /** Of the base model. */
  readonly tensor: string
  readonly a: TensorInfo
  readonly b: TensorInfo
}

export interface AdapterHeader {
  /** Of the base. */
  readonly architecture: string
  readonly pairs: readonly Pair[]
  readonly dataOffset: number
}

/** @throws Fault `ADAPTER_INVALID`, and what `source.read` throws. */
export function readAdapter(source: ByteSource): AdapterHeader {
  return asAdapterFault(() => {
    const reader = new ByteReader(source)
    readVersion(reader)
    const tensorCount = reader.u64('the number of tensors')
    const metadata = readMetadata(reader, reader.u64('the number of keys'))
    const architecture = checkKeys(metadata)
    const { tensors, dataOffset } = readTensors(reader, tensorCount, alignmentOf(metadata))
    const pairs = pairsOf(tensors)
    for (const { a, b } of pairs) for (const half of [a, b]) checkNumbers(source, dataOffset, half)
    return { architecture, pairs, dataOffset }
  })
}

/**
 * @param start - Of the file, `RECOGNISED_BYTES` or all of it.
 * @returns The architecture of the bases of an adapter; null for whatever else it is.
 */
export function recogniseAdapter(start: Uint8Array): string | null {
  try {
    const reader = new ByteReader(bytesSource(start))
    readVersion(reader)
    reader.u64('the number of tensors')
    const metadata = readMetadata(reader, reader.u64('the number of keys'))
    return stringOf(metadata, 'general.type') === 'adapter' ? architectureOf(metadata) : null
  } catch (thrown) {
    // Of a model the trial load says what is wrong.
    if (thrown instanceof Fault) return null
    throw thrown
  }
}

function asAdapterFault<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'ENGINE_MODEL_INVALID') throw cause
    throw new Fault('ADAPTER_INVALID', `the adapter: ${cause.message}`, { cause })
  }
}

/** Gives the architecture. */
function checkKeys(metadata: Metadata): string {
  const type = requiredString(metadata, 'general.type')
  if (type !== 'adapter') throw invalid('general.type is not adapter')
  if (requiredString(metadata, 'adapter.type') !== 'lora') {
    throw invalid('adapter.type is not lora, the only one there is')
  }
  const alpha = metadata.get('adapter.lora.alpha')
  if (alpha !== undefined && (alpha.type !== 'f32' || !Number.isFinite(alpha.value))) {
    throw invalid('adapter.lora.alpha is not a finite f32')
  }
  const invoked = [...metadata.keys()].find((key) => key.startsWith('adapter.alora.'))
  if (invoked !== undefined) {
    throw invalid(`${invoked}: an adapter that words of a prompt switch on is not served`)
  }
  return architectureOf(metadata)
}

function pairsOf(tensors: ReadonlyMap<string, TensorInfo>): Pair[] {
  const pairs: Pair[] = []
  for (const [name, half] of tensors) {
    const [, tensor, letter] = /^(.+)\.lora_([ab])$/.exec(name) ?? []
    if (tensor === undefined) throw invalid(`${name} is no half of a pair (.lora_a, .lora_b)`)
    const other = tensors.get(`${tensor}.lora_${letter === 'a' ? 'b' : 'a'}`)
    if (other === undefined) throw invalid(`${name} has no other half`)
    if (letter === 'a') pairs.push({ tensor, a: half, b: other })
  }
  return pairs
}

/** One NaN in a weight makes every answer noise; llama.cpp does not look. */
function checkNumbers(source: ByteSource, dataOffset: number, tensor: TensorInfo): void {
  const { name, type, offset, bytes } = tensor
  const numbersOf = FLOAT_TYPES.get(type)
  if (numbersOf === undefined) throw invalid(`${name} is of type ${type}, neither f32 nor f16`)
  for (let done = 0; done < bytes; done += SCAN_BYTES) {
    const length = Math.min(SCAN_BYTES, bytes - done)
    // A copy of its own begins at a multiple of eight bytes.
    const part = Uint8Array.from(source.read(dataOffset + offset + done, length))
    const numbers = numbersOf(part)
    // `includes` finds NaN, and is native: without a JIT a loop takes a hundred times as long.
    const isFinite = ![NaN, Infinity, -Infinity].some((none) => numbers.includes(none))
    part.fill(0)
    if (!isFinite) throw invalid(`${name} has a number that is not finite`)
  }
}

type Base = Pick<ModelHeader, 'architecture' | 'tensors'>

const EMBEDDING = 'token_embd.weight'

/** @throws Fault `ADAPTER_MISFIT` that names the tensor and the numbers. */
export function checkFits({ architecture, pairs }: AdapterHeader, base: Base): void {
  if (architecture !== base.architecture) {
    throw misfit(`it is for ${architecture} models, its base is a ${base.architecture}`)
  }
  for (const pair of pairs) checkPair(pair, base.tensors)
}

function misfit(message: string): Fault {
  return new Fault('ADAPTER_MISFIT', `the adapter does not fit its base: ${message}`)
}

function checkPair({ tensor, a, b }: Pair, tensors: Base['tensors']): void {
  const whole = tensors.get(tensor)?.dimensions
  if (whole === undefined) throw misfit(`it has no tensor ${tensor}`)
  const [columns = 1, rows = 1, ...more] = whole
  // A vector has no product to add to, so llama.cpp would leave the pair out in silence.
  if (whole.length < 2 || more.length > 1) throw misfit(`${tensor} is no matrix`)
  if (tensor === EMBEDDING && !tensors.has('output.weight')) {
    throw misfit(`${tensor} is its output too, where llama.cpp cannot apply a pair`)
  }
  const rank = tensor === EMBEDDING ? a.dimensions[0] : a.dimensions[1]
  const expected =
    tensor === EMBEDDING
      ? { a: [rank, rows], b: [rank, columns] }
      : { a: [columns, rank, ...more], b: [rank, rows, ...more] }
  const isSame = (half: TensorInfo, dimensions: readonly (number | undefined)[]) =>
    half.dimensions.join() === dimensions.join()
  if (isSame(a, expected.a) && isSame(b, expected.b)) return
  const shown = (dimensions: readonly number[]) => dimensions.join(' × ')
  const pair = `${shown(a.dimensions)} and ${shown(b.dimensions)}`
  throw misfit(`${tensor} is ${shown(whole)}, the pair ${pair}`)
}
