/**
 * True, false and missed: counts of them, and what is said of them. Pure.
 *
 * @packageDocumentation
 */
export interface Counts {
  truePositives: number
  falsePositives: number
  falseNegatives: number
  trueNegatives: number
}

export function noCounts(): Counts {
  return { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }
}

export function countRow(
  counts: Counts,
  { is, said }: { readonly is: boolean; readonly said: boolean },
): void {
  if (is) counts[said ? 'truePositives' : 'falseNegatives']++
  else counts[said ? 'falsePositives' : 'trueNegatives']++
}

export function precisionOf({ truePositives, falsePositives }: Counts): number {
  return truePositives / (truePositives + falsePositives)
}

export function recallOf({ truePositives, falseNegatives }: Counts): number {
  return truePositives / (truePositives + falseNegatives)
}

export function f1Of(counts: Counts): number {
  const { truePositives, falsePositives, falseNegatives } = counts
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives)
}

export function falseAlarmsOf({ falsePositives, trueNegatives }: Counts): number {
  return falsePositives / (falsePositives + trueNegatives)
}

export interface Span {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** Shared characters of both, of all characters of either. */
export function overlapOf(a: Span, b: Span): number {
  const shared = Math.min(a.end, b.end) - Math.max(a.start, b.start)
  if (shared <= 0) return 0
  return shared / (Math.max(a.end, b.end) - Math.min(a.start, b.start))
}

/** Of one row, by type: a span is found when one of the same type shares half of it. */
export function countSpans(
  byType: Map<string, Counts>,
  gold: readonly Span[],
  found: readonly Span[],
): void {
  const left = new Set(found)
  for (const span of gold) {
    const hit = [...left].find((one) => one.type === span.type && overlapOf(span, one) >= 0.5)
    if (hit === undefined) countsOf(byType, span.type).falseNegatives++
    else {
      countsOf(byType, span.type).truePositives++
      left.delete(hit)
    }
  }
  for (const { type } of left) countsOf(byType, type).falsePositives++
}

export function countsOf(byType: Map<string, Counts>, type: string): Counts {
  const known = byType.get(type) ?? noCounts()
  byType.set(type, known)
  return known
}

export function sumOf(all: Iterable<Counts>): Counts {
  const sum = noCounts()
  for (const counts of all) {
    sum.truePositives += counts.truePositives
    sum.falsePositives += counts.falsePositives
    sum.falseNegatives += counts.falseNegatives
    sum.trueNegatives += counts.trueNegatives
  }
  return sum
}
