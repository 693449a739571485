/**
 * What the guard makes of one text, as a line of JSON says it.
 *
 * Pure but for the pseudonyms and hashes of a process. The same functions that the gateway calls.
 *
 * @packageDocumentation
 */
import type { InputAction, OutputAction } from '../../guard/classes.ts'
import { inspectText, type InputSettings } from '../../guard/input/inspect.ts'
import { createRedactor, textOf, type OutputPolicy } from '../../guard/output/redactor.ts'

export interface JudgedFinding {
  /** The code that an answer's header and the record have. */
  readonly type: string
  /** UTF-16 units of the text as it was given. */
  readonly start: number
  readonly end: number
  readonly action: InputAction | OutputAction
}

export interface Judgement {
  /** 0 to 1; of an output: 1 when anything was found. */
  readonly score: number
  readonly verdict: 'allow' | 'flag' | 'redact' | 'refuse' | 'stop'
  readonly findings: readonly JudgedFinding[]
  /** What the model, or the client, gets; nothing when it is refused. */
  readonly redacted: string
}

export type InputOrigin = 'user' | 'document'

export function judgeInput(text: string, origin: InputOrigin, settings: InputSettings): Judgement {
  if (text.length > settings.maxMessageChars) return tooLong(text)
  const { content, score, matches } = inspectText({ content: text, origin }, settings)
  const findings = matches.map(({ code, start, end, action }) => ({
    type: code,
    ...{ start, end, action },
  }))
  const verdict = verdictOf(findings)
  return {
    score,
    verdict,
    findings: inOrder(findings),
    redacted: verdict === 'refuse' ? '' : content,
  }
}

function tooLong(text: string): Judgement {
  const type = 'input.message-too-long'
  const findings = [{ type, start: 0, end: text.length, action: 'refuse' }] as const
  return { score: 1, verdict: 'refuse', findings, redacted: '' }
}

/** @param chunkChars - how many characters a piece of the stream has; all of them when not given. */
export function judgeOutput(text: string, policy: OutputPolicy, chunkChars?: number): Judgement {
  const findings: JudgedFinding[] = []
  const redactor = createRedactor(policy, {
    onMatch: ({ code, start, end, action }) => {
      findings.push({ type: code, start, end, action })
    },
  })
  const step = chunkChars ?? Math.max(1, text.length)
  let redacted = ''
  for (let at = 0; at < text.length; at += step) {
    redacted += textOf(redactor.push(text.slice(at, at + step)))
  }
  redacted += textOf(redactor.end())
  const score = findings.length > 0 ? 1 : 0
  return { score, verdict: verdictOf(findings), findings: inOrder(findings), redacted }
}

/** What each action comes to; the strongest of a text is its verdict. */
const VERDICTS = {
  allow: 'allow',
  flag: 'flag',
  redact: 'redact',
  mask: 'redact',
  hash: 'redact',
  partial: 'redact',
  pseudonym: 'redact',
  refuse: 'refuse',
  stop: 'stop',
} as const satisfies Record<InputAction | OutputAction, Judgement['verdict']>

const BY_STRENGTH = ['stop', 'refuse', 'redact', 'flag'] as const

function verdictOf(findings: readonly JudgedFinding[]): Judgement['verdict'] {
  const said = new Set<string>(findings.map(({ action }) => VERDICTS[action]))
  return BY_STRENGTH.find((verdict) => said.has(verdict)) ?? 'allow'
}

function inOrder(findings: readonly JudgedFinding[]): readonly JudgedFinding[] {
  return findings.toSorted((a, b) => a.start - b.start || a.end - b.end)
}
