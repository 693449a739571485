/**
 * Sets of Unicode code points as sorted ranges. Surrogates belong to no set: a string of ours is
 * always well-formed.
 *
 * Pure.
 *
 * @packageDocumentation
 */

/** First and last code point, both inside. */
export type Range = readonly [number, number]

/** Sorted, apart from each other by at least one code point. */
export type CodePoints = readonly Range[]

export const NOTHING: CodePoints = []
export const EVERYTHING: CodePoints = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
]

/** Ranges in any order, overlapping or not, made into a set. */
export function codePoints(ranges: readonly Range[]): CodePoints {
  const sorted = ranges.flatMap(withoutSurrogates).sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

function withoutSurrogates([first, last]: Range): Range[] {
  const below: Range[] = first <= 0xd7ff ? [[first, Math.min(last, 0xd7ff)]] : []
  return last >= 0xe000 ? [...below, [Math.max(first, 0xe000), last]] : below
}

/** The set of the characters of a text. */
export function charactersOf(text: string): CodePoints {
  return codePoints(
    Array.from(text, (character): Range => {
      const point = character.codePointAt(0) ?? 0
      return [point, point]
    }),
  )
}

export function complementOf(set: CodePoints): CodePoints {
  const gaps: Range[] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) gaps.push([next, first - 1])
    next = last + 1
  }
  if (next <= 0x10ffff) gaps.push([next, 0x10ffff])
  return codePoints(gaps)
}

export function holds(set: CodePoints, point: number): boolean {
  let low = 0
  let high = set.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [first, last] = set[middle] ?? [0, -1]
    if (point < first) high = middle - 1
    else if (point > last) low = middle + 1
    else return true
  }
  return false
}

export function intersectionOf(a: CodePoints, b: CodePoints): CodePoints {
  const common: Range[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [aFirst, aLast] = a[i] ?? [0, -1]
    const [bFirst, bLast] = b[j] ?? [0, -1]
    const first = Math.max(aFirst, bFirst)
    const last = Math.min(aLast, bLast)
    if (first <= last) common.push([first, last])
    if (aLast < bLast) i++
    else j++
  }
  return common
}
