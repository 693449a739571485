/**
 * What the record says of a request: who, which model, counts, codes and times. Never content.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { Event } from '../../wire/frames.ts'
import type { Finding } from '../guard-port.ts'
import { Cancelled } from '../job-book.ts'

export interface RequestSubject {
  readonly requestId: string
  readonly clientId: string
  readonly model: string
}

/** How a request ended. */
export type Outcome =
  { readonly finish: 'stop' | 'length' } | { readonly finish: 'failed'; readonly thrown: unknown }

export interface Tally {
  promptTokens: number
  cachedTokens: number
  completionTokens: number
  prefillMs: number
  decodeMs: number
}

type Sized = readonly { readonly content: string }[]

export function acceptedEvent(
  subject: RequestSubject,
  messages: Sized,
  findings: readonly Finding[],
): Event {
  const chars = messages.reduce((sum, message) => sum + message.content.length, 0)
  return {
    type: 'request.accepted',
    ...subjectFields(subject),
    codes: codesOf(findings),
    counts: { messages: messages.length, promptChars: chars, findings: totalOf(findings) },
  }
}

export function refusedEvent(
  subject: RequestSubject,
  messages: Sized,
  findings: readonly Finding[],
): Event {
  return { ...acceptedEvent(subject, messages, findings), type: 'request.refused' }
}

export function completedEvent(
  subject: RequestSubject,
  outcome: Outcome,
  tally: Tally & { readonly totalMs: number; readonly answerChars: number },
  findings: readonly Finding[],
): Event {
  return {
    type: 'request.completed',
    ...subjectFields(subject),
    codes: [...outcomeCodes(outcome), ...codesOf(findings)],
    counts: { ...tally, findings: totalOf(findings) },
  }
}

function outcomeCodes(outcome: Outcome): string[] {
  if (outcome.finish !== 'failed') return [`finish.${outcome.finish}`]
  const { thrown } = outcome
  if (thrown instanceof Cancelled) return ['finish.cancelled', `cancelled.${thrown.reason}`]
  return ['finish.failed', thrown instanceof Fault ? thrown.code : 'INTERNAL']
}

function subjectFields(subject: RequestSubject): Pick<Event, 'request' | 'client' | 'model'> {
  return { request: subject.requestId, client: subject.clientId, model: subject.model }
}

/** The wire allows 64 codes; a guard has fewer. */
export function codesOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => finding.code))].slice(0, 60)
}

function totalOf(findings: readonly Finding[]): number {
  return findings.reduce((sum, finding) => sum + finding.count, 0)
}
