/**
 * The tensor table of a GGUF file: every tensor known, inside the file, and after the one before.
 *
 * llama.cpp wants each tensor to begin where the one before ends, rounded up to the alignment
 * (gguf.cpp), so that nothing can overlap; so do we.
 *
 * @packageDocumentation
 */
import { ByteReader, invalid } from './byte-source.ts'

const MAX_TENSORS = 65_536
/** GGML_MAX_NAME − 1 */
const MAX_NAME_BYTES = 63
/** GGML_MAX_DIMS */
const MAX_DIMENSIONS = 4

/** Type number → elements of a block, bytes of a block; ggml-common.h of llama.cpp. */
const BLOCKS: ReadonlyMap<number, readonly [elements: number, bytes: number]> = new Map([
  [0, [1, 4]], // F32
  [1, [1, 2]], // F16
  [2, [32, 18]], // Q4_0
  [3, [32, 20]], // Q4_1
  [6, [32, 22]], // Q5_0
  [7, [32, 24]], // Q5_1
  [8, [32, 34]], // Q8_0
  [10, [256, 84]], // Q2_K
  [11, [256, 110]], // Q3_K
  [12, [256, 144]], // Q4_K
  [13, [256, 176]], // Q5_K
  [14, [256, 210]], // Q6_K
  [16, [256, 66]], // IQ2_XXS
  [17, [256, 74]], // IQ2_XS
  [18, [256, 98]], // IQ3_XXS
  [19, [256, 50]], // IQ1_S
  [20, [32, 18]], // IQ4_NL
  [21, [256, 110]], // IQ3_S
  [22, [256, 82]], // IQ2_S
  [23, [256, 136]], // IQ4_XS
  [24, [1, 1]], // I8
  [25, [1, 2]], // I16
  [26, [1, 4]], // I32
  [27, [1, 8]], // I64
  [28, [1, 8]], // F64
  [29, [256, 56]], // IQ1_M
  [30, [1, 2]], // BF16
  [34, [256, 54]], // TQ1_0
  [35, [256, 66]], // TQ2_0
  [39, [32, 17]], // MXFP4
  [40, [64, 36]], // NVFP4
  [41, [128, 18]], // Q1_0
  [42, [64, 18]], // Q2_0
])

export interface TensorInfo {
  readonly name: string
  readonly dimensions: readonly number[]
  readonly type: number
  /** From the start of the data, bytes. */
  readonly offset: number
  readonly bytes: number
}

/** Pure: the bytes of a tensor. */
function tensorBytes(what: string, dimensions: readonly number[], type: number): number {
  const block = BLOCKS.get(type)
  if (block === undefined) throw invalid(`${what} has the unknown type ${type}`)
  const [blockElements, blockBytes] = block
  const row = dimensions[0] ?? 1
  if (row % blockElements !== 0) {
    throw invalid(`${what} has rows of ${row} elements, not a multiple of ${blockElements}`)
  }
  let bytes = (row / blockElements) * blockBytes
  for (const dimension of dimensions.slice(1)) bytes *= dimension
  if (!Number.isSafeInteger(bytes)) throw invalid(`${what} has more than 2^53 bytes`)
  return bytes
}

function readTensor(reader: ByteReader, index: number): TensorInfo {
  const name = reader.latin1(MAX_NAME_BYTES, `the name of tensor ${index}`)
  if (!/^[\x21-\x7e]+$/.test(name)) {
    throw invalid(`the name of tensor ${index} is empty or not printable ASCII`)
  }
  const count = reader.u32(`the dimensions of ${name}`)
  if (count < 1 || count > MAX_DIMENSIONS) throw invalid(`${name} has ${count} dimensions`)
  const dimensions: number[] = []
  for (let i = 0; i < count; i++) {
    const dimension = reader.u64(`a dimension of ${name}`)
    if (dimension < 1) throw invalid(`${name} has a dimension of 0`)
    dimensions.push(dimension)
  }
  const type = reader.u32(`the type of ${name}`)
  const offset = reader.u64(`the offset of ${name}`)
  return { name, dimensions, type, offset, bytes: tensorBytes(name, dimensions, type) }
}

const roundedUp = (bytes: number, alignment: number) => Math.ceil(bytes / alignment) * alignment

/**
 * Reads the table, at the reader's position, and checks it against the file's length.
 *
 * @throws Fault `ENGINE_MODEL_INVALID`
 */
export function readTensors(
  reader: ByteReader,
  count: number,
  alignment: number,
): { tensors: ReadonlyMap<string, TensorInfo>; dataOffset: number; dataBytes: number } {
  if (count < 1 || count > MAX_TENSORS) {
    throw invalid(`${count} tensors, 1 to ${MAX_TENSORS} may be`)
  }
  const tensors = new Map<string, TensorInfo>()
  let expected = 0
  let end = 0
  for (let i = 0; i < count; i++) {
    const tensor = readTensor(reader, i)
    if (tensors.has(tensor.name)) throw invalid(`the tensor ${tensor.name} comes twice`)
    if (tensor.offset !== expected) {
      throw invalid(`${tensor.name} lies at ${tensor.offset} of the data, expected ${expected}`)
    }
    end = expected + tensor.bytes
    expected = roundedUp(end, alignment)
    if (!Number.isSafeInteger(expected)) throw invalid('the tensors have more than 2^53 bytes')
    tensors.set(tensor.name, tensor)
  }
  const dataOffset = roundedUp(reader.position, alignment)
  const available = Math.max(0, reader.position + reader.bytesLeft - dataOffset)
  if (end > available) {
    throw invalid(`the tensors need ${end} bytes of data, the file has ${available}`)
  }
  return { tensors, dataOffset, dataBytes: end }
}
