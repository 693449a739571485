/**
 * Several hundred detectors, by the unit that a match of theirs can start with, so that most
 * characters of most texts ask nobody.
 *
 * @packageDocumentation
 */
import type { Detector } from './detector.ts'

const ASCII = 128
const NOBODY: readonly number[] = []

export class DetectorTable {
  readonly detectors: readonly Detector[]
  readonly maxHoldBackChars: number
  readonly #anywhere: readonly (readonly number[])[]
  /** Behind a letter or a digit. */
  readonly #insideWord: readonly (readonly number[])[]
  readonly #beyondAscii = new Map<number, readonly number[]>()

  constructor(detectors: readonly Detector[]) {
    this.detectors = detectors
    this.maxHoldBackChars = Math.max(0, ...detectors.map((row) => row.maxHoldBackChars))
    this.#anywhere = Array.from({ length: ASCII }, (_, unit) => this.#startingWith(unit))
    this.#insideWord = this.#anywhere.map((indices) =>
      indices.filter((index) => detectors[index]?.onlyAtWordStart !== true),
    )
  }

  /** @returns indices of those to ask, in their order. */
  askedAt(unit: number, before: number): readonly number[] {
    if (unit >= ASCII) return this.#askedBeyondAscii(unit)
    return (isWordUnit(before) ? this.#insideWord[unit] : this.#anywhere[unit]) ?? NOBODY
  }

  #askedBeyondAscii(unit: number): readonly number[] {
    const known = this.#beyondAscii.get(unit)
    if (known !== undefined) return known
    const asked = this.#startingWith(unit)
    // One empty list for all: a text may use every unit there is.
    this.#beyondAscii.set(unit, asked.length === 0 ? NOBODY : asked)
    return asked
  }

  #startingWith(unit: number): readonly number[] {
    return this.detectors.flatMap((detector, index) => (detector.startsWith(unit) ? [index] : []))
  }
}

/** NaN, for nothing in front, is none. */
function isWordUnit(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x30 && unit <= 0x39)
  )
}
