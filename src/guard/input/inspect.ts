/**
 * The input guard: what a stranger wrote, made ready for the model, with what was found in it.
 *
 * The stages are a table; a later stage sees what the earlier ones left. Special tokens of the
 * model are not this guard's work: the engine makes them inert where it knows the vocabulary.
 *
 * @packageDocumentation
 */
import { Tally, type Finding } from '../finding.ts'
import { stripInvisible } from './invisible.ts'

export type { Finding } from '../finding.ts'

export interface InputPolicy {
  /** UTF-16 units of one message, and of all together. */
  readonly maxMessageChars: number
  readonly maxPromptChars: number
  readonly invisible: 'strip' | 'refuse'
}

export interface Message {
  readonly role: string
  readonly content: string
}

export interface Inspection<M extends Message> {
  readonly verdict: 'allow' | 'flag' | 'refuse'
  /** What the engine gets. On `refuse`: nothing. */
  readonly messages: M[]
  readonly findings: Finding[]
}

interface Stage {
  readonly name: string
  readonly reason: string
  readonly apply: (content: string, tally: Tally) => string
}

const STAGES: readonly Stage[] = [
  {
    name: 'well-formed',
    reason: 'half a surrogate pair is no character; it would be written differently at each border',
    apply: (content, tally) => {
      if (content.isWellFormed()) return content
      tally.add('input.malformed')
      return content.toWellFormed()
    },
  },
  {
    name: 'invisible',
    reason: 'what the user cannot see, the user did not mean',
    apply: stripInvisible,
  },
  {
    name: 'normalise',
    reason: 'one spelling for one text, so that the model and every later rule see the same',
    apply: (content) => content.normalize('NFC'),
  },
]

export function inspectMessages<M extends Message>(
  messages: readonly M[],
  policy: InputPolicy,
): Inspection<M> {
  const tally = new Tally()
  if (isTooLong(messages, policy, tally)) {
    return { verdict: 'refuse', messages: [], findings: tally.findings() }
  }
  const cleaned = messages.map((message) => ({
    ...message,
    content: STAGES.reduce((content, stage) => stage.apply(content, tally), message.content),
  }))
  // NFC can make a text longer, up to three times.
  const isRefused = isTooLong(cleaned, policy, tally)
  const findings = tally.findings()
  if (isRefused) return { verdict: 'refuse', messages: [], findings }
  if (findings.length === 0) return { verdict: 'allow', messages: cleaned, findings }
  if (policy.invisible === 'refuse') return { verdict: 'refuse', messages: [], findings }
  return { verdict: 'flag', messages: cleaned, findings }
}

function isTooLong(messages: readonly Message[], policy: InputPolicy, tally: Tally): boolean {
  const lengths = messages.map(({ content }) => content.length)
  const long = lengths.filter((n) => n > policy.maxMessageChars).length
  const total = lengths.reduce((sum, n) => sum + n, 0)
  const tooMuch = total > policy.maxPromptChars ? 1 : 0
  tally.add('input.message-too-long', long)
  tally.add('input.prompt-too-long', tooMuch)
  return long + tooMuch > 0
}
