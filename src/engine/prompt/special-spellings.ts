/**
 * The spellings of a vocabulary's special tokens, and where a text has them.
 *
 * Tokens that are only white space are left out: some vocabularies list runs of spaces as
 * user-defined, they are ordinary text and can forge nothing.
 *
 * @packageDocumentation
 */
import { canDisguise } from './disguise.ts'

/** As `ModelVocabulary` lists them. */
export interface SpecialToken {
  readonly id: number
  readonly text: string
  readonly kind: 'control' | 'user-defined'
}

export interface Spelling extends SpecialToken {
  /** In the text, code units; `end` is not part of it. */
  readonly start: number
  readonly end: number
}

/** Tokens with the same first two characters, the longest first. */
interface Group {
  readonly prefix: string
  readonly lengths: readonly number[]
  readonly tokens: ReadonlyMap<string, SpecialToken>
}

export class SpecialSpellings {
  readonly tokens: readonly SpecialToken[]
  readonly ids: ReadonlySet<number>
  /** The characters the spellings consist of, without what cannot be disguised. */
  readonly alphabet: readonly string[]
  readonly #groups: readonly Group[]

  constructor(tokens: readonly SpecialToken[]) {
    this.tokens = tokens.filter(({ text }) => text.trim() !== '')
    this.ids = new Set(this.tokens.map(({ id }) => id))
    const characters = new Set(this.tokens.flatMap(({ text }) => text.split('')))
    this.alphabet = [...characters].filter(canDisguise)
    const groups = Map.groupBy(this.tokens, ({ text }) => text.slice(0, 2))
    this.#groups = [...groups].map(([prefix, members]) => ({
      prefix,
      lengths: [...new Set(members.map(({ text }) => text.length))].sort((a, b) => b - a),
      tokens: new Map(members.map((token) => [token.text, token])),
    }))
  }

  /** Every occurrence, also overlapping ones, by start and then the longest first. */
  find(text: string): Spelling[] {
    const found = this.#groups.flatMap((group) => [...occurrences(group, text)])
    return found.sort((a, b) => a.start - b.start || b.end - a.end)
  }
}

function* occurrences(group: Group, text: string): Generator<Spelling> {
  let start = text.indexOf(group.prefix)
  while (start !== -1) {
    for (const length of group.lengths) {
      const token = group.tokens.get(text.slice(start, start + length))
      // At the end of the text a slice is shorter than asked, and a shorter token's spelling.
      if (token?.text.length === length) yield { ...token, start, end: start + length }
    }
    start = text.indexOf(group.prefix, start + 1)
  }
}

/**
 * Pure: which of the occurrences llama.cpp takes: it looks for the longest spelling in all of the
 * text first, then for the next in what is left (llama-vocab.cpp, `tokenizer_st_partition`).
 *
 * @param found - By start, as {@link SpecialSpellings.find} gives them.
 */
export function takenByLongest(found: readonly Spelling[]): Spelling[] {
  const taken: Spelling[] = []
  let cluster: Spelling[] = []
  let clusterEnd = 0
  for (const spelling of found) {
    if (spelling.start >= clusterEnd) {
      taken.push(...longestOf(cluster))
      cluster = []
    }
    cluster.push(spelling)
    clusterEnd = Math.max(clusterEnd, spelling.end)
  }
  return [...taken, ...longestOf(cluster)]
}

/** Of occurrences that hang together by overlapping. */
function longestOf(cluster: readonly Spelling[]): readonly Spelling[] {
  if (cluster.length < 2) return cluster
  const taken: Spelling[] = []
  const order = cluster.toSorted(
    (a, b) => b.text.length - a.text.length || a.id - b.id || a.start - b.start,
  )
  for (const spelling of order) {
    const isFree = taken.every(({ start, end }) => spelling.end <= start || spelling.start >= end)
    if (isFree) taken.push(spelling)
  }
  return taken
}
