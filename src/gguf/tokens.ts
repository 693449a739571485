/**
 * The texts of a GGUF vocabulary: looked at one by one and not kept.
 *
 * llama.cpp names an empty token `[EMPTY_id]`, and aborts when two tokens have the same text
 * (llama-vocab.cpp, `id_to_token.size() == token_to_id.size()`).
 *
 * @packageDocumentation
 */
import { ByteReader, invalid } from './byte-source.ts'

const MAX_TOKEN_BYTES = 4096
export const MAX_TOKENS = 2_097_152

export function readTokenTexts(reader: ByteReader, count: number): void {
  if (count < 1 || count > MAX_TOKENS) {
    throw invalid(`a vocabulary of ${count} tokens, 1 to ${MAX_TOKENS} may be`)
  }
  const seen = new Set<string>()
  for (let id = 0; id < count; id++) {
    const text = reader.latin1(MAX_TOKEN_BYTES, 'a token')
    seen.add(text === '' ? `[EMPTY_${id}]` : text)
    if (seen.size !== id + 1) throw invalid(`token ${id} has the text of another token`)
  }
}
