/**
 * What the record says of a request: who, which model, counts, codes and times. Never content.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { Event } from '../../wire/frames.ts'
import type { JobOrder } from '../engine-link.ts'
import type { Finding } from '../guard-port.ts'
import { Cancelled } from '../job-book.ts'
import type { Finish } from './choice-filter.ts'
import { codesOf, totalOf } from './findings.ts'

export interface RequestSubject {
  readonly requestId: string
  readonly clientId: string
  readonly model: string
}

/** How much was asked. */
export interface RequestSize {
  readonly messages: number
  /** UTF-16 units of everything the model reads. */
  readonly promptChars: number
  readonly tools: number
  readonly choices: number
}

/** How a request ended; `finishes` has one for each choice. */
export type Outcome =
  | { readonly finish: 'ended'; readonly finishes: readonly Finish[] }
  | { readonly finish: 'failed'; readonly thrown: unknown }

export interface Tally {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly thoughtTokens: number
  readonly prefillMs: number
  readonly decodeMs: number
  readonly answerChars: number
  /** Of tools, by the model. */
  readonly calls: number
}

/** Before anything was computed; times and counts are put over it. */
export const NO_TALLY: Tally = {
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  thoughtTokens: 0,
  prefillMs: 0,
  decodeMs: 0,
  answerChars: 0,
  calls: 0,
}

export function orderSize({ input, choices }: JobOrder): RequestSize {
  if (input.kind !== 'chat') {
    const promptChars = input.kind === 'text' ? input.text.length : 0
    return { messages: 1, promptChars, tools: 0, choices }
  }
  const texts = [
    ...input.messages.flatMap(({ content, calls = [] }) => [
      content,
      ...calls.map((call) => call.arguments),
    ]),
    ...input.tools.flatMap(({ description, parameters }) => [description ?? '', parameters]),
  ]
  const promptChars = texts.reduce((sum, { length }) => sum + length, 0)
  return { messages: input.messages.length, promptChars, tools: input.tools.length, choices }
}

export function acceptedEvent(
  subject: RequestSubject,
  size: RequestSize,
  findings: readonly Finding[],
): Event {
  return {
    type: 'request.accepted',
    ...subjectFields(subject),
    codes: codesOf(findings),
    counts: { ...size, findings: totalOf(findings) },
  }
}

export function refusedEvent(
  subject: RequestSubject,
  size: RequestSize,
  findings: readonly Finding[],
): Event {
  return { ...acceptedEvent(subject, size, findings), type: 'request.refused' }
}

export function completedEvent(
  subject: RequestSubject,
  outcome: Outcome,
  tally: Tally & { readonly totalMs: number },
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
  if (outcome.finish === 'ended') {
    return [...new Set(outcome.finishes.map((finish) => `finish.${finish}`))]
  }
  const { thrown } = outcome
  if (thrown instanceof Cancelled) return ['finish.cancelled', `cancelled.${thrown.reason}`]
  return ['finish.failed', thrown instanceof Fault ? thrown.code : 'INTERNAL']
}

function subjectFields(subject: RequestSubject): Pick<Event, 'request' | 'client' | 'model'> {
  return { request: subject.requestId, client: subject.clientId, model: subject.model }
}
