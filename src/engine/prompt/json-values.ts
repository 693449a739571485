/**
 * JSON text as values of the template: keys in their order, strings and keys disguised.
 *
 * JavaScript's own objects would put integer-like keys first and lose digits of long integers;
 * llama.cpp does neither, so the text is walked here. `JSON.parse` only judges whether it is JSON.
 *
 * @packageDocumentation
 */
import type { Value } from '@huggingface/jinja'
import { Fault } from '../../errors.ts'
import { makeArray, makeFloat, makeMap, makeValue } from './jinja-values.ts'

/** Deeper than any schema that a model could use; the interpreter recurses. */
const MAX_DEPTH = 100
/** As a rendering may weigh at most; longer could not be shown anyway. */
const MAX_CHARS = 2_097_152

const SPACE = /[ \t\n\r]*/y
const STRING = /"(?:[^"\\]|\\.)*"/y
const SCALAR = /[-+.0-9A-Za-z]+/y

type Hide = (text: string) => string

/** Integers that JavaScript rounds are kept as they are written. */
const EXACT = new WeakMap<Value, string>()

/** The digits of an integer beyond JavaScript's, or null. */
export function exactDigits(value: Value): string | null {
  return EXACT.get(value) ?? null
}

/**
 * @param hide - Put on every string and key, as on contents.
 * @throws Fault `ENGINE_TEMPLATE` when the text is not JSON, too long or nested too deep; never with
 * a part of it.
 */
export function jsonValue(text: string, hide: Hide): Value {
  if (text.length > MAX_CHARS) {
    throw new Fault(
      'ENGINE_TEMPLATE',
      `a JSON text has ${text.length} characters, ${MAX_CHARS} may be`,
    )
  }
  try {
    JSON.parse(text)
  } catch {
    throw new Fault('ENGINE_TEMPLATE', 'a schema or the arguments of a call are not JSON')
  }
  return new JsonWalk(text, hide).value(0)
}

class JsonWalk {
  readonly #text: string
  readonly #hide: Hide
  #at = 0

  constructor(text: string, hide: Hide) {
    this.#text = text
    this.#hide = hide
  }

  value(depth: number): Value {
    if (depth > MAX_DEPTH) {
      throw new Fault('ENGINE_TEMPLATE', `a JSON text is nested more than ${MAX_DEPTH} deep`)
    }
    this.#take(SPACE)
    const first = this.#text[this.#at]
    if (first === '{') return this.#object(depth)
    if (first === '[') return this.#array(depth)
    if (first === '"') return makeValue(this.#string())
    return scalar(this.#take(SCALAR))
  }

  #object(depth: number): Value {
    const entries = new Map<string, Value>()
    this.#list('}', () => {
      this.#take(SPACE)
      const key = this.#string()
      this.#take(SPACE)
      this.#at++ // the colon
      entries.set(key, this.value(depth + 1))
    })
    return makeMap(entries)
  }

  #array(depth: number): Value {
    const items: Value[] = []
    this.#list(']', () => items.push(this.value(depth + 1)))
    return makeArray(items)
  }

  /** From the opening bracket to behind the closing one. */
  #list(closing: string, takeItem: () => void): void {
    this.#at++
    this.#take(SPACE)
    while (this.#text[this.#at] !== closing) {
      takeItem()
      this.#take(SPACE)
      if (this.#text[this.#at] === ',') this.#at++
      this.#take(SPACE)
    }
    this.#at++
  }

  #string(): string {
    const written: unknown = JSON.parse(this.#take(STRING))
    return this.#hide(String(written))
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }
}

function scalar(written: string): Value {
  const number = Number(written)
  const named: unknown = Number.isNaN(number) ? JSON.parse(written) : null
  if (Number.isNaN(number)) return makeValue(named)
  if (/[.eE]/.test(written)) return makeFloat(number)
  const value = makeValue(Math.trunc(number))
  if (!Number.isSafeInteger(number)) EXACT.set(value, written)
  return value
}
