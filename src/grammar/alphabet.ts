/**
 * Letters of an automaton: sets of code points that it never tells apart.
 *
 * A class such as `\w` has a few letters instead of a hundred thousand code points, so that an
 * automaton is a small table of numbers.
 *
 * @packageDocumentation
 */
import {
  codePoints,
  EVERYTHING,
  intersectionOf,
  type CodePoints,
  type Range,
} from './code-points.ts'
import type { Budget } from './limits.ts'

/** Disjoint, not empty, and together everything. A letter is an index. */
export type Alphabet = readonly CodePoints[]

/** The alphabet that can tell these sets apart, and the letters of each of them. */
export function alphabetOf(
  sets: readonly CodePoints[],
  budget: Budget,
): { alphabet: Alphabet; lettersOf: (set: CodePoints) => readonly number[] } {
  const cuts = new Map<number, number[]>([
    [0, []],
    [0xe000, []],
  ])
  const touch = (point: number, index: number) => {
    const toggled = cuts.get(point)
    if (toggled === undefined) cuts.set(point, [index])
    else toggled.push(index)
  }
  sets.forEach((set, index) => {
    budget.spend(set.length * 4)
    for (const [first, last] of set) {
      touch(first, index)
      touch(last + 1, index)
    }
  })
  const { ranges, members } = sweep(cuts, budget)
  const letters = new Map<CodePoints, number[]>(sets.map((set) => [set, []]))
  members.forEach((inside, letter) => {
    budget.spend(inside.length)
    for (const index of inside) {
      const set = sets[index]
      if (set !== undefined) letters.get(set)?.push(letter)
    }
  })
  return {
    alphabet: ranges.map((each) => codePoints(each)),
    lettersOf: (set) => letters.get(set) ?? [],
  }
}

/** Walks from cut to cut, with the sets that are open between them. */
function sweep(
  cuts: ReadonlyMap<number, readonly number[]>,
  budget: Budget,
): { ranges: Range[][]; members: (readonly number[])[] } {
  const starts = [...cuts.keys()].filter((cut) => cut <= 0x10ffff).sort((a, b) => a - b)
  const open = new Set<number>()
  const byMembers = new Map<string, { ranges: Range[]; members: readonly number[] }>()
  starts.forEach((first, index) => {
    for (const set of cuts.get(first) ?? []) {
      if (!open.delete(set)) open.add(set)
    }
    const last = (starts[index + 1] ?? 0x110000) - 1
    if (first >= 0xd800 && last <= 0xdfff) return
    budget.spend(open.size + 2)
    const members = [...open].sort((a, b) => a - b)
    const key = members.join()
    const known = byMembers.get(key) ?? { ranges: [], members }
    known.ranges.push([first, last])
    byMembers.set(key, known)
  })
  const parts = [...byMembers.values()]
  return { ranges: parts.map((part) => part.ranges), members: parts.map((part) => part.members) }
}

/** A letter of several alphabets at once. */
export interface SharedLetter {
  readonly set: CodePoints
  /** The letter in each of them. */
  readonly letters: readonly number[]
}

export function sharedAlphabet(alphabets: readonly Alphabet[], budget: Budget): SharedLetter[] {
  let shared: SharedLetter[] = [{ set: EVERYTHING, letters: [] }]
  for (const alphabet of alphabets) {
    shared = shared.flatMap(({ set, letters }) =>
      alphabet.flatMap((other, letter) => {
        budget.spend(set.length + other.length)
        const common = intersectionOf(set, other)
        return common.length === 0 ? [] : [{ set: common, letters: [...letters, letter] }]
      }),
    )
  }
  return shared
}
