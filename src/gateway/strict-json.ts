/**
 * What `JSON.parse` lets through and a strict server must not: a key given twice (two readers of
 * the same bytes would see two requests) and nesting without an end.
 *
 * One pass over text that `JSON.parse` has already accepted; it does not validate by itself.
 *
 * @packageDocumentation
 */
import { ClientMistake } from './api-error.ts'

const MAX_DEPTH = 32

interface Level {
  /** The keys seen in an object; null inside an array. */
  readonly keys: Set<string> | null
  /** In an object: the next string is a key. */
  expectsKey: boolean
}

/** @throws ClientMistake `invalid_json`, naming a key that is given twice. */
export function assertStrictJson(text: string): void {
  const levels: Level[] = []
  const token = /["{}[\],]/g
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '"') {
      const end = endOfString(text, token.lastIndex)
      noteString(levels.at(-1), text.slice(found.index, end + 1))
      token.lastIndex = end + 1
    } else {
      noteSign(levels, found[0])
    }
  }
}

/** Index of the quote that ends the string whose first character is at `from`. */
function endOfString(text: string, from: number): number {
  let quote = text.indexOf('"', from)
  while (backslashesBefore(text, quote) % 2 === 1) quote = text.indexOf('"', quote + 1)
  return quote
}

function backslashesBefore(text: string, at: number): number {
  let count = 0
  while (text[at - 1 - count] === '\\') count++
  return count
}

function noteString(level: Level | undefined, quoted: string): void {
  if (level?.keys === null || level?.expectsKey !== true) return
  level.expectsKey = false
  // Parsed, because "a" and "\u0061" are the same key.
  const key = String(JSON.parse(quoted))
  if (level.keys.has(key)) {
    throw new ClientMistake('invalid_json', 'the body gives one field twice', key)
  }
  level.keys.add(key)
}

function noteSign(levels: Level[], sign: string): void {
  const level = levels.at(-1)
  if (sign === '}' || sign === ']') levels.pop()
  else if (sign === ',' && level !== undefined) level.expectsKey = level.keys !== null
  else if (sign === '{') levels.push({ keys: new Set(), expectsKey: true })
  else if (sign === '[') levels.push({ keys: null, expectsKey: false })
  if (levels.length > MAX_DEPTH) {
    throw new ClientMistake('invalid_json', `the body is nested deeper than ${MAX_DEPTH} levels`)
  }
}
