/**
 * Values of a template as text, letter for letter as llama.cpp writes them: JSON for `tojson`,
 * Python's form for a value that a template puts out as it is.
 *
 * What is disguised stays disguised, escapes of it too.
 *
 * @packageDocumentation
 */
import type { Value } from '@huggingface/jinja'
import type { Disguise } from './disguise.ts'
import {
  arrayIn,
  booleanIn,
  floatIn,
  integerIn,
  isAbsent,
  mapIn,
  stringIn,
} from './jinja-values.ts'
import { exactDigits } from './json-values.ts'

export interface JsonStyle {
  /** Spaces of one level; null: all in one line. */
  readonly indentSpaces: number | null
  readonly betweenItems: string
  readonly afterKey: string
  readonly charset: 'ascii' | 'unicode'
}

export const ONE_LINE: JsonStyle = {
  indentSpaces: null,
  betweenItems: ', ',
  afterKey: ': ',
  charset: 'unicode',
}

/** Pure: `tojson`. What JSON does not have is null. */
export function jsonText(value: Value, style: JsonStyle, disguise: Disguise): string {
  return new JsonWriter(style, disguise).write(value, 0)
}

class JsonWriter {
  readonly #style: JsonStyle
  readonly #disguise: Disguise

  constructor(style: JsonStyle, disguise: Disguise) {
    this.#style = style
    this.#disguise = disguise
  }

  write(value: Value, depth: number): string {
    const text = stringIn(value)
    if (text !== null) return this.#string(text)
    const items = arrayIn(value)
    if (items !== null) {
      const parts = items.map((item) => this.write(item, depth + 1))
      return this.#list('[]', parts, depth)
    }
    const map = mapIn(value)
    if (map === null) return numberText(value, jsonFloat) ?? jsonName(value)
    const parts = [...map].map(
      ([key, item]) => this.#string(key) + this.#style.afterKey + this.write(item, depth + 1),
    )
    return this.#list('{}', parts, depth)
  }

  #list(brackets: string, parts: readonly string[], depth: number): string {
    const [open, close] = [brackets.charAt(0), brackets.charAt(1)]
    const { indentSpaces, betweenItems } = this.#style
    if (indentSpaces === null || parts.length === 0) {
      return open + parts.join(betweenItems) + close
    }
    const outer = `\n${' '.repeat(indentSpaces * depth)}`
    const inner = outer + ' '.repeat(indentSpaces)
    return open + inner + parts.join(betweenItems + inner) + outer + close
  }

  #string(text: string): string {
    const quoted = text.replace(/["\\]/g, (sign) => `\\${sign}`)
    const isAscii = this.#style.charset === 'ascii'
    if (!(isAscii ? ESCAPED_IN_ASCII : ESCAPED).test(this.#disguise.reveal(text))) {
      return `"${quoted}"`
    }
    const written = quoted.replace(MAYBE_ESCAPED, (unit) => {
      const plain = this.#disguise.reveal(unit)
      if (!(isAscii ? ESCAPED_IN_ASCII : ESCAPED).test(plain)) return unit
      // A stranger's as the character was, so that it cannot become a part of a token.
      return this.#disguise.hide(escapeOf(plain))
    })
    return `"${written}"`
  }
}

/* eslint-disable no-control-regex -- these are what JSON escapes */
const ESCAPED = /[\u0000-\u001f]/
const ESCAPED_IN_ASCII = /[\u0000-\u001f\u0080-\uffff]/
/** Disguises lie among them. */
const MAYBE_ESCAPED = /[\u0000-\u001f\u0080-\uffff]/g
/* eslint-enable no-control-regex */
const SHORT: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function escapeOf(unit: string): string {
  return SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function jsonName(value: Value): string {
  const truth = booleanIn(value)
  return truth === null ? 'null' : String(truth)
}

/** Pure: what `{{ value }}` and `~` write; null for what is written as nothing or not at all. */
export function plainText(value: Value, disguise: Disguise): string | null {
  return stringIn(value) ?? (isAbsent(value) ? null : pythonText(value, disguise))
}

function pythonText(value: Value, disguise: Disguise): string | null {
  const truth = booleanIn(value)
  if (truth !== null) return truth ? 'True' : 'False'
  const items = arrayIn(value)
  if (items !== null) {
    const parts = items.map((item) => pythonPart(item, disguise))
    if (value.type !== 'TupleValue') return `[${parts.join(', ')}]`
    return `(${parts.join(', ')}${parts.length === 1 ? ',' : ''})`
  }
  const map = mapIn(value)
  if (map === null) return numberText(value, pythonFloat)
  const parts = [...map].map(
    ([key, item]) => `${quoted(key, disguise)}: ${pythonPart(item, disguise)}`,
  )
  return `{${parts.join(', ')}}`
}

function pythonPart(value: Value, disguise: Disguise): string {
  const text = stringIn(value)
  if (text !== null) return quoted(text, disguise)
  return isAbsent(value) ? 'None' : (pythonText(value, disguise) ?? '')
}

function quoted(text: string, disguise: Disguise): string {
  if (!text.includes("'")) return `'${text}'`
  return new JsonWriter(ONE_LINE, disguise).write({ type: 'StringValue', value: text }, 0)
}

function numberText(value: Value, float: (number: number) => string): string | null {
  const whole = integerIn(value)
  if (whole !== null) return exactDigits(value) ?? String(whole)
  const number = floatIn(value)
  return number === null ? null : float(number)
}

/** C++ streams: six digits, no zeros at the end, an exponent of at least two digits. */
function jsonFloat(number: number): string {
  const [mantissa = '0', exponent = '0'] = sixDigits(number).split('e')
  const power = Number(exponent)
  const trimmed = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (power >= -4 && power < 6) return trimmed(Number(mantissa + 'e' + exponent).toFixed(5 - power))
  const digits = String(Math.abs(power)).padStart(2, '0')
  return `${trimmed(mantissa)}e${power < 0 ? '-' : '+'}${digits}`
}

/** Rounded half to even, where JavaScript rounds half up. */
function sixDigits(number: number): string {
  const [exact = '', exponent = ''] = number.toExponential(60).split('e')
  const isTie = /^-?\d\.\d{4}[02468]50*$/.test(exact)
  return isTie ? `${exact.slice(0, exact.indexOf('.') + 6)}e${exponent}` : number.toExponential(5)
}

/** `std::to_string`: six places, without the zeros at the end but for one. */
function pythonFloat(number: number): string {
  return number.toFixed(6).replace(/0+$/, '').replace(/\.$/, '.0')
}
