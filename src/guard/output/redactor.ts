/**
 * The streaming redactor: model text in, text that may leave out.
 *
 * What it gives: the same output for every cut of the input, in linear time; a character is held
 * back only while a match that includes it is still possible, and never more than
 * `maxHoldBackChars` of them. Each piece says how much of the input it stands for, so that whatever
 * belongs to the text (its tokens, its place in JSON) can follow it. What it does not give: meaning;
 * it knows forms only.
 *
 * @packageDocumentation
 */
import { PERSONAL, type OutputClass } from '../classes.ts'
import type { Finding } from '../finding.ts'
import { contextDetectors } from './answer.ts'
import { DetectorTable } from './detector-table.ts'
import type { OutputPolicy } from './output-policy.ts'
import { OwnValues } from './own-values.ts'
import type { Piece } from './piece.ts'
import { Pseudonyms } from './pseudonyms.ts'
import { RedactingStream, type OutputMatch, type StreamTerms } from './redacting-stream.ts'

export { compileOutput, type OutputPolicy, type OutputSettings } from './output-policy.ts'
export { textOf, type Piece } from './piece.ts'
export type { OutputMatch } from './redacting-stream.ts'

/** What is known of one answer. */
export interface AnswerContext {
  /** The operator's: what it says must not leave. */
  readonly systemPrompt?: string
  /** A word in it that no honest answer says. */
  readonly canary?: string
  /** What the client sent in this request. The same array for all texts of an answer is read once. */
  readonly ownTexts?: readonly string[]
  /** Of the conversation; without it each text has its own. */
  readonly pseudonyms?: Pseudonyms
  /** Offsets are those of the text as it was pushed; called when the end of the match is known. */
  readonly onMatch?: (match: OutputMatch) => void
}

export interface Redactor {
  /** @returns what may be sent now; the rest is held back until it can be judged. */
  readonly push: (text: string, tokenChars?: readonly number[]) => readonly Piece[]
  /**
   * @returns the rest, judged as if nothing came after it; for a text that goes on later, behind a
   *   line break. A block whose end has not been seen stays masked.
   */
  readonly pause: () => readonly Piece[]
  /** @returns the rest, redacted. What is pushed afterwards is another text. */
  readonly end: () => readonly Piece[]
  /** Of all texts so far; at most 60 codes. */
  readonly findings: () => Finding[]
  readonly maxHoldBackChars: number
  /** `blocked`: something was found whose action is stop; nothing more comes. */
  readonly state: () => 'open' | 'blocked'
}

/** What of an answer's findings goes to headers and records. */
const MAX_CODES = 60

export function createRedactor(policy: OutputPolicy, context: AnswerContext = {}): Redactor {
  const tables = tablesOf(policy, context)
  const stream = new RedactingStream(termsOf(policy, context, tables))
  return {
    push: (text) => stream.take(text, 'more'),
    pause: () => stream.take('', 'pause'),
    end: () => stream.take('', 'end'),
    findings: () => stream.tally.findings().slice(0, MAX_CODES),
    maxHoldBackChars: Math.max(0, ...tables.map((table) => table.maxHoldBackChars)),
    state: () => (stream.isBlocked ? 'blocked' : 'open'),
  }
}

const IS_PERSONAL: ReadonlySet<OutputClass> = new Set(PERSONAL)

function termsOf(
  policy: OutputPolicy,
  context: AnswerContext,
  tables: readonly DetectorTable[],
): StreamTerms {
  const own = policy.ownPersonalData === 'returned' ? ownValuesOf(context.ownTexts) : null
  return {
    tables,
    actionOf: (outputClass) => policy.actions[outputClass],
    pseudonyms: context.pseudonyms ?? new Pseudonyms(),
    mayReturn: own && ((detector, value) => IS_PERSONAL.has(detector.class) && own.has(value)),
    onMatch: context.onMatch ?? ignore,
  }
}

function ignore(): void {
  // Nobody asked.
}

/** An answer has a redactor for each of its texts, and all of them ask the same. */
const TABLES = new WeakMap<readonly unknown[], DetectorTable>()
const OWN_VALUES = new WeakMap<readonly string[], OwnValues>()

/** What the answer's context adds decides first. */
function tablesOf(policy: OutputPolicy, context: AnswerContext): readonly DetectorTable[] {
  const added = contextDetectors(policy, context)
  return [added, policy.detectors]
    .filter((detectors) => detectors.length > 0)
    .map((detectors) => {
      const table = TABLES.get(detectors) ?? new DetectorTable(detectors)
      TABLES.set(detectors, table)
      return table
    })
}

function ownValuesOf(texts: readonly string[] | undefined): OwnValues | null {
  if (texts === undefined) return null
  const known = OWN_VALUES.get(texts) ?? new OwnValues(texts)
  OWN_VALUES.set(texts, known)
  return known
}
