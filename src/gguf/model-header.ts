/**
 * Reads the header of a GGUF model file that cannot be trusted.
 *
 * It gives what the engine needs before it hands the file to llama.cpp, and refuses what would
 * abort or hang there (of 1,292 mutated files 38 aborted a process without this check and 7 hung it; test/mutated).
 * Time and memory are bounded by the header's length. It does not read the weights, and a file it
 * takes may still be one that llama.cpp refuses.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { ByteReader, invalid, type ByteSource } from './byte-source.ts'
import { checkEncoder, kindOf, type ModelKind } from './kind.ts'
import { readMetadata, type Metadata } from './metadata.ts'
import {
  alignmentOf,
  checkEmbedding,
  checkShape,
  checkWidths,
  stringOf,
  type Shape,
} from './rules.ts'
import { readTensors, type TensorInfo } from './tensors.ts'

export { bytesSource, descriptorSource, type ByteSource } from './byte-source.ts'

/** The longest of the 65 templates that llama.cpp ships has 16,738 bytes. */
export const MAX_TEMPLATE_CHARS = 65_536

export type { ModelKind } from './kind.ts'

export interface ModelHeader extends Shape {
  readonly kind: ModelKind
  readonly version: number
  readonly name: string | null
  /** `general.file_type`, llama.cpp's `llama_ftype`. */
  readonly fileType: number | null
  readonly chatTemplate: string | null
  readonly tensors: ReadonlyMap<string, TensorInfo>
  /** Where the tensors' bytes begin, and how many there are up to the end of the last. */
  readonly dataOffset: number
  readonly dataBytes: number
}

function chatTemplateOf(metadata: Metadata): string | null {
  const template = stringOf(metadata, 'tokenizer.chat_template')
  if (template !== null && template.length > MAX_TEMPLATE_CHARS) {
    throw invalid(
      `the chat template has ${template.length} characters, at most ${MAX_TEMPLATE_CHARS} may be`,
    )
  }
  return template
}

function fileTypeOf(metadata: Metadata): number | null {
  const value = metadata.get('general.file_type')
  return value?.type === 'u32' ? value.value : null
}

export function readVersion(reader: ByteReader): number {
  if (reader.u32('the magic') !== 0x46554747) throw invalid('it does not begin with GGUF')
  const version = reader.u32('the version')
  if (version !== 2 && version !== 3) throw invalid(`version ${version}, 2 and 3 are read`)
  return version
}

/** @throws Fault `ENGINE_MODEL_INVALID`, and nothing else but what `source.read` throws. */
export function readModelHeader(source: ByteSource): ModelHeader {
  const reader = new ByteReader(source)
  const version = readVersion(reader)
  const tensorCount = reader.u64('the number of tensors')
  const metadata = readMetadata(reader, reader.u64('the number of keys'))
  const shape = checkShape(metadata)
  const table = readTensors(reader, tensorCount, alignmentOf(metadata))
  checkEmbedding(shape, table.tensors)
  checkWidths(metadata, shape, table.tensors)
  checkEncoder(metadata, shape, table.tensors)
  return {
    ...shape,
    kind: kindOf(metadata, shape.architecture),
    version,
    name: stringOf(metadata, 'general.name'),
    fileType: fileTypeOf(metadata),
    chatTemplate: chatTemplateOf(metadata),
    ...table,
  }
}

/** The hash that the sealed model's manifest names: of the template's UTF-8, lower-case hex. */
export function templateSha256(template: string): string {
  return createHash('sha256').update(template, 'utf8').digest('hex')
}
