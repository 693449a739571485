/**
 * Findings of several filters as those of one request.
 *
 * @packageDocumentation
 */
import type { Finding } from '../guard-port.ts'

/** One for each code, in the order in which the codes were first seen. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>()
  for (const { code, count } of findings) counts.set(code, (counts.get(code) ?? 0) + count)
  return [...counts].map(([code, count]) => ({ code, count }))
}

/** The wire allows 64 codes; a guard has fewer. */
export function codesOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => finding.code))].slice(0, 60)
}

export function totalOf(findings: readonly Finding[]): number {
  return findings.reduce((sum, finding) => sum + finding.count, 0)
}
