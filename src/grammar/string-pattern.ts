/**
 * `pattern`: the regular part of ECMA-262's expressions (flag `u`), read into a tree.
 *
 *     ^[a-z]+(-[a-z]+)*$
 *
 * What it gives: literals, classes, groups, alternatives, quantifiers (greedy or lazy: the same
 * language), `^` and `$` wherever they stand, look-ahead right behind a leading `^`. What it refuses:
 * any other look-around, back references, `\b`, `\p{…}`, modifiers, and whatever flag `u` calls a
 * syntax error.
 *
 * @packageDocumentation
 */
import { codePoints, complementOf, type CodePoints, type Range } from './code-points.ts'
import { classEscape, characterEscape, DOT } from './pattern-escapes.ts'
import { PatternReader } from './pattern-reader.ts'

export type Pattern =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly item: Pattern; readonly min: number; readonly max: number }

const DEEPEST_GROUP = 32
const MOST_REPETITIONS = 1_000

/** A look-ahead at the beginning of the text: another pattern that must, or must not, be found. */
export interface Guard {
  readonly pattern: Pattern
  readonly isWanted: boolean
}

export interface ParsedPattern {
  readonly found: Pattern
  readonly guards: readonly Guard[]
}

/** @throws PatternFlaw with a reason that repeats nothing of the pattern. */
export function parsePattern(source: string): ParsedPattern {
  const reader = new PatternReader(source)
  const guards = readGuards(reader)
  const pattern = readChoice(reader, 0)
  if (!reader.done) throw reader.flaw('a group ends that never began')
  if (guards.length === 0) return { found: pattern, guards }
  // The look-ahead belongs to the first alternative only.
  if (pattern.kind === 'choice') throw reader.flaw('look-ahead before alternatives')
  return { found: fromStart(pattern), guards }
}

const fromStart = (pattern: Pattern): Pattern => ({
  kind: 'sequence',
  items: [{ kind: 'start' }, pattern],
})

/** Takes `^(?=…)(?!…)…`; leaves the source alone when it does not begin so. */
function readGuards(reader: PatternReader): Guard[] {
  if (!reader.sees('^(?=') && !reader.sees('^(?!')) return []
  reader.take('^')
  const guards: Guard[] = []
  while (reader.sees('(?=') || reader.sees('(?!')) {
    const isWanted = reader.take('(?=')
    if (!isWanted) reader.take('(?!')
    guards.push({ pattern: fromStart(readChoice(reader, 1)), isWanted })
    if (!reader.take(')')) throw reader.flaw('a group does not end')
    if (reader.seesOneOf('*+?{')) throw reader.flaw('a repeated look-ahead')
  }
  return guards
}

function readChoice(reader: PatternReader, depth: number): Pattern {
  if (depth > DEEPEST_GROUP) throw reader.flaw(`groups nested deeper than ${DEEPEST_GROUP}`)
  const items = [readSequence(reader, depth)]
  while (reader.take('|')) items.push(readSequence(reader, depth))
  return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'choice', items }
}

function readSequence(reader: PatternReader, depth: number): Pattern {
  const items: Pattern[] = []
  while (!reader.done && !reader.sees('|') && !reader.sees(')')) {
    const item = readTerm(reader, depth)
    const isAnchor = item.kind === 'start' || item.kind === 'end'
    items.push(isAnchor ? item : readQuantifier(reader, item))
  }
  return { kind: 'sequence', items }
}

function readTerm(reader: PatternReader, depth: number): Pattern {
  if (reader.take('^')) return { kind: 'start' }
  if (reader.take('$')) return { kind: 'end' }
  if (reader.take('(')) return readGroup(reader, depth)
  if (reader.take('[')) return { kind: 'set', set: readClass(reader) }
  if (reader.take('.')) return { kind: 'set', set: DOT }
  if (reader.take('\\')) {
    const set = classEscape(reader)
    return { kind: 'set', set: set ?? single(characterEscape(reader)) }
  }
  if (reader.seesOneOf('*+?{}]')) throw reader.flaw('a sign stands where nothing can be repeated')
  return { kind: 'set', set: single(reader.next()) }
}

function single(point: number): CodePoints {
  return codePoints([[point, point]])
}

function readGroup(reader: PatternReader, depth: number): Pattern {
  if (reader.take('?')) readGroupHead(reader)
  const inside = readChoice(reader, depth + 1)
  if (!reader.take(')')) throw reader.flaw('a group does not end')
  return inside
}

function readGroupHead(reader: PatternReader): void {
  if (reader.take(':')) return
  if (!reader.take('<')) throw reader.flaw('look-around and modifiers are not supported')
  if (reader.sees('=') || reader.sees('!')) throw reader.flaw('look-around is not supported')
  // A name changes nothing without back references, and those are refused.
  if (!/^[A-Za-z_$][\w$]*$/.test(reader.until('>'))) throw reader.flaw('the name of a group')
}

function readQuantifier(reader: PatternReader, item: Pattern): Pattern {
  const bounds = readBounds(reader)
  if (bounds === null) return item
  const [min, max] = bounds
  if (max < min) throw reader.flaw('a quantifier out of order')
  if (min > MOST_REPETITIONS || (max !== Infinity && max > MOST_REPETITIONS)) {
    throw reader.flaw(`a quantifier above ${MOST_REPETITIONS}`)
  }
  reader.take('?')
  if (reader.seesOneOf('*+?{')) throw reader.flaw('a quantifier after a quantifier')
  return { kind: 'repeat', item, min, max }
}

function readBounds(reader: PatternReader): [number, number] | null {
  if (reader.take('*')) return [0, Infinity]
  if (reader.take('+')) return [1, Infinity]
  if (reader.take('?')) return [0, 1]
  if (!reader.take('{')) return null
  const found = /^(\d{1,6})(?:(,)(\d{0,6}))?$/.exec(reader.until('}'))
  if (found === null) throw reader.flaw('a quantifier that is none')
  const min = Number(found[1])
  if (found[2] === undefined) return [min, min]
  return [min, found[3] === '' ? Infinity : Number(found[3])]
}

function readClass(reader: PatternReader): CodePoints {
  const isNegated = reader.take('^')
  const ranges: Range[] = []
  while (!reader.take(']')) {
    const from = readClassAtom(reader)
    if (typeof from !== 'number' || !reader.seesRange()) {
      ranges.push(...(typeof from === 'number' ? single(from) : from))
      continue
    }
    reader.take('-')
    const to = readClassAtom(reader)
    if (typeof to !== 'number' || to < from) throw reader.flaw('a range out of order')
    ranges.push([from, to])
  }
  const set = codePoints(ranges)
  return isNegated ? complementOf(set) : set
}

/** A code point, or the set that an escape such as `\d` stands for. */
function readClassAtom(reader: PatternReader): number | CodePoints {
  if (reader.done) throw reader.flaw('a class does not end')
  if (!reader.take('\\')) return reader.next()
  if (reader.take('b')) return 8
  const set = classEscape(reader)
  if (set === null) return characterEscape(reader)
  if (reader.seesRange()) throw reader.flaw('a range from a set')
  return set
}
