/**
 * JSON that comes as a text inside the request, held to what the body itself is held to.
 *
 * @packageDocumentation
 */
import { ClientMistake } from '../api-error.ts'
import { assertStrictJson } from '../strict-json.ts'

/**
 * @returns the text, which is that of one object: no field twice, not deeper than a body may be.
 * @throws ClientMistake, naming the place.
 */
export function jsonObjectText(text: string, place: string): string {
  try {
    const value: unknown = JSON.parse(text)
    assertStrictJson(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text
  } catch {
    // The parser's words quote the text; the sentence below is enough.
  }
  throw new ClientMistake(
    'invalid_value',
    `${place}: expected the JSON text of one object, with no field twice, at most 32 levels deep`,
    place,
  )
}
