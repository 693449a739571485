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
  readonly content: string
  /** `json`: the text of a JSON value; the stages see what its strings say. Text when not given. */
  readonly form?: 'text' | 'json'
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
    content: cleanedContent(message, tally),
  }))
  // NFC can make a text longer, up to three times.
  const isRefused = isTooLong(cleaned, policy, tally)
  const findings = tally.findings()
  if (isRefused) return { verdict: 'refuse', messages: [], findings }
  if (findings.length === 0) return { verdict: 'allow', messages: cleaned, findings }
  if (policy.invisible === 'refuse') return { verdict: 'refuse', messages: [], findings }
  return { verdict: 'flag', messages: cleaned, findings }
}

function cleanedContent({ content, form }: Message, tally: Tally): string {
  const cleaned = (text: string) => STAGES.reduce((left, stage) => stage.apply(left, tally), text)
  return form === 'json' ? mapStrings(content, cleaned) : cleaned(content)
}

/** A string of JSON, with its quotes. */
const STRING = /"(?:[^"\\]|\\.)*"/g

/** Everything but the strings that change stays as it was spelled: no number loses its digits. */
function mapStrings(json: string, map: (text: string) => string): string {
  return json.replaceAll(STRING, (spelled) => {
    const said = String(JSON.parse(spelled))
    const mapped = map(said)
    return mapped === said ? spelled : JSON.stringify(mapped)
  })
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
