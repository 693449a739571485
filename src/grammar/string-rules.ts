/**
 * Strings as rules: every string, strings of a length, strings of an automaton, fixed texts.
 *
 * One string has one text, the one that JSON.stringify writes: characters as themselves, `\"`, `\\`,
 * `\b \f \n \r \t`, and `\u00xx` for the other control characters. So what a guard reads in the
 * answer is what the client will read, and no escape can hide a word from it.
 *
 * @packageDocumentation
 */
import { edgesOf, type Automaton } from './automaton-states.ts'
import {
  charactersOf,
  codePoints,
  complementOf,
  EVERYTHING,
  holds,
  intersectionOf,
  type CodePoints,
} from './code-points.ts'
import type { Languages } from './languages.ts'
import { classOf, literal, type RuleBook } from './rules.ts'
import type { StringShape } from './shape.ts'

const CONTROLS: CodePoints = [[0, 0x1f]]
const PLAIN = codePoints([
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0x10ffff],
])
const SHORT_ESCAPES: readonly (readonly [number, string])[] = [
  [0x22, '"'],
  [0x5c, '\\'],
  [0x08, 'b'],
  [0x0c, 'f'],
  [0x0a, 'n'],
  [0x0d, 'r'],
  [0x09, 't'],
]

/** @returns A symbol for one character of a string, whichever it is. */
export function characterRule(book: RuleBook): string {
  return book.rule(characterWays(EVERYTHING, book).join(' | '))
}

/** Expressions for one character of a set, as it stands inside of a JSON string. */
function characterWays(set: CodePoints, book: RuleBook): string[] {
  const plain = intersectionOf(set, PLAIN)
  const escape = escapeOf(set, book)
  return [...(plain.length > 0 ? [classOf(plain)] : []), ...(escape === null ? [] : [escape])]
}

function escapeOf(set: CodePoints, book: RuleBook): string | null {
  const short = SHORT_ESCAPES.filter(([point]) => holds(set, point)).map(([, sign]) => sign)
  const long = [0, 1].flatMap((high) => longEscapes(set, high))
  const ways = [
    ...(short.length > 0 ? [classOf(charactersOf(short.join('')))] : []),
    ...(long.length > 0 ? [`"u00" ${book.choice(long)}`] : []),
  ]
  return ways.length === 0 ? null : `"\\\\" ${book.choice(ways)}`
}

/** The control characters of a set that have no short escape, by their first hexadecimal digit. */
function longEscapes(set: CodePoints, high: number): string[] {
  const digits = Array.from({ length: 16 }, (_, low) => low).filter((low) => {
    const point = high * 16 + low
    const isShort = SHORT_ESCAPES.some(([known]) => known === point)
    return !isShort && holds(CONTROLS, point) && holds(set, point)
  })
  const class16 = classOf(charactersOf(digits.map((low) => low.toString(16)).join('')))
  return digits.length > 0 ? [`"${high}" ${class16}`] : []
}

/** @returns A symbol for a string with its quotes. */
export function stringRule(shape: StringShape, languages: Languages, book: RuleBook): string {
  if (shape.patterns.length > 0) {
    return book.rule(`"\\"" ${automatonRule(languages.ofShape(shape), () => '"\\""', book)}`)
  }
  const characters = book.repeat(characterRule(book), shape.min, shape.max)
  return book.rule(`"\\"" ${characters} "\\""`)
}

/**
 * A symbol for the texts of an automaton, as they stand inside of a JSON string.
 *
 * @param endOf - The expression that follows a text with this label.
 */
export function automatonRule(
  automaton: Automaton,
  endOf: (label: number) => string,
  book: RuleBook,
): string {
  const names = automaton.states.map(() => book.reserve())
  automaton.states.forEach(({ label }, number) => {
    const steps = edgesOf(automaton, number).flatMap(({ set, to }) =>
      edgeWays(set, book).map((way) => `${way} ${names[to] ?? ''}`),
    )
    const ends = label === null ? [] : [endOf(label)]
    book.define(names[number] ?? '', [...steps, ...ends].join(' | '))
  })
  return names[0] ?? ''
}

function edgeWays(set: CodePoints, book: RuleBook): string[] {
  return complementOf(set).length === 0 ? [characterRule(book)] : characterWays(set, book)
}

/** An expression for one of several fixed texts, told apart character by character. */
export function textChoice(texts: readonly string[], book: RuleBook): string {
  return branch(
    [...new Set(texts)].sort().map((text) => Array.from(text)),
    book,
  )
}

function branch(texts: readonly (readonly string[])[], book: RuleBook): string {
  const [first = []] = texts
  const last = texts.at(-1) ?? []
  let shared = 0
  // Sorted: what the first and the last begin with, all begin with.
  while (shared < first.length && first[shared] === last[shared]) shared++
  const prefix = shared > 0 || texts.length === 1 ? [literal(first.slice(0, shared).join(''))] : []
  if (texts.length === 1) return prefix.join('')
  const byNext = new Map<string, (readonly string[])[]>()
  for (const text of texts) {
    const next = text[shared] ?? ''
    byNext.set(next, [...(byNext.get(next) ?? []), text.slice(shared)])
  }
  const ways = [...byNext].map(([next, rest]) => (next === '' ? '""' : branch(rest, book)))
  return [...prefix, book.rule(ways.join(' | '))].join(' ')
}
