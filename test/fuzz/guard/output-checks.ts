/**
 * What has to hold for every answer, whatever stands in it and however it is cut.
 *
 * @packageDocumentation
 */
import { createJsonRedactor } from '../../../src/guard/output/json-redactor.ts'
import { ANYWHERE } from '../../../src/guard/output/mask-place.ts'
import {
  createRedactor,
  textOf,
  type AnswerContext,
  type OutputMatch,
  type OutputPolicy,
  type Piece,
} from '../../../src/guard/output/redactor.ts'

export interface Answer {
  readonly text: string
  /** The same text. Behind the pieces whose index is in `pauses` the answer is paused. */
  readonly pieces: readonly string[]
  readonly pauses: ReadonlySet<number>
}

/** @returns what is wrong, if anything is. */
export function checkOutput(
  policy: OutputPolicy,
  context: AnswerContext,
  answer: Answer,
): string | undefined {
  const streamed = run(policy, context, answer.pieces, answer.pauses)
  const { segments, pauses } = asSegments(answer)
  const whole = run(policy, context, segments, pauses)
  for (const name of ['text', 'findings', 'matches', 'state'] as const) {
    const [a, b] = [JSON.stringify(streamed[name]), JSON.stringify(whole[name])]
    if (a !== b) return `${name} of the stream is not that of the whole`
  }
  const fault = streamed.fault ?? whole.fault ?? matchFault(streamed.matches, answer.text.length)
  if (fault !== undefined) return fault
  return streamed.state === 'open' ? coverFault(streamed.pieces, answer.text) : undefined
}

/** Whole between its pauses. */
function asSegments({ pieces, pauses }: Answer) {
  const segments: string[] = []
  let open = ''
  for (const [index, piece] of pieces.entries()) {
    open += piece
    if (!pauses.has(index)) continue
    segments.push(open)
    open = ''
  }
  return { segments: [...segments, open], pauses: new Set(segments.map((_, index) => index)) }
}

function run(
  policy: OutputPolicy,
  context: AnswerContext,
  parts: readonly string[],
  pauses: ReadonlySet<number>,
) {
  const matches: OutputMatch[] = []
  const redactor = createRedactor(policy, { ...context, onMatch: (match) => matches.push(match) })
  const pieces: Piece[] = []
  let given = 0
  let decided = 0
  let fault: string | undefined
  const take = (more: readonly Piece[]) => {
    pieces.push(...more)
    for (const { sourceChars } of more) decided += sourceChars
  }
  for (const [index, part] of parts.entries()) {
    take(redactor.push(part))
    given += part.length
    const held = given - decided
    if (redactor.state() === 'open' && held > redactor.maxHoldBackChars) {
      fault ??= `${held} characters are held back, more than ${redactor.maxHoldBackChars}`
    }
    if (pauses.has(index)) take(redactor.pause())
  }
  take(redactor.end())
  const sorted = matches.toSorted((a, b) => a.start - b.start || a.end - b.end)
  const { findings, state } = redactor
  return {
    text: textOf(pieces),
    pieces,
    findings: findings(),
    matches: sorted,
    state: state(),
    fault,
  }
}

/** Clear pieces are the text itself, and together with the masked ones all of it. */
function coverFault(pieces: readonly Piece[], text: string): string | undefined {
  let at = 0
  for (const piece of pieces) {
    const source = text.slice(at, at + piece.sourceChars)
    if (piece.is === 'clear' && piece.text !== source)
      return `clear at ${at}, and not what was given`
    at += piece.sourceChars
  }
  return at === text.length ? undefined : `${at} of ${text.length} characters are covered`
}

function matchFault(matches: readonly OutputMatch[], chars: number): string | undefined {
  for (const { code, start, end } of matches) {
    if (!/^output\.[a-z0-9.-]{1,57}$/.test(code)) return `a code is ${JSON.stringify(code)}`
    if (start < 0 || end <= start || end > chars) return `${code} is from ${start} to ${end}`
  }
  return undefined
}

/** JSON stays JSON of the same form, or nothing more leaves. */
export function checkJson(
  policy: OutputPolicy,
  context: AnswerContext,
  answer: Pick<Answer, 'text' | 'pieces'>,
): string | undefined {
  const streamed = runJson(policy, context, answer.pieces)
  const whole = runJson(policy, context, [answer.text])
  if (streamed.text !== whole.text || streamed.state !== whole.state) {
    return 'the document of the stream is not that of the whole'
  }
  if (streamed.state === 'blocked') return undefined
  if (streamed.state !== 'whole') return `the document is ${streamed.state}`
  try {
    JSON.parse(streamed.text)
    return undefined
  } catch {
    return 'the document is no JSON any more'
  }
}

function runJson(policy: OutputPolicy, context: AnswerContext, parts: readonly string[]) {
  const redactor = createJsonRedactor(createRedactor(policy, context), ANYWHERE)
  const pieces = [...parts.flatMap((part) => redactor.push(part)), ...redactor.end()]
  return { text: textOf(pieces), state: redactor.state() }
}
