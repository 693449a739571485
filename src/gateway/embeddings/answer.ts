/**
 * Vectors of the engine as OpenAI's list of embeddings.
 *
 * The text is made vector by vector while they come: a list of 2,048 in one go would hold up every
 * other client.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { Annotation } from '../chat/findings.ts'
import type { EmbeddingRequest } from './request.ts'

const FLOAT_BYTES = 4

/** @param vector - Base64 of little-endian 32-bit floats, of length 1. */
export function embeddingText(
  index: number,
  vector: string,
  { encoding, dimensions }: Pick<EmbeddingRequest, 'encoding' | 'dimensions'>,
): string {
  const bytes = Buffer.from(vector, 'base64')
  const kept = dimensions === null ? bytes : shortened(bytes, dimensions)
  const embedding = encoding === 'base64' ? kept.toString('base64') : numbersOf(kept)
  return JSON.stringify({ object: 'embedding', index, embedding })
}

export interface ListWords {
  readonly tokens: number
  readonly annotation: Annotation | undefined
}

export function listText(
  embeddings: readonly string[],
  model: string,
  { tokens, annotation }: ListWords,
): string {
  const usage = JSON.stringify({ prompt_tokens: tokens, total_tokens: tokens })
  const found = annotation === undefined ? '' : `,"secure_llm":${JSON.stringify(annotation)}`
  const head = `{"object":"list","data":[${embeddings.join()}],"model":${JSON.stringify(model)}`
  return `${head},"usage":${usage}${found}}`
}

function numbersOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, at) =>
    bytes.readFloatLE(at * FLOAT_BYTES),
  )
}

/** Scaled to length 1 again, as OpenAI's own are. */
function shortened(bytes: Buffer, dimensions: number): Buffer {
  const numbers = numbersOf(bytes).slice(0, dimensions)
  const length = Math.hypot(...numbers)
  if (!(length > 0)) throw new Fault('ENGINE_BUG', 'a shortened vector has no direction')
  const short = Buffer.alloc(FLOAT_BYTES * numbers.length)
  numbers.forEach((number, at) => short.writeFloatLE(number / length, FLOAT_BYTES * at))
  return short
}
