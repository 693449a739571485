/**
 * Findings of several filters as those of one request, and how a client is told of them.
 *
 * @packageDocumentation
 */
import type { FastifyReply } from 'fastify'
import type { Finding } from '../guard-port.ts'

/** One for each code, in the order in which the codes were first seen. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>()
  for (const { code, count } of findings) counts.set(code, (counts.get(code) ?? 0) + count)
  return [...counts].map(([code, count]) => ({ code, count }))
}

/** The wire allows 64 codes, and the record has some of its own. */
const MAX_CODES = 60

export function codesOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => finding.code))].slice(0, MAX_CODES)
}

/** What the guard found in a prompt. */
export interface PromptFindings {
  readonly findings: readonly Finding[]
  /** The highest of its texts: 0 to 1. */
  readonly score: number
}

/** What a client is told of a request: codes and counts, never a word of it. */
export interface Annotation {
  readonly findings: readonly Finding[]
  /** Of the prompt; left out where nothing in it looks like an injection. */
  readonly score?: number
}

/** undefined: there is nothing to say. */
export function annotationOf(
  prompt: PromptFindings,
  answer: readonly Finding[] = [],
): Annotation | undefined {
  const findings = mergeFindings([...prompt.findings, ...answer]).slice(0, MAX_CODES)
  if (findings.length === 0) return undefined
  const score = Math.round(prompt.score * SCORE_STEPS) / SCORE_STEPS
  return score > 0 ? { findings, score } : { findings }
}

const SCORE_STEPS = 1000

/** As it stands in the body of an answer; stock SDKs pass over a field they do not know. */
export function annotated(annotation: Annotation | undefined): { secure_llm?: Annotation } {
  return annotation === undefined ? {} : { secure_llm: annotation }
}

/** In a header, as long as there are any to send. */
export function tellFindings(reply: FastifyReply, findings: readonly Finding[]): void {
  if (findings.length === 0 || reply.raw.headersSent) return
  reply.header('x-secure-llm-findings', codesOf(findings).join(', '))
}

export function totalOf(findings: readonly Finding[]): number {
  return findings.reduce((sum, finding) => sum + finding.count, 0)
}
