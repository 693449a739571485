/**
 * From one input of a request to framed token ids, with every bound checked.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { JobInput } from '../../wire/frames.ts'

/** As for prompts: what has more bytes is not tokenised. */
const MOST_BYTES_PER_TOKEN = 16

export interface InputReader {
  readonly contextTokens: number
  /** No text becomes a control token. */
  readonly tokenize: (text: string) => Uint32Array
  readonly has: (id: number) => boolean
  readonly framed: (ids: Uint32Array) => Uint32Array
}

/**
 * @throws Fault `ENGINE_CONTEXT_LENGTH` with both numbers; `MODEL_KIND` for what is no text;
 * `ENGINE_BUG` for an id that is out of range, which the gateway should have refused.
 */
export function readInput(input: JobInput, index: number, reader: InputReader): Uint32Array {
  if (input.kind === 'chat') throw new Fault('MODEL_KIND', 'an embedding model reads no messages')
  const ids =
    input.kind === 'text' ? idsOfText(input.text, index, reader) : Uint32Array.from(input.ids)
  if (!ids.every((id) => reader.has(id))) {
    throw new Fault('ENGINE_BUG', `input ${index} has an id that is out of range`)
  }
  const framed = reader.framed(ids)
  if (framed.length > reader.contextTokens) {
    throw tooLong(index, `${framed.length} tokens`, reader.contextTokens)
  }
  return framed
}

function idsOfText(text: string, index: number, reader: InputReader): Uint32Array {
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > MOST_BYTES_PER_TOKEN * reader.contextTokens) {
    const tokens = Math.floor(bytes / MOST_BYTES_PER_TOKEN)
    throw tooLong(index, `more than ${tokens} tokens`, reader.contextTokens)
  }
  return reader.tokenize(text)
}

function tooLong(index: number, what: string, contextTokens: number): Fault {
  return new Fault(
    'ENGINE_CONTEXT_LENGTH',
    `input ${index} has ${what}, the model takes ${contextTokens}`,
  )
}
