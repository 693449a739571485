/**
 * Reads the calls of an answer once the first has begun: names, arguments, and where they end.
 *
 * A grammar has made the text, so it is exact; what is not exact is a bug, and a fault.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { CallFormat } from '../prompt/call-format.ts'
import { JsonEnd } from './json-end.ts'

export type CallStep =
  /** So many units were read, and mean nothing by themselves. */
  | { readonly is: 'passed'; readonly units: number }
  | { readonly is: 'name'; readonly units: number; readonly name: string }
  /** So many units belong to the arguments; `whole` when their object ends with them. */
  | { readonly is: 'arguments'; readonly units: number; readonly whole: boolean }
  | { readonly is: 'waits' }

type Place = 'before-name' | 'name' | 'arguments' | 'after-arguments' | 'end'

export class CallReader {
  readonly #format: CallFormat
  readonly #names: readonly string[]
  #place: Place = 'before-name'
  #expected: string
  #json = new JsonEnd()

  /** @param expected - What must still come before the first name. */
  constructor(format: CallFormat, names: readonly string[], expected: string) {
    this.#format = format
    this.#names = names
    this.#expected = expected
  }

  /** What the beginning of the unread text is. Asked again until it waits. */
  next(text: string): CallStep {
    switch (this.#place) {
      case 'before-name':
        return this.#literal(text, this.#expected, 'name')
      case 'name':
        return this.#name(text)
      case 'arguments':
        return this.#arguments(text)
      case 'after-arguments':
        return this.#after(text)
      case 'end':
        return text === '' ? { is: 'waits' } : { is: 'passed', units: text.length }
    }
  }

  #literal(text: string, literal: string, then: Place): CallStep {
    if (text.startsWith(literal)) {
      this.#place = then
      return { is: 'passed', units: literal.length }
    }
    return waitsFor(text, [literal])
  }

  #name(text: string): CallStep {
    const { afterName } = this.#format
    const name = this.#names.find((known) => text.startsWith(known + afterName))
    if (name === undefined)
      return waitsFor(
        text,
        this.#names.map((known) => known + afterName),
      )
    this.#place = 'arguments'
    this.#json = new JsonEnd()
    return { is: 'name', units: name.length + afterName.length, name }
  }

  #arguments(text: string): CallStep {
    if (text === '') return { is: 'waits' }
    const end = this.#json.push(text)
    if (end === null) return { is: 'arguments', units: text.length, whole: false }
    this.#place = 'after-arguments'
    return { is: 'arguments', units: end, whole: true }
  }

  #after(text: string): CallStep {
    const { afterArguments, between, beforeName, close } = this.#format
    const last = afterArguments + close
    const another = between === null ? null : afterArguments + between + beforeName
    if (another !== null && text.startsWith(another)) {
      this.#place = 'name'
      return { is: 'passed', units: another.length }
    }
    // The end may be the beginning of another call.
    if (another?.startsWith(text) === true) return { is: 'waits' }
    return this.#literal(text, last, 'end')
  }
}

function waitsFor(text: string, literals: readonly string[]): CallStep {
  if (literals.some((literal) => literal.startsWith(text))) return { is: 'waits' }
  throw new Fault('ENGINE_BUG', 'a tool call left its grammar')
}
