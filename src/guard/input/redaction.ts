/**
 * Takes orders out of a text, sentence by sentence, until what is left is none.
 *
 * @packageDocumentation
 */
import { featuresOf } from './features.ts'
import { matchingText } from './matching.ts'
import { calibrated, FLAGGED, valuesOf, type Head, type Span } from './model.ts'
import { readText, writeText, type Form } from './read-text.ts'
import { BY_MODEL, scoreText, type Judge, type Reason } from './scoring.ts'
import { sentencesAround } from './sentences.ts'
import { applyEdits } from './traced-text.ts'

export const REMOVED = '[removed]'
/** What is left after a sentence is taken out may still be an order. */
const MAX_ROUNDS = 6
const REACH = 160

const MIN_TOKENS = 3

export interface Redaction {
  readonly form: Form
  readonly judge: Judge
  readonly isTaken: (reason: Reason) => boolean
}

export function redact(given: string, { form, judge, isTaken }: Redaction): string {
  let content = given
  // A window can be the mark behind an order alone: then what stands around it is asked, too.
  let reach = 0
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { composed } = readText(content, form)
    const reasons = scoreText(composed.text, judge).reasons.filter(isTaken)
    if (reasons.length === 0) break
    // Around a window only what is an order by itself is taken.
    const isNarrow = round < 3 || reach > 0
    const edits = reasons.flatMap((reason) => {
      const head = isNarrow && reason.code === BY_MODEL ? judge.head : undefined
      return sentencesToRemove(composed.text, { ...reason, reach }, head).map(({ start, end }) => {
        return { start: composed.startOf(start), end: composed.endOf(end), text: REMOVED }
      })
    })
    if (edits.length === 0) reach += REACH
    content = writeText(applyEdits(content, edits), form, true)
  }
  return content
}

interface Reach extends Span {
  /** So far around the place is looked, too. */
  readonly reach: number
}

/** Of a window, the sentences that make it look bad; otherwise all that the place touches. */
function sentencesToRemove(
  text: string,
  { start: from, end: to, reach }: Reach,
  head: Head | undefined,
): Span[] {
  const isWidened = reach > 0
  const span = { start: from - reach, end: to + reach }
  const sentences = sentencesAround(text, span).filter(
    ({ start, end }) => text.slice(start, end) !== REMOVED,
  )
  if (head === undefined) return sentences
  const valued = sentences.flatMap((sentence) => {
    const features = featuresOf(matchingText(text.slice(sentence.start, sentence.end)))
    // A name or a number orders nothing, whatever the model thinks of it.
    if (features.tokens < MIN_TOKENS) return []
    return [{ sentence, value: valuesOf(features, head).value }]
  })
  const guilty = valued.filter(({ value }) => calibrated(value, head) >= FLAGGED)
  if (guilty.length > 0 || isWidened) return guilty.map(({ sentence }) => sentence)
  if (valued.length < 2) return sentences
  return [valued.reduce((one, other) => (other.value > one.value ? other : one)).sentence]
}
