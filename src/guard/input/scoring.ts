/**
 * What rules, model and decoders say of a text: a score, and where it comes from.
 *
 * @packageDocumentation
 */
import type { InputClass, Origin } from '../classes.ts'
import { findEncoded, findTurned, TURNED, type Encoded } from './encodings.ts'
import { featuresOf, type Features } from './features.ts'
import { skeletonOf } from './lookalike.ts'
import { FLAGGED, judgeFeatures, type Head } from './model.ts'
import { RuleSearch, type Rule } from './rule.ts'
import { RULE_BOOK } from './rules.ts'
import { manyTurns } from './rules-turns.ts'
import { TracedText } from './traced-text.ts'
import { MODEL } from './weights.ts'

/** Which parts of the guard look at a text. */
export interface Judge {
  readonly head: Head | undefined
  readonly rules: (rule: Rule) => boolean
}

const fromAnyone = ({ from }: Rule) => from === 'anyone'
const all = () => true

/**
 * Who is judged by what. A system message of a client is made of orders, so the model has nothing to
 * say about it; what the operator and the model itself wrote is not judged at all.
 */
export const JUDGES: Readonly<Record<Origin, Judge | undefined>> = {
  operator: undefined,
  assistant: undefined,
  system: { head: undefined, rules: fromAnyone },
  user: { head: MODEL.prompt, rules: fromAnyone },
  tool: { head: MODEL.document, rules: all },
  document: { head: MODEL.document, rules: all },
}

export interface Reason {
  readonly class: InputClass
  readonly code: string
  /** In the text that was judged. */
  readonly start: number
  readonly end: number
}

export interface Scored {
  readonly score: number
  readonly reasons: readonly Reason[]
}

export const BY_MODEL = 'input.injection.model'
/** Shorter words mix scripts honestly: units, isotopes, names of variables. */
const MIN_MIXED_CHARS = 4
/** Encodings in encodings; deeper than that nobody reads it either. */
const MAX_DEPTH = 2

/**
 * @param composed - clean and in NFC.
 * @returns places in `composed`.
 */
export function scoreText(composed: string, judge: Judge, depth = 0): Scored {
  const { traced: matching, mixed } = skeletonOf(TracedText.of(composed))
  const features = featuresOf(matching.text)
  const walk = walkWords(matching.text, features, judge)
  const judged = judge.head === undefined ? NOTHING : judgeFeatures(features, judge.head)
  const place = ({ start, end }: { start: number; end: number }) => ({
    start: matching.startOf(start),
    end: matching.endOf(end),
  })
  const reasons: Reason[] = walk.search.matches.map((match) => ({
    class: match.rule.class,
    code: `input.${match.rule.class}.${match.rule.row}`,
    ...place(match),
  }))
  for (const span of judged.spans) {
    reasons.push({ class: 'injection', code: BY_MODEL, ...place(span) })
  }
  for (const span of mixed) {
    const isWord = span.end - span.start >= MIN_MIXED_CHARS
    if (isWord) reasons.push({ class: 'lookalike', code: 'input.lookalike', ...span })
  }
  const turns = manyTurns(matching.text)
  if (turns !== undefined)
    reasons.push({ class: 'turns', code: 'input.turns.many', ...place(turns) })
  const encoded = depth < MAX_DEPTH ? scoreEncoded(composed, walk, { judge, depth }) : []
  const score = Math.max(
    judged.score,
    turns === undefined ? 0 : 0.8,
    ...walk.search.matches.map(({ rule }) => rule.score),
    ...encoded.map((one) => one.score),
  )
  return { score, reasons: [...reasons, ...encoded.map(({ reason }) => reason)] }
}

const NOTHING = { score: 0, spans: [] }

interface Walk {
  readonly search: RuleSearch
  /** Row of TURNED → where its words begin. */
  readonly turned: ReadonlyMap<string, number[]>
}

const TURNED_ROWS = new Map<string, string[]>()
for (const { row, words } of TURNED) {
  for (const word of words) TURNED_ROWS.set(word, [...(TURNED_ROWS.get(word) ?? []), row])
}

/** One walk through the words for everybody who waits for some. */
function walkWords(text: string, { starts, stops, tokens }: Features, judge: Judge): Walk {
  const search = new RuleSearch(text, judge.rules)
  const turned = new Map<string, number[]>()
  for (let i = 0; i < tokens; i++) {
    const at = starts[i] ?? 0
    const stop = stops[i] ?? 0
    if (stop - at < 2) continue
    const word = text.slice(at, stop)
    for (const rule of RULE_BOOK.beginningWith(word) ?? []) search.ask(rule, at)
    for (const row of TURNED_ROWS.get(word) ?? []) {
      const places = turned.get(row)
      if (places === undefined) turned.set(row, [at])
      else places.push(at)
    }
  }
  search.askAtMarks(RULE_BOOK.rules)
  return { search, turned }
}

function scoreEncoded(
  text: string,
  { turned }: Walk,
  { judge, depth }: { readonly judge: Judge; readonly depth: number },
): { score: number; reason: Reason }[] {
  const found: Encoded[] = findEncoded(text)
  for (const [row, places] of turned) found.push(...findTurned(text, row, places))
  return found.flatMap(({ row, start, end, text: decoded }) => {
    const { score } = scoreText(decoded.normalize('NFC'), judge, depth + 1)
    if (score < FLAGGED) return []
    return [
      { score, reason: { class: 'encoded', code: `input.encoded.${row}`, start, end } as const },
    ]
  })
}
