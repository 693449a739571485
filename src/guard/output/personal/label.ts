/**
 * Words that say what the number behind them is: "date of birth", "SSN", "Steuer-ID".
 *
 * A label is written in lower case; each blank of it may be ` `, `_`, `-` or nothing in the text, so
 * that `date_of_birth` and `Date-of-birth` are one label. It must stand at the beginning of a word
 * and end with one.
 *
 * @packageDocumentation
 */
import { isDigit, isWord } from './characters.ts'
import type { Walk } from './shape.ts'

const NO = { is: 'no' } as const
const MORE = { is: 'more' } as const

/** How far behind its label a value may start. */
export const MAX_GAP = 40
const MAX_BREAKS = 2
const MAX_COUNT_DIGITS = 2

export interface Label<Row> {
  readonly words: string
  readonly rows: readonly Row[]
}

export type Labelled<Row> =
  | { readonly is: 'no' }
  | { readonly is: 'more' }
  | { readonly is: 'yes'; readonly end: number; readonly rows: readonly Row[] }

/** By the first two characters; by the first alone where the second may be missing. */
export interface LabelIndex<Row> {
  readonly byPair: ReadonlyMap<number, readonly Label<Row>[]>
  readonly byFirst: ReadonlyMap<number, readonly Label<Row>[]>
  readonly firsts: ReadonlySet<number>
}

const UNITS = 0x10000
const CAPITAL_A = 0x41
const CAPITAL_Z = 0x5a
const TO_SMALL = 0x20
const ASCII = 128

/** Small letter of a capital. */
export function small(unit: number): number {
  if (unit < ASCII) return unit >= CAPITAL_A && unit <= CAPITAL_Z ? unit + TO_SMALL : unit
  const character = String.fromCharCode(unit).toLowerCase()
  return character.length === 1 ? character.charCodeAt(0) : unit
}

function keyOf(words: string): number {
  return words.charCodeAt(0) * UNITS + words.charCodeAt(1)
}

function gather<Row>(
  labels: readonly Label<Row>[],
  keyFor: (words: string) => number,
): ReadonlyMap<number, readonly Label<Row>[]> {
  const map = new Map<number, Label<Row>[]>()
  for (const label of labels) {
    const key = keyFor(label.words)
    map.set(key, [...(map.get(key) ?? []), label])
  }
  return map
}

export function indexLabels<Row extends { readonly labels: readonly string[] }>(
  rows: readonly Row[],
): LabelIndex<Row> {
  const byWords = new Map<string, Row[]>()
  for (const row of rows) {
    for (const words of row.labels) byWords.set(words, [...(byWords.get(words) ?? []), row])
  }
  // The longest first: it is the one that counts.
  const labels = [...byWords]
    .map(([words, its]) => ({ words, rows: its }))
    .sort((a, b) => b.words.length - a.words.length)
  const hasPair = ({ words }: Label<Row>) => words.length > 1 && words.charAt(1) !== ' '
  return {
    byPair: gather(labels.filter(hasPair), keyOf),
    byFirst: gather(
      labels.filter((label) => !hasPair(label)),
      (words) => words.charCodeAt(0),
    ),
    firsts: new Set(labels.map(({ words }) => words.charCodeAt(0))),
  }
}

const isJoint = (character: string) =>
  character !== '' && ' _-\n\u00a0\u2010\u2011'.includes(character)

/** Scripts that put no blanks between words: nothing can be said of what stands next to a label. */
const FIRST_UNSPACED = 0x0e00
const UNDERSCORE = '_'
const BLANK_UNIT = 0x20

function walkLabel(words: string, text: string, at: number, isEnd: boolean): Walk {
  let next = at
  for (let i = 0; i < words.length; i++) {
    const unit = words.charCodeAt(i)
    if (next >= text.length) return isEnd ? NO : MORE
    if (unit === BLANK_UNIT) {
      if (isJoint(text.charAt(next))) next++
      continue
    }
    if (small(text.charCodeAt(next)) !== unit) return NO
    next++
  }
  if (words.charCodeAt(0) >= FIRST_UNSPACED) return { is: 'yes', end: next }
  if (next === text.length) return isEnd ? { is: 'yes', end: next } : MORE
  const after = text.charAt(next)
  const goesOn = isWord(after) && !isDigit(after) && after !== UNDERSCORE
  return goesOn ? NO : { is: 'yes', end: next }
}

/** The longest label that starts here. */
export function labelAt<Row>(
  index: LabelIndex<Row>,
  text: string,
  at: number,
  before: string,
  isEnd: boolean,
): Labelled<Row> {
  const first = small(text.charCodeAt(at))
  if (first < FIRST_UNSPACED && isWord(before) && before !== UNDERSCORE) return NO
  if (!index.firsts.has(first)) return NO
  if (at + 1 === text.length) return isEnd ? NO : MORE
  const pair = index.byPair.get(first * UNITS + small(text.charCodeAt(at + 1)))
  const labels = pair ?? index.byFirst.get(first) ?? []
  for (const { words, rows } of labels) {
    const found = walkLabel(words, text, at, isEnd)
    if (found.is === 'yes') return { is: 'yes', end: found.end, rows }
    if (found.is === 'more') return found
  }
  return NO
}

/** How far the gap goes on over what stands at `at`; 0: here it ends. */
function stepOver(text: string, at: number, isEnd: boolean): number | 'more' {
  if (!isDigit(text.charAt(at))) return 1
  let next = at
  while (next < text.length && isDigit(text.charAt(next))) next++
  const count = next - at
  if (count > MAX_COUNT_DIGITS) return 0
  // "10 digits", "line 2"; not "10.1.2.3" and not "1a2b".
  if (next + 1 >= text.length && !isEnd) return 'more'
  const goesOn = isWord(text.charAt(next)) || isDigit(text.charAt(next + 1))
  return goesOn ? 0 : count
}

/**
 * Looks behind a label for the first place at which `valueAt` says yes. Another label in between
 * ends the search: what follows belongs to that one.
 */
export function valueBehind(
  text: string,
  from: number,
  isEnd: boolean,
  maxGap: number,
  valueAt: (at: number) => Walk,
  isOtherLabel: (at: number) => 'no' | 'more' | 'yes',
): { is: 'no' | 'more' } | { is: 'yes'; start: number; end: number } {
  let breaks = 0
  for (let at = from; at - from <= maxGap;) {
    if (at >= text.length) return { is: isEnd ? 'no' : 'more' }
    if (at === from || !isWord(text.charAt(at - 1))) {
      const value = valueAt(at)
      if (value.is === 'yes') return { is: 'yes', start: at, end: value.end }
      if (value.is === 'more') return value
    }
    const other = isOtherLabel(at)
    if (other !== 'no') return { is: other === 'more' ? 'more' : 'no' }
    if (text.charAt(at) === '\n' && ++breaks > MAX_BREAKS) return { is: 'no' }
    const step = stepOver(text, at, isEnd)
    if (step === 'more') return { is: 'more' }
    if (step === 0) return { is: 'no' }
    at += step
  }
  return { is: 'no' }
}
