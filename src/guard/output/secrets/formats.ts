/**
 * Secrets that are known by their own form: one detector for all rows of the tables.
 *
 * What it does not ask: whether a checksum inside is right (GitHub's tokens have one): a mistyped or
 * half-remembered key is masked too.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import { isAlnum, isIn } from './characters.ts'
import { AI_FORMATS } from './rows/ai-formats.ts'
import { BUSINESS_FORMATS } from './rows/business-formats.ts'
import { CLOUD_FORMATS } from './rows/cloud-formats.ts'
import { CODE_FORMATS } from './rows/code-formats.ts'
import { GENERAL_FORMATS } from './rows/general-formats.ts'
import { isFillerBody, isNoPassword } from './placeholder.ts'
import { addWord, newNode, type PrefixNode } from './prefix-tree.ts'
import { looksMade, looksRandom } from './randomness.ts'
import type { FormatRow } from './secret-row.ts'
import { matchShape, parseShape, type Shape } from './shape.ts'

export const FORMATS: readonly FormatRow[] = [
  ...AI_FORMATS,
  ...CODE_FORMATS,
  ...CLOUD_FORMATS,
  ...BUSINESS_FORMATS,
  ...GENERAL_FORMATS,
]

interface Entry {
  readonly code: string
  readonly shape: Shape
}

/** A key of this server is masked whatever it says. */
const OUR_KEY = 'output.secret.secure-llm-key'

/** What follows words that stand in front of anything has to look like a credential. */
const JUDGED: ReadonlyMap<string, (body: string) => boolean> = new Map([
  ['output.secret.bearer-token', looksRandom],
  ['output.secret.basic-credentials', looksRandom],
  ['output.secret.login-of-curl', looksLikePassword],
  ['output.secret.netrc-password', looksLikePassword],
])

function looksLikePassword(body: string): boolean {
  return !isNoPassword(body) && !/^\d+$/.test(body)
}

const ASCII = 128

const TREE: PrefixNode<Entry> = newNode()
/** Rows that begin with a run, by the units it may begin with. */
const BY_UNIT: readonly Entry[][] = Array.from({ length: ASCII }, () => [])

const ENTRIES: readonly Entry[] = FORMATS.flatMap(([code, shapes]) =>
  shapes.split(' ').map((written) => ({
    code: `output.secret.${code}`,
    shape: parseShape(written),
  })),
)
for (const entry of ENTRIES) addEntry(entry)

function addEntry(entry: Entry): void {
  if (entry.shape.prefix !== '') {
    addWord(TREE, entry.shape.prefix, entry)
    return
  }
  const first = entry.shape.parts[0]
  if (first?.is !== 'run') throw new RangeError(`${entry.code} begins with nothing`)
  const { table } = first.kind
  BY_UNIT.forEach((entries, unit) => {
    if (isIn(table, unit)) entries.push(entry)
  })
}

function isBelieved(entry: Entry, text: string, at: number, start: number, end: number): boolean {
  const body = text.slice(Math.max(start, at + entry.shape.prefix.length), end)
  if (isFillerBody(body) && entry.code !== OUR_KEY) return false
  const judge = JUDGED.get(entry.code) ?? looksMade
  return judge(body)
}

function lookFor(entry: Entry, text: string, at: number, isEnd: boolean): Look {
  const look = matchShape(entry.shape, text, at, isEnd)
  if (look.is !== 'yes') return look
  if (!isBelieved(entry, text, at, look.start ?? at, look.end)) return NO
  return { ...look, code: entry.code }
}

/** What is told of the format that begins at `at`: of the longest prefix first. */
export function lookAtFormats(text: string, at: number, before: string, isEnd: boolean): Look {
  if (before !== '' && isAlnum(before.charCodeAt(0))) return NO
  let node = TREE
  const found: Entry[][] = []
  for (let next = at; ; next++) {
    if (next >= text.length) {
      if (!isEnd && node.next.size > 0) return MORE
      break
    }
    const child = node.next.get(text.charCodeAt(next))
    if (child === undefined) break
    node = child
    if (node.values.length > 0) found.push(node.values)
  }
  for (let i = found.length - 1; i >= 0; i--) {
    const look = firstOf(found[i], text, at, isEnd)
    if (look.is !== 'no') return look
  }
  return firstOf(BY_UNIT[text.charCodeAt(at)], text, at, isEnd)
}

function firstOf(entries: readonly Entry[] = [], text: string, at: number, isEnd: boolean): Look {
  for (const entry of entries) {
    const look = lookFor(entry, text, at, isEnd)
    if (look.is !== 'no') return look
  }
  return NO
}

export const FORMATS_DETECTOR: Detector = {
  code: 'output.secret.format',
  class: 'secret',
  maxHoldBackChars: Math.max(...ENTRIES.map(({ shape }) => shape.sureChars)),
  example: `ghp_${'a1'.repeat(18)}`,
  reason: 'keys and tokens whose form their vendors publish',
  startsWith: (unit) => TREE.next.has(unit) || (BY_UNIT[unit]?.length ?? 0) > 0,
  onlyAtWordStart: true,
  look: lookAtFormats,
}
