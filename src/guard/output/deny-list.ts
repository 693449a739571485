/**
 * The operator's words that no answer says: an Aho-Corasick automaton over the folded text.
 *
 * ```
 * ['Projekt Zürich']   finds   PROJEKT  zurich
 * ```
 *
 * Case, accents and the width of white space do not matter, nor what nobody sees between the letters.
 * An entry that begins or ends with a letter or a digit does so at the edge of a word. What it does
 * not give: the entry in an encoding or letter by letter; `secrets` of the settings does.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { Detector, Look } from './detector.ts'
import { EXACT, type Folded } from './fold.ts'

const MAX_ENTRIES = 10_000
const MAX_ENTRY_CHARS = 128
/** Of the text that an entry is said in. */
const MAX_SPAN_CHARS = 512

/** Between two words of an entry. */
const MAX_SPACE_CHARS = 64
const NOWHERE = -1

const SPACE = /\s/
const WORD = /[\p{L}\p{N}]/u

/** @throws Fault `GUARD_SETTINGS` for an entry that is empty or too long. */
export function denyListDetector(entries: readonly string[]): Detector {
  const folded = foldEntries(entries)
  const automaton = new Automaton(folded)
  return {
    code: 'output.deny',
    class: 'deny',
    maxHoldBackChars: MAX_SPAN_CHARS + MAX_SPACE_CHARS,
    example: entries[0] ?? '',
    reason: 'named by the operator',
    startsWith: (unit) => automaton.startsWith(unit),
    onlyAtWordStart: folded.every((entry) => WORD.test(entry.charAt(0))),
    look: (text, at, before, isEnd) => new Reading(automaton, text, at, isEnd).look(before),
  }
}

function foldEntries(entries: readonly string[]): readonly string[] {
  if (entries.length > MAX_ENTRIES) {
    throw new Fault('GUARD_SETTINGS', `denyList: ${entries.length}, more than ${MAX_ENTRIES}`)
  }
  return entries.map((entry, i) => {
    const folded = EXACT.text(entry).replaceAll(/\s+/g, ' ').trim()
    if (folded !== '' && entry.length <= MAX_ENTRY_CHARS) return folded
    throw new Fault('GUARD_SETTINGS', `denyList[${i}] needs 1 to ${MAX_ENTRY_CHARS} characters`)
  })
}

interface AutomatonState {
  readonly next: Map<string, AutomatonState>
  readonly depth: number
  /** An entry ends here, and how it wants to stand. */
  entry: { readonly beginsWord: boolean; readonly endsWord: boolean } | null
  /** The longest end of what was read that an entry begins with. */
  fail: AutomatonState | null
  /** How many letters cannot begin an entry, of those that led here. */
  skip: number
}

class Automaton {
  readonly root = makeState(0)

  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#insert(entry)
    this.#link()
  }

  #insert(entry: string): void {
    let state = this.root
    for (const letter of entry) {
      const next = state.next.get(letter) ?? makeState(state.depth + 1)
      state.next.set(letter, next)
      state = next
    }
    state.entry = { beginsWord: WORD.test(entry.charAt(0)), endsWord: WORD.test(entry.slice(-1)) }
  }

  /** By breadth, so that what a state falls back to is linked already. */
  #link(): void {
    const waiting = [this.root]
    // It grows as it is read.
    for (const state of waiting) {
      for (const [letter, next] of state.next) {
        next.fail = this.#fallbackOf(state, letter)
        next.skip = Math.min(next.depth - next.fail.depth, innerStart(state, next))
        waiting.push(next)
      }
    }
  }

  #fallbackOf(state: AutomatonState, letter: string): AutomatonState {
    for (let from = state.fail; from !== null; from = from.fail) {
      const next = from.next.get(letter)
      if (next !== undefined) return next
    }
    return this.root
  }

  startsWith(unit: number): boolean {
    const folded = EXACT.unit(unit)
    return folded < 0 || this.root.next.has(String.fromCharCode(folded))
  }
}

function makeState(depth: number): AutomatonState {
  return { next: new Map(), depth, entry: null, fail: null, skip: depth }
}

/** An entry that ends within what was read begins no earlier than here. */
function innerStart(parent: AutomatonState, state: AutomatonState): number {
  let start = parent.depth === 0 ? state.depth : Math.max(1, parent.skip)
  for (let suffix = state.fail; suffix !== null; suffix = suffix.fail) {
    if (suffix.entry !== null) start = Math.min(start, state.depth - suffix.depth)
  }
  return start
}

/** One walk through the automaton, from one place of the text. */
class Reading {
  readonly #text: string
  readonly #from: number
  readonly #isEnd: boolean
  #state: AutomatonState
  /** Where each letter that was read begins. */
  readonly #starts: number[] = []

  constructor(automaton: Automaton, text: string, from: number, isEnd: boolean) {
    this.#state = automaton.root
    this.#text = text
    this.#from = from
    this.#isEnd = isEnd
  }

  look(before: string): Look {
    const isInWord = WORD.test(before)
    let end = NOWHERE
    let at = this.#from
    for (;;) {
      const letter = this.#read(at)
      if (letter === null) return { is: 'more' }
      const isOver = letter.to === at || letter.to - this.#from > MAX_SPAN_CHARS
      if (letter.says !== '' || isOver) {
        if (isSaid(this.#state, isInWord, letter.says)) end = at
        if (isOver || !this.#advance(letter.says, at)) break
      }
      at = letter.to
    }
    if (end !== NOWHERE) return { is: 'yes', end }
    const until = this.#starts[this.#state.skip] ?? at
    return { is: 'no', until: Math.max(this.#from + 1, until) }
  }

  #advance(says: string, at: number): boolean {
    for (const letter of says) {
      const next = this.#state.next.get(letter)
      if (next === undefined) return false
      this.#state = next
      this.#starts.push(at)
    }
    return true
  }

  /** null: more text is needed. At its end there is nothing, which moves nobody on. */
  #read(at: number): Folded | null {
    if (at >= this.#text.length) return this.#isEnd ? { says: '', to: at } : null
    const folded = EXACT.at(this.#text, at, this.#isEnd)
    if (folded?.says !== ' ') return folded
    let to = folded.to
    const limit = at + MAX_SPACE_CHARS
    while (to < limit && SPACE.test(this.#text.charAt(to))) to++
    return to < limit && to >= this.#text.length && !this.#isEnd ? null : { says: ' ', to }
  }
}

function isSaid({ entry }: AutomatonState, isInWord: boolean, next: string): boolean {
  if (entry === null || (entry.beginsWord && isInWord)) return false
  return !entry.endsWord || !WORD.test(next)
}
