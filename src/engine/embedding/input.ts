/**
 * From one input of a request to framed token ids, with every bound checked.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { JobInput } from '../../wire/frames.ts'
import { MOST_BYTES_PER_TOKEN, PromptTooLong, type PromptNeed } from '../prompt-bounds.ts'

export interface InputReader {
  readonly contextTokens: number
  /** No text becomes a control token. */
  readonly tokenize: (text: string) => Uint32Array
  readonly has: (id: number) => boolean
  readonly framed: (ids: Uint32Array) => Uint32Array
}

/**
 * @throws PromptTooLong with both numbers; Fault `MODEL_KIND` for what is no text;
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
    throw tooLong(index, { promptTokens: framed.length, contextTokens: reader.contextTokens })
  }
  return framed
}

function idsOfText(text: string, index: number, reader: InputReader): Uint32Array {
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > MOST_BYTES_PER_TOKEN * reader.contextTokens) {
    const promptTokens = Math.ceil(bytes / MOST_BYTES_PER_TOKEN)
    const { contextTokens } = reader
    throw tooLong(index, { promptTokens, contextTokens, uncounted: true })
  }
  return reader.tokenize(text)
}

function tooLong(index: number, need: PromptNeed): PromptTooLong {
  const { promptTokens, contextTokens, uncounted } = need
  const tokens = `${uncounted ? 'at least ' : ''}${promptTokens} tokens`
  return new PromptTooLong(`input ${index} has ${tokens}, the model takes ${contextTokens}`, need)
}
