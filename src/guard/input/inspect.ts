/**
 * The input guard: what strangers wrote, made ready for the model, with what was found in it.
 *
 * Every text is made well-formed, freed of what nobody sees, and composed (NFC). Then rules, a
 * trained model and decoders look at a folded copy of it and say how much it looks like orders
 * against the operator's: a guess with known error rates (docs/guard-evaluation.md), never a proof.
 * Special tokens of the model are not this guard's work: the engine makes them inert where it knows
 * the vocabulary.
 *
 * @packageDocumentation
 */
import type { InputAction, InputClass, Origin } from '../classes.ts'
import { Tally, type Finding } from '../finding.ts'
import { FLAGGED } from './model.ts'
import { readText, writeText, type ReadText } from './read-text.ts'
import { redact } from './redaction.ts'
import { JUDGES, scoreText, type Judge, type Reason, type Scored } from './scoring.ts'

export type { Finding } from '../finding.ts'
/** A score of it and more is flagged; a curve of other thresholds is drawn over `score`. */
export { FLAGGED } from './model.ts'

export interface InputSettings {
  /** UTF-16 units of one text, and of all together. */
  readonly maxMessageChars: number
  readonly maxPromptChars: number
  /** For what users, client systems and the model wrote. */
  readonly actions: Readonly<Record<InputClass, InputAction>>
  /** For documents and what tools brought back. */
  readonly untrustedActions: Readonly<Record<InputClass, InputAction>>
}

export interface InputText {
  readonly content: string
  /** `json`: the text of a JSON value; only what its strings say is looked at, and changed. */
  readonly form?: 'text' | 'json'
  readonly origin: Origin
}

export interface InputMatch {
  /** `input.<class>` or `input.<class>.<row>`. */
  readonly code: string
  readonly class: InputClass
  readonly action: InputAction
  /** In the text that was given. */
  readonly start: number
  readonly end: number
}

export interface InspectedText {
  /** What the model gets. */
  readonly content: string
  /** 0 to 1, calibrated: from 0.5 on the text is flagged as an attack. */
  readonly score: number
  readonly matches: readonly InputMatch[]
}

export interface Inspection<T extends InputText> {
  readonly verdict: 'allow' | 'flag' | 'refuse'
  /** On `refuse`: none. */
  readonly texts: readonly T[]
  readonly findings: readonly Finding[]
  readonly scores: readonly number[]
}

/** Matches of one code that are told of one text; a count above says no more. */
const MAX_TOLD = 64

export function inspectTexts<T extends InputText>(
  texts: readonly T[],
  settings: InputSettings,
): Inspection<T> {
  const tally = new Tally()
  const refused = (): Inspection<T> => {
    return { verdict: 'refuse', texts: [], findings: tally.findings(), scores: [] }
  }
  if (isTooLong(texts, settings, tally)) return refused()
  const inspected = texts.map((text) => inspectText(text, settings))
  const matches = inspected.flatMap((one) => one.matches)
  for (const { code } of matches) tally.add(code)
  const cleaned = texts.map((text, i) => ({ ...text, content: inspected[i]?.content ?? '' }))
  // NFC can make a text longer, up to three times.
  if (isTooLong(cleaned, settings, tally)) return refused()
  if (matches.some(({ action }) => action === 'refuse')) return refused()
  return {
    verdict: matches.length === 0 ? 'allow' : 'flag',
    texts: cleaned,
    findings: tally.findings(),
    scores: inspected.map(({ score }) => score),
  }
}

export function inspectText(given: InputText, settings: InputSettings): InspectedText {
  const { origin, form = 'text' } = given
  const actions = isUntrusted(origin) ? settings.untrustedActions : settings.actions
  const text = given.content.toWellFormed()
  const read = readText(text, form)
  const judge = JUDGES[origin]
  const scored = judge === undefined ? NOTHING : scoreText(read.composed.text, judge)
  const hidden = judge === undefined ? NOTHING : scoreHidden(read, judge)
  const matches = told(
    [...malformed(given.content), ...unseen(read), ...hidden.reasons, ...placed(read, scored)],
    actions,
  )
  const isTaken = ({ class: found }: Reason) => actions[found] === 'redact'
  const isStripped = actions.invisible !== 'allow' || hidden.reasons.some(isTaken)
  const content = writeText(text, form, isStripped)
  const hasTaken = judge !== undefined && scored.reasons.some(isTaken)
  return {
    content: hasTaken ? redact(content, { form, judge, isTaken }) : content,
    score: Math.max(scored.score, hidden.score),
    matches,
  }
}

const NOTHING: Scored = { score: 0, reasons: [] }

function isUntrusted(origin: Origin): boolean {
  return origin === 'tool' || origin === 'document'
}

function malformed(given: string): Reason[] {
  if (given.isWellFormed()) return []
  return [...given.matchAll(LONE)].map(({ index }) => {
    return { class: 'malformed', code: 'input.malformed', start: index, end: index + 1 }
  })
}

const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

function unseen({ runs }: ReadText): Reason[] {
  return runs.map(({ kind, start, end }) => {
    return { class: 'invisible', code: `input.invisible.${kind}`, start, end }
  })
}

/** What cannot be seen is an attack when what it says is one. */
function scoreHidden({ hidden, runs }: ReadText, judge: Judge): Scored {
  const scored = hidden.map(({ kind, text }) => {
    return { kind, score: scoreText(text.normalize('NFC'), judge).score }
  })
  const reasons = scored.flatMap(({ kind, score }): Reason[] => {
    const own = runs.filter((run) => run.kind === kind)
    const [first, last] = [own.at(0), own.at(-1)]
    if (score < FLAGGED || first === undefined || last === undefined) return []
    return [{ class: 'encoded', code: `input.encoded.${kind}`, start: first.start, end: last.end }]
  })
  return { score: Math.max(0, ...scored.map(({ score }) => score)), reasons }
}

function placed({ composed }: ReadText, { reasons }: Scored): Reason[] {
  return reasons.map((reason) => ({
    ...reason,
    start: composed.startOf(reason.start),
    end: composed.endOf(reason.end),
  }))
}

function told(reasons: readonly Reason[], actions: InputSettings['actions']): InputMatch[] {
  const counts = new Map<string, number>()
  return reasons.flatMap((reason) => {
    const action = actions[reason.class]
    const count = (counts.get(reason.code) ?? 0) + 1
    counts.set(reason.code, count)
    return action === 'allow' || count > MAX_TOLD ? [] : [{ ...reason, action }]
  })
}

function isTooLong(texts: readonly InputText[], settings: InputSettings, tally: Tally): boolean {
  const lengths = texts.map(({ content }) => content.length)
  const long = lengths.filter((n) => n > settings.maxMessageChars).length
  const total = lengths.reduce((sum, n) => sum + n, 0)
  const tooMuch = total > settings.maxPromptChars ? 1 : 0
  tally.add('input.message-too-long', long)
  tally.add('input.prompt-too-long', tooMuch)
  return long + tooMuch > 0
}
