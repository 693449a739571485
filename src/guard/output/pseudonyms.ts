/**
 * One name for one value of a conversation, and the way back for clients that may have it.
 *
 * ```
 * const names = new Pseudonyms()
 * names.nameOf('email', 'ada@example.org')      // '[EMAIL_1]'
 * names.restore('write to [EMAIL_1]')           // 'write to ada@example.org'
 * ```
 *
 * What it gives: names without quotes or backslashes, so that JSON stays JSON. What it does not give:
 * a place to keep the values; they live as long as the object does. `restore` puts a value wherever
 * its name stands, also where the model wrote the name itself, so its result is for clients only
 * that may see all of them.
 *
 * @packageDocumentation
 */
import { OUTPUT_CLASSES, type OutputClass } from '../classes.ts'
import { canonicalOf } from './canonical.ts'

/** A conversation that names more is not remembered further: what is new is masked. */
const MAX_VALUES = 10_000

const NAME = /\[[A-Z]{2,10}_\d{1,5}\]/g

export class Pseudonyms {
  /** Canonical value, behind the word of its mask → its name. */
  readonly #names = new Map<string, string>()
  readonly #values = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  nameOf(outputClass: OutputClass, value: string): string {
    const { mask } = OUTPUT_CLASSES[outputClass]
    const key = `${mask}\n${canonicalOf(outputClass, value)}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    if (this.#names.size >= MAX_VALUES) return `[${mask}]`
    const count = (this.#counts.get(mask) ?? 0) + 1
    const name = `[${mask}_${count}]`
    this.#counts.set(mask, count)
    this.#names.set(key, name)
    this.#values.set(name, value)
    return name
  }

  /** @returns the text with the values as they were first spelled. Names nobody gave stay. */
  restore(text: string): string {
    return text.replaceAll(NAME, (name) => this.#values.get(name) ?? name)
  }
}
