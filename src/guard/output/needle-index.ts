/**
 * Many texts looked for at once, letter by letter, in a view of the answer: a trie over their first
 * letters, and the rest compared.
 *
 * What it gives: the longest needle that begins at a place, or that nobody can tell yet; the work at
 * one place is bounded by `MAX_SPAN_CHARS`. A needle may be sure before it ends (`need`); the rest of
 * it is followed then without being held back. What it does not give: needles whose letters are more
 * than `MAX_GAP_CHARS` apart.
 *
 * @packageDocumentation
 */
import type { Follow, Reach } from './detector.ts'
import { LOOSE } from './fold.ts'
import type { Letter, View } from './views.ts'

/** Of the text that a needle is sure in, with all that stands between its letters. */
export const MAX_SPAN_CHARS = 960
/** Between two letters. */
const MAX_GAP_CHARS = 64
/** Below, needles are compared one by one: few are left, and most are alone. */
const TRIE_LETTERS = 6

export interface Needle {
  /** A text that needles may share, folded. */
  readonly letters: string
  readonly from: number
  /** How many of them make it sure. */
  readonly need: number
  /** Where it ends in `letters`. */
  readonly to: number
}

export type Walk =
  | { readonly is: 'no' }
  | { readonly is: 'more' }
  | { readonly is: 'yes'; readonly end: number; readonly needle: Needle }

const NO: Walk = { is: 'no' }
const MORE: Walk = { is: 'more' }

/** Letters of a node's children are keyed behind its number. */
const UNITS = 0x10000
const ROOT = 0
const NOWHERE = -1
const NOBODY: readonly Needle[] = []

/** The first letters of all needles. */
class Trie {
  readonly #next = new Map<number, number>()
  /** Needles that are compared from a node on. */
  readonly #here = new Map<number, Needle[]>()
  #nodes = 1

  insert(needle: Needle): void {
    let node = ROOT
    for (let i = 0; i < Math.min(TRIE_LETTERS, needle.need); i++) {
      const letter = needle.letters.charCodeAt(needle.from + i)
      node = this.#next.get(node * UNITS + letter) ?? this.#grow(node, letter)
    }
    const here = this.#here.get(node)
    if (here === undefined) this.#here.set(node, [needle])
    else here.push(needle)
  }

  #grow(node: number, letter: number): number {
    const grown = this.#nodes++
    this.#next.set(node * UNITS + letter, grown)
    return grown
  }

  next(node: number, letter: number): number {
    return this.#next.get(node * UNITS + letter) ?? NOWHERE
  }

  here(node: number): readonly Needle[] {
    return this.#here.get(node) ?? NOBODY
  }
}

export class NeedleIndex {
  /** How far the last walk has read. */
  reached = 0
  readonly #trie = new Trie()

  constructor(needles: Iterable<Needle>) {
    const seen = new Set<string>()
    for (const needle of needles) {
      const start = needle.letters.slice(needle.from, needle.from + needle.need)
      if (start.length < needle.need || seen.has(start)) continue
      seen.add(start)
      this.#trie.insert(needle)
    }
  }

  /** Whether a needle can begin with a unit, as it stands. Units that say more than one letter can. */
  startsWith(unit: number): boolean {
    const folded = LOOSE.unit(unit)
    return folded < 0 || this.#trie.next(ROOT, folded) !== NOWHERE
  }

  walk(view: View, text: string, at: number, isEnd: boolean): Walk {
    this.reached = at + 2
    if (view.isPlainAt(text, at) && this.#isHopeless(text, at)) return NO
    const first = view.read(text, at, isEnd)
    if (first === null) return MORE
    if (first.says === '' || first.says === null) return NO
    return this.#walkOn(view, text, at, isEnd)
  }

  /** By the first two letters, which is all that most places of a text ever need. */
  #isHopeless(text: string, at: number): boolean {
    const node = this.#trie.next(ROOT, LOOSE.unit(text.charCodeAt(at)))
    if (node === NOWHERE) return true
    const second = at + 1 < text.length ? LOOSE.unit(text.charCodeAt(at + 1)) : 0
    return second > 0 && this.#trie.next(node, second) === NOWHERE
  }

  #walkOn(view: View, text: string, from: number, isEnd: boolean): Walk {
    const walker = new Walker(this.#trie)
    let gapFrom = from
    let at = from
    while (walker.isAlive) {
      if (at >= text.length) return isEnd ? walker.found : MORE
      const letter = view.read(text, at, isEnd)
      if (letter === null) return MORE
      if (letter.says === null || letter.to - from > MAX_SPAN_CHARS) break
      at = letter.to
      this.reached = at
      if (letter.says !== '') {
        for (let i = 0; i < letter.says.length; i++) walker.take(letter.says.charCodeAt(i), at)
        gapFrom = at
      } else if (at - gapFrom > MAX_GAP_CHARS) break
    }
    return walker.found
  }
}

/** Where a walk through the needles is. */
class Walker {
  found: Walk = NO
  readonly #trie: Trie
  #node = ROOT
  #compared: readonly Needle[] = NOBODY
  #depth = 0

  constructor(trie: Trie) {
    this.#trie = trie
  }

  get isAlive(): boolean {
    return this.#node !== NOWHERE || this.#compared.length > 0
  }

  take(unit: number, to: number): void {
    const depth = this.#depth++
    if (this.#compared.length > 0) {
      this.#compared = this.#compared.filter(
        ({ letters, from }) => letters.charCodeAt(from + depth) === unit,
      )
    }
    if (this.#node !== NOWHERE) this.#descend(unit)
    if (this.#compared.length > 0) this.#settle(to)
  }

  #descend(unit: number): void {
    this.#node = this.#trie.next(this.#node, unit)
    const here = this.#trie.here(this.#node)
    if (here.length > 0) this.#compared = [...this.#compared, ...here]
    if (this.#depth >= TRIE_LETTERS) this.#node = NOWHERE
  }

  /** What is sure is found; who is longer than it goes on. */
  #settle(to: number): void {
    const needle = this.#compared.find(({ need }) => need === this.#depth)
    if (needle === undefined) return
    this.found = { is: 'yes', end: to, needle }
    this.#compared = this.#compared.filter(({ need }) => need > this.#depth)
  }
}

/**
 * What follows a needle that was sure, as far as it is said.
 *
 * @param views - Each letter is read in the first of them in which it goes on.
 */
export function followOf(views: readonly View[], needle: Needle): Follow {
  let depth = needle.from + needle.need
  return (text, from, isEnd): Reach => {
    let to = from
    let at = from
    while (at < text.length && depth < needle.to && at - to <= MAX_GAP_CHARS) {
      const letter = readNext(views, needle, depth, { text, at, isEnd })
      if (letter === null) return { to, isOver: false }
      if (letter.says === null) return { to, isOver: true }
      at = letter.to
      if (letter.says === '') continue
      depth += letter.says.length
      to = at
    }
    return { to, isOver: isEnd || depth >= needle.to || at - to > MAX_GAP_CHARS }
  }
}

interface Place {
  readonly text: string
  readonly at: number
  readonly isEnd: boolean
}

const OTHER: Letter = { says: null, to: 0 }

function readNext(
  views: readonly View[],
  needle: Needle,
  depth: number,
  { text, at, isEnd }: Place,
): Letter | null {
  for (const view of views) {
    const letter = view.read(text, at, isEnd)
    if (letter === null) return null
    const { says } = letter
    if (says === null || depth + says.length > needle.to) continue
    if (needle.letters.startsWith(says, depth)) return letter
  }
  return OTHER
}
