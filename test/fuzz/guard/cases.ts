/**
 * One random case after the other, and what is told of one that fails.
 *
 * @packageDocumentation
 */
import { createRedactor } from '../../../src/guard/output/redactor.ts'
import { checkGrowth } from './growth.ts'
import { checkInput, inspectWhole } from './input-checks.ts'
import { checkJson, checkOutput } from './output-checks.ts'
import type { Random } from './random.ts'
import { examplesOf, subjects, type Subject } from './subjects.ts'
import { composeJson, composeText } from './texts.ts'

export interface Failure {
  readonly kind: string
  readonly why: string
  /** As short as it got. */
  readonly text: string
}

/** @returns what is wrong with the text, if anything is. */
type Check = (text: string) => string | undefined

interface Case {
  readonly kind: string
  readonly text: string
  readonly check: Check
}

const PAUSE_SHARE = 0.3
const MAX_SHRINKS = 3000

export class Cases {
  readonly #random: Random
  readonly #subjects: readonly Subject[]
  readonly #examples: readonly string[]

  constructor(random: Random) {
    this.#random = random
    this.#subjects = subjects(random)
    this.#examples = examplesOf(this.#subjects)
  }

  next(): Failure | undefined {
    const one = this.#choose()
    const why = guarded(one.check)(one.text)
    if (why === undefined) return undefined
    const text = one.kind.startsWith('json') ? one.text : shrink(one.text, guarded(one.check))
    return { kind: one.kind, why, text }
  }

  #choose(): Case {
    const roll = this.#random.fraction()
    if (roll < 0.6) return this.#outputCase()
    if (roll < 0.75) return this.#jsonCase()
    return roll < 0.985 ? this.#inputCase() : this.#growthCase()
  }

  #outputCase(): Case {
    const random = this.#random
    const { name, policy, context } = random.of(this.#subjects)
    const text = composeText(random, this.#examples)
    const rhythm = Array.from({ length: 7 }, () =>
      random.cut('x'.repeat(60)).map((part) => part.length),
    ).flat()
    const pauseEvery = random.happens(PAUSE_SHARE) ? 1 + random.below(5) : Infinity
    return {
      kind: `output ${name}`,
      text,
      check: (given) => {
        const pieces = cutBy(given, rhythm)
        const pauses = new Set(
          pieces.map((_, index) => index).filter((index) => index % pauseEvery === pauseEvery - 1),
        )
        const why = checkOutput(policy, context, { text: given, pieces, pauses })
        if (why !== undefined || given === text) return why
        // A shorter text falls into other pieces: it counts when it fails in the smallest ones.
        return checkOutput(policy, context, { text: given, pieces: given.split(''), pauses })
      },
    }
  }

  #jsonCase(): Case {
    const random = this.#random
    const { name, policy, context } = random.of(this.#subjects)
    const text = composeJson(random, this.#examples)
    const pieces = random.cut(text)
    return { kind: `json ${name}`, text, check: () => checkJson(policy, context, { text, pieces }) }
  }

  #inputCase(): Case {
    const origin = this.#random.of([
      'user',
      'system',
      'document',
      'tool',
      'assistant',
      'operator',
    ] as const)
    const text = composeText(this.#random, this.#examples)
    return { kind: `input ${origin}`, text, check: (given) => checkInput(given, origin) }
  }

  #growthCase(): Case {
    const random = this.#random
    const { name, policy, context } = random.of(this.#subjects)
    const unit = random.happens(0.5)
      ? composeText(random, this.#examples).slice(0, 1 + random.below(60))
      : random.of(this.#examples).slice(0, 1 + random.below(40))
    if (random.happens(0.5)) {
      return {
        kind: 'growth input',
        text: unit,
        check: (given) => checkGrowth(given, inspectWhole),
      }
    }
    const redact = (text: string) => {
      const redactor = createRedactor(policy, context)
      for (let at = 0; at < text.length; at += 4) redactor.push(text.slice(at, at + 4))
      redactor.end()
    }
    return { kind: `growth ${name}`, text: unit, check: (given) => checkGrowth(given, redact) }
  }
}

function cutBy(text: string, lengths: readonly number[]): readonly string[] {
  const pieces: string[] = []
  for (let at = 0, n = 0; at < text.length; n++) {
    const next = at + (lengths[n % lengths.length] ?? 1)
    pieces.push(text.slice(at, next))
    at = next
  }
  return pieces
}

/** What is thrown is what is wrong. */
function guarded(check: Check): Check {
  return (text) => {
    try {
      return text === '' ? undefined : check(text)
    } catch (thrown) {
      return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    }
  }
}

/** Without the parts that it fails without, too. */
function shrink(text: string, check: Check): string {
  let left = text
  let tries = 0
  for (let size = Math.ceil(text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < left.length && tries++ < MAX_SHRINKS;) {
      const shorter = left.slice(0, at) + left.slice(at + size)
      if (check(shorter) === undefined) at += size
      else left = shorter
    }
  }
  return left
}
