/**
 * Values known in advance (the operator's list, the canary), found however they are written.
 *
 * What it gives: a value whole, in every row of encodings.ts, in any case, with escapes undone, in
 * Morse, and with up to 64 characters that say nothing between its letters. What it does not give: a
 * value in parts with other words between them, and what only describes it.
 *
 * @packageDocumentation
 */
import type { OutputClass } from '../classes.ts'
import type { Detector, Look } from './detector.ts'
import { casesOf, ENCODINGS, type Encoding } from './encodings.ts'
import { isEscapeSign, MAX_ESCAPE_CHARS } from './escapes.ts'
import { LOOSE } from './fold.ts'
import { isMorseUnit } from './morse.ts'
import { followOf, MAX_SPAN_CHARS, NeedleIndex, type Needle } from './needle-index.ts'
import { ESCAPED, MORSE, PLAIN, type View } from './views.ts'

/** Fewer letters and digits are in ordinary text by chance. */
export const MIN_SECRET_LETTERS = 6
/** Of a longer spelling this many are enough to be sure; the rest goes while it is said. */
const MAX_SURE_LETTERS = 128

export interface NeedleDetectorTerms {
  readonly code: string
  readonly class: OutputClass
  readonly example: string
  readonly reason: string
}

/** @returns whether a value can be told from ordinary text. */
export function isKnowable(value: string): boolean {
  return LOOSE.text(value).length >= MIN_SECRET_LETTERS
}

export function knownSecretDetector(values: readonly string[]): Detector {
  return needleDetector(new NeedleIndex(values.flatMap(needlesOf)), {
    code: 'output.known-secret',
    class: 'known-secret',
    example: values[0] ?? '',
    reason: 'named by the operator',
  })
}

export function needleDetector(index: NeedleIndex, terms: NeedleDetectorTerms): Detector {
  return {
    ...terms,
    maxHoldBackChars: MAX_SPAN_CHARS + MAX_ESCAPE_CHARS + 1,
    startsWith: (unit) => isEscapeSign(unit) || isMorseUnit(unit) || index.startsWith(unit),
    look: (text, at, before, isEnd) => {
      const unit = text.charCodeAt(at)
      if (isMorseUnit(unit)) {
        return isMorseUnit(before.charCodeAt(0))
          ? { is: 'no' }
          : lookIn(MORSE, index, text, at, isEnd)
      }
      const plain = lookIn(PLAIN, index, text, at, isEnd)
      if (plain.is !== 'no' || !hasEscape(text, at, index.reached)) return plain
      return lookIn(ESCAPED, index, text, at, isEnd)
    },
  }
}

/** Without one the text reads the same. */
function hasEscape(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isEscapeSign(text.charCodeAt(at))) return true
  return false
}

function lookIn(view: View, index: NeedleIndex, text: string, at: number, isEnd: boolean): Look {
  const walk = index.walk(view, text, at, isEnd)
  if (walk.is !== 'yes') return walk
  const { end, needle } = walk
  if (needle.from + needle.need >= needle.to) return { is: 'yes', end }
  return {
    is: 'yes',
    end,
    then: { follow: followOf(view === MORSE ? [MORSE] : [ESCAPED, PLAIN], needle) },
  }
}

export function needlesOf(value: string): Needle[] {
  return ENCODINGS.flatMap((encoding) => spellingsOf(value, encoding))
    .map((word) => LOOSE.text(word))
    .filter((letters) => letters.length >= MIN_SECRET_LETTERS)
    .map((letters) => ({
      letters,
      from: 0,
      need: Math.min(letters.length, MAX_SURE_LETTERS),
      to: letters.length,
    }))
}

/** Bytes of another case, or backwards, are another value to their encoding. */
function spellingsOf(value: string, { of, spell }: Encoding): readonly string[] {
  if (of === 'letters') return spell(value)
  return [...casesOf(value), Array.from(value).reverse().join('')].flatMap(spell)
}
