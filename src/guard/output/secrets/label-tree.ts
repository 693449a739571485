/**
 * Labels: the words that stand in front of a secret, found inside names and phrases.
 *
 * A label is written in small letters; `_` stands for any one separator, or none: `api_key` is found
 * in `API_KEY`, `myApiKey`, `API key` and `apikey`. `|` asks for the edge of a word there: `|key|` is in
 * `signingKey` and `KEY_2`, not in `monkey` and not in `keyboard`.
 *
 * @packageDocumentation
 */
import { isAlnum } from './characters.ts'
import { addWord, newNode, type PrefixNode } from './prefix-tree.ts'

interface Label<T> {
  readonly value: T
  readonly edgeBefore: 'needed' | 'free'
  readonly edgeAfter: 'needed' | 'free'
}

export type LabelTree<T> = PrefixNode<Label<T>>

export function newLabelTree<T>(): LabelTree<T> {
  return newNode()
}

export function addLabel<T>(tree: LabelTree<T>, written: string, value: T): void {
  const label: Label<T> = {
    value,
    edgeBefore: written.startsWith('|') ? 'needed' : 'free',
    edgeAfter: written.endsWith('|') ? 'needed' : 'free',
  }
  for (const word of spellingsOf(written.replaceAll('|', '').split('_'))) addWord(tree, word, label)
}

function spellingsOf([first = '', ...rest]: readonly string[]): string[] {
  if (rest.length === 0) return [first]
  return spellingsOf(rest).flatMap((end) => [first + end, `${first}_${end}`])
}

const CASE = 0x20
const SEPARATOR = 0x5f
const isUpper = (unit: number) => unit >= 0x41 && unit <= 0x5a
const isLower = (unit: number) => unit >= 0x61 && unit <= 0x7a
const isLetter = (unit: number) => isUpper(unit) || isLower(unit)
const folded = (unit: number) =>
  isUpper(unit) ? unit | CASE : isSeparator(unit) ? SEPARATOR : unit
const isSeparator = (unit: number) =>
  unit === 0x5f || unit === 0x2d || unit === 0x2e || unit === 0x20

export interface Stretch {
  readonly from: number
  readonly to: number
  readonly isEnd: boolean
}

/** All labels that begin in a stretch of the text. */
export function labelsIn<T>(
  tree: LabelTree<T>,
  text: string,
  { from, to, isEnd }: Stretch,
): T[] | 'more' {
  const values: T[] = []
  for (let at = from; at < to; at++) {
    if (!isAlnum(text.charCodeAt(at))) continue
    const before = at > from ? text.charCodeAt(at - 1) : 0
    if (walk(tree, text, { at, before, isEnd }, values) === 'short') return 'more'
  }
  return values
}

interface Place {
  readonly at: number
  readonly before: number
  readonly isEnd: boolean
}

/** Adds what begins there; `short` when more may, with more text. */
function walk<T>(tree: LabelTree<T>, text: string, place: Place, values: T[]): 'all' | 'short' {
  let node = tree
  for (let next = place.at; node.next.size > 0; next++) {
    if (next === text.length) return place.isEnd ? 'all' : 'short'
    const unit = text.charCodeAt(next)
    const child = node.next.get(folded(unit))
    if (child === undefined) return 'all'
    node = child
    if (node.values.length === 0) continue
    if (next + EDGE_CHARS >= text.length && !place.isEnd) return 'short'
    for (const label of node.values) {
      if (label.edgeBefore === 'needed' && !isEdge(place.before, text.charCodeAt(place.at)))
        continue
      if (label.edgeAfter === 'free' || endsWord(text, next)) values.push(label.value)
    }
  }
  return 'all'
}

/** A letter, and the `s` of a plural. */
const EDGE_CHARS = 2

function isEdge(left: number, right: number): boolean {
  return !isLetter(left) || !isLetter(right) || (isLower(left) && isUpper(right))
}

function endsWord(text: string, last: number): boolean {
  const unit = text.charCodeAt(last)
  const next = text.charCodeAt(last + 1)
  if (isEdge(unit, next)) return true
  const isPlural = (next | CASE) === 0x73
  return isPlural && isEdge(next, text.charCodeAt(last + 2))
}
