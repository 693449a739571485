/**
 * What one rendering may cost: steps, time, and the size of every value on the way.
 *
 * @packageDocumentation
 */
import type { Value } from '@huggingface/jinja'
import { Fault } from '../../errors.ts'
import { arrayIn, integerIn, mapIn, namespaceIn, stringIn } from './jinja-values.ts'

export const RENDER_LIMITS = {
  /** llama.cpp's longest template takes a few thousand for ten messages. */
  steps: 500_000,
  milliseconds: 2000,
  /** Characters of a string, and of all strings in a list. */
  weight: 2_097_152,
  items: 100_000,
  /** Characters that one filter or method may write. */
  growth: 67_108_864,
  rangeItems: 10_000,
} as const

export function overrun(what: string): Fault {
  return new Fault('ENGINE_TEMPLATE', `the chat template needs ${what}`)
}

export class Budget {
  #steps = 0
  #nextLook = 1024
  readonly #start = performance.now()
  /** Lists and objects do not change in Jinja, so their weight is worked out once. */
  readonly #weights = new WeakMap<Value, number>()

  spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > RENDER_LIMITS.steps) throw overrun(`more than ${RENDER_LIMITS.steps} steps`)
    if (this.#steps < this.#nextLook) return
    this.#nextLook = this.#steps + 1024
    if (performance.now() - this.#start > RENDER_LIMITS.milliseconds) {
      throw overrun(`more than ${RENDER_LIMITS.milliseconds} ms`)
    }
  }

  /** Weight of a value in characters; shared parts count as often as they are named. */
  weigh(value: Value): number {
    const text = stringIn(value)
    if (text !== null) {
      this.spend(text.length >> 8)
      return this.#checked(1 + text.length)
    }
    const names = namespaceIn(value)
    if (names !== null) return this.#checked(this.#sum(names.values()))
    const known = this.#weights.get(value)
    if (known !== undefined) return known
    const parts = arrayIn(value) ?? mapIn(value)?.values()
    if (parts === undefined) return 1
    const weight = this.#checked(this.#sum(parts))
    this.#weights.set(value, weight)
    return weight
  }

  /** A namespace may change later, so its weight inside another value would not be known. */
  #sum(parts: Iterable<Value>): number {
    let weight = 1
    let items = 0
    for (const part of parts) {
      if (++items > RENDER_LIMITS.items) throw overrun(`lists of more than ${RENDER_LIMITS.items}`)
      if (namespaceIn(part) !== null) throw overrun('a namespace inside another value')
      weight += this.weigh(part)
    }
    return weight
  }

  #checked(weight: number): number {
    if (weight > RENDER_LIMITS.weight) {
      throw overrun(`a value of more than ${RENDER_LIMITS.weight} characters`)
    }
    return weight
  }

  /** Nothing the library has writes more than operand × the sizes of its arguments. */
  checkGrowth(operand: Value, args: readonly Value[]): void {
    const sizes = args.map((arg) => Math.abs(integerIn(arg) ?? stringIn(arg)?.length ?? 1))
    const growth = this.weigh(operand) * (1 + sizes.reduce((sum, size) => sum + size, 0))
    if (growth > RENDER_LIMITS.growth) {
      throw overrun(`more than ${RENDER_LIMITS.growth} characters at once`)
    }
  }
}
