/**
 * A kind of number as a row: its shapes, its checksum, the words it stands behind; and the
 * detectors made of such rows.
 *
 * A shape under `free` is a finding wherever it stands; one under `labelled` only behind a label.
 *
 * @packageDocumentation
 */
import type { OutputClass } from '../../classes.ts'
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import { indexLabels, labelAt, MAX_GAP, small, valueBehind, type LabelIndex } from './label.ts'
import { isWord } from './characters.ts'
import {
  compactOf,
  lettersAt,
  JOINS,
  JOINS_OR_BLANK,
  canGoOn,
  canStart,
  shapeOf,
  standsAlone,
  walk,
  type Shape,
  type Walk,
} from './shape.ts'

export interface PersonalRow {
  readonly code: string
  readonly class: OutputClass
  readonly examples: readonly string[]
  readonly counterexamples: readonly string[]
  readonly reason: string
  readonly source: string
}

export interface NumberRow {
  /** Behind the class: `us-ssn` in `output.national-id.us-ssn`; '' where the class says it all. */
  readonly name: string
  readonly free?: readonly string[]
  readonly labelled?: readonly string[]
  readonly labels?: readonly string[]
  /** How far behind the label it may start, where that is less than for others. */
  readonly gap?: number
  /** What it is only a part of when this stands next to it. */
  readonly barredBehind?: string
  /** @param compact - letters and digits alone. @param raw - as it stands in the text. */
  readonly accepts?: (compact: string, raw: string) => boolean
  readonly examples: readonly string[]
  readonly counterexamples: readonly string[]
  readonly reason: string
  readonly source: string
}

export function rowsOf(kind: OutputClass, rows: readonly NumberRow[]): readonly PersonalRow[] {
  return rows.map(({ name, examples, counterexamples, reason, source }) => ({
    code: name === '' ? `output.${kind}` : `output.${kind}.${name}`,
    class: kind,
    examples,
    counterexamples,
    reason,
    source,
  }))
}

interface Matcher {
  readonly code: string
  readonly labels: readonly string[]
  readonly shapes: readonly Shape[]
  readonly accepts: (compact: string, raw: string) => boolean
  readonly gap: number
  readonly barred: string | undefined
}

type Found =
  { readonly is: 'no' } | { readonly is: 'more' } | { is: 'yes'; end: number; code: string }

function matcherOf(kind: OutputClass, row: NumberRow, templates: readonly string[]): Matcher {
  return {
    code: `output.${kind}.${row.name}`,
    labels: row.labels ?? [],
    shapes: templates.map(shapeOf),
    accepts: row.accepts ?? (() => true),
    gap: row.gap ?? MAX_GAP,
    barred: row.barredBehind,
  }
}

function matchShape(
  matcher: Matcher,
  shape: Shape,
  text: string,
  at: number,
  isEnd: boolean,
  joins: number,
): Walk {
  const found = walk(shape, text, at, isEnd)
  if (found.is !== 'yes') return found
  const alone = standsAlone(text, found.end, isEnd, joins)
  if (alone !== 'yes') return { is: alone }
  if (text.charAt(found.end) === matcher.barred) return { is: 'no' }
  const raw = text.slice(at, found.end)
  return matcher.accepts(compactOf(raw), raw) ? found : { is: 'no' }
}

const START_BARRED = '-\u2010\u2011\u2013.+$€£¥'

/** A number goes on from what stands in front, or it is money. */
export const isBarred = (before: string) =>
  before !== '' && (isWord(before) || START_BARRED.includes(before))

const ASCII_UNITS = 128

interface Candidate {
  readonly matcher: Matcher
  readonly shape: Shape
}

/** Candidates by their first two units, which leaves few to walk; each list is made when first asked for. */
function indexByPair(all: readonly Candidate[]) {
  const byFirst = Array.from({ length: ASCII_UNITS }, (_, first) =>
    all.filter(({ shape }) => canStart(shape, first)),
  )
  const byPair: (readonly Candidate[] | undefined)[] = []
  return {
    isStart: (unit: number) => (byFirst[unit]?.length ?? 0) > 0,
    at: (first: number, second: number): readonly Candidate[] => {
      const starting = byFirst[first] ?? []
      // Blanks and dashes beyond ASCII are few: all that start so are walked.
      if (!(second < ASCII_UNITS)) return starting
      const pair = first * ASCII_UNITS + second
      return (byPair[pair] ??= starting.filter(({ shape }) => canGoOn(shape, first, second)))
    },
  }
}

const fits = ({ minLetters, maxLetters }: Shape, letters: number) =>
  letters >= minLetters && letters <= maxLetters

/** Asks the rows in their order; the first that says yes counts, and one that waits makes all wait. */
export function freeDetector(
  kind: OutputClass,
  rows: readonly NumberRow[],
  reason: string,
): Detector {
  const all = rows.flatMap((row) => {
    const matcher = matcherOf(kind, row, row.free ?? [])
    return matcher.shapes.map((shape) => ({ matcher, shape }))
  })
  const byPair = indexByPair(all)
  return {
    code: `output.${kind}`,
    class: kind,
    maxHoldBackChars: 2 + Math.max(0, ...all.map(({ shape }) => shape.maxChars)),
    example: rows.find(({ free }) => free !== undefined)?.examples[0] ?? '',
    reason,
    onlyAtWordStart: true,
    startsWith: (unit) => unit < ASCII_UNITS && byPair.isStart(unit),
    look: (text, at, before, isEnd): Look => {
      if (isBarred(before)) return NO
      if (at + 1 === text.length && !isEnd) return MORE
      const letters = lettersAt(text, at, isEnd)
      for (const { matcher, shape } of byPair.at(text.charCodeAt(at), text.charCodeAt(at + 1))) {
        if (letters !== undefined && !fits(shape, letters)) continue
        if (before !== '' && before === matcher.barred) continue
        const joins = shape.isSpaced ? JOINS_OR_BLANK : JOINS
        const found = matchShape(matcher, shape, text, at, isEnd, joins)
        if (found.is === 'yes') return { is: 'yes', end: found.end, code: matcher.code }
        if (found.is === 'more') return MORE
      }
      return NO
    },
  }
}

/** Labels of all classes: one of them between a label and a number takes the number over. */
export type OtherLabels = LabelIndex<{ readonly labels: readonly string[] }>

function matchRows(rows: readonly Matcher[], text: string, at: number, isEnd: boolean): Found {
  for (const matcher of rows) {
    for (const shape of matcher.shapes) {
      const found = matchShape(matcher, shape, text, at, isEnd, JOINS)
      if (found.is === 'yes') return { is: 'yes', end: found.end, code: matcher.code }
      if (found.is === 'more') return found
    }
  }
  return { is: 'no' }
}

/** Starts at the label, which stays; the mask covers what follows it. */
export function labelledDetector(
  kind: OutputClass,
  rows: readonly NumberRow[],
  others: OtherLabels,
  reason: string,
): Detector {
  const labelledRows = rows.filter(({ labels }) => labels !== undefined)
  const matchers = labelledRows.map((row) =>
    matcherOf(kind, row, [...(row.free ?? []), ...(row.labelled ?? [])]),
  )
  return labelDetector(
    { kind, reason, example: labelledRows[0]?.examples[0] ?? '' },
    matchers,
    Math.max(...matchers.flatMap(({ shapes }) => shapes.map(({ maxChars }) => maxChars))),
    others,
    matchRows,
  )
}

export interface LabelledRow {
  readonly labels: readonly string[]
  /** How far behind the label the value may start, where that is less than for others. */
  readonly gap?: number
}

/** The same for values that are no shape: dates, telephone numbers. */
export function labelDetector<Row extends LabelledRow>(
  about: { readonly kind: OutputClass; readonly reason: string; readonly example: string },
  rows: readonly Row[],
  maxValueChars: number,
  others: OtherLabels,
  match: (rows: readonly Row[], text: string, at: number, isEnd: boolean) => Found,
): Detector {
  const index = indexLabels(rows)
  const longest = Math.max(...rows.flatMap(({ labels }) => labels.map(({ length }) => length)))
  const isBeyondAscii = [...index.firsts].some((first) => first >= ASCII_UNITS)
  return {
    code: `output.${about.kind}`,
    class: about.kind,
    maxHoldBackChars: longest + 1 + MAX_GAP + maxValueChars + 2,
    example: about.example,
    reason: about.reason,
    onlyAtWordStart: true,
    startsWith: (unit) => (unit < ASCII_UNITS ? index.firsts.has(small(unit)) : isBeyondAscii),
    look: (text, at, before, isEnd): Look => {
      const label = labelAt(index, text, at, before, isEnd)
      if (label.is !== 'yes') return label.is === 'more' ? MORE : NO
      const maxGap = Math.max(...label.rows.map(({ gap = MAX_GAP }) => gap))
      return lookBehind({ end: label.end, maxGap }, text, isEnd, others, (place) =>
        match(label.rows, text, place, isEnd),
      )
    },
  }
}

function lookBehind(
  label: { readonly end: number; readonly maxGap: number },
  text: string,
  isEnd: boolean,
  others: OtherLabels,
  match: (at: number) => Found,
): Look {
  let code: string | undefined
  const found = valueBehind(
    text,
    label.end,
    isEnd,
    label.maxGap,
    (at) => {
      const value = match(at)
      if (value.is === 'yes') code = value.code
      return value
    },
    (at) => labelAt(others, text, at, text.charAt(at - 1), isEnd).is,
  )
  if (found.is !== 'yes') return found.is === 'more' ? MORE : NO
  return { is: 'yes', start: found.start, end: found.end, ...(code === undefined ? {} : { code }) }
}
