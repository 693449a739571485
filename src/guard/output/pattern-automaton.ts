/**
 * A pattern stepped over a text that may not have ended: matched, not matched, or not known yet.
 *
 * It is a deterministic automaton whose states are made when they are first needed, so that a
 * character costs one look-up; the work is linear in the text whatever the pattern.
 *
 * @packageDocumentation
 */
import { closureOf, EDGE, stepOver, type Closure, type PatternProgram } from './pattern-program.ts'

export type PatternWalk =
  | { readonly is: 'no' }
  | { readonly is: 'more' }
  /** The longest match. */
  | { readonly is: 'yes'; readonly end: number }

interface PatternState {
  readonly from: readonly number[]
  /** By the edges of the place. */
  readonly closures: Map<number, Closure>
  /** By edges and character. */
  readonly next: Map<number, PatternState>
}

/** Of all states together; beyond, they are made anew. */
const MAX_STATES = 1000
const MAX_STEPS = 20_000
const RUNES = 0x110000
const NOTHING = -1
const NEWLINE = 0x0a

export class PatternAutomaton {
  readonly #program: PatternProgram
  readonly #states = new Map<string, PatternState>()
  #steps = 0

  constructor(program: PatternProgram) {
    this.#program = program
  }

  /** @param before - The unit in front, NaN at the beginning of the text. */
  walk(text: string, at: number, before: number, limit: number, isEnd: boolean): PatternWalk {
    let state = this.#stateOf([this.#program.start])
    let last = Number.isNaN(before) ? NOTHING : before
    let end = NOTHING
    for (let place = at; ;) {
      const rune = runeAt(text, place, isEnd)
      if (rune === null) return this.#isAlive(state) ? { is: 'more' } : settled(end)
      const edges = this.#program.asksForEdges ? edgesBetween(last, rune) : 0
      const { reading, isMatch } = this.#closureOf(state, edges)
      if (isMatch && place > at) end = place
      if (rune === NOTHING || reading.length === 0 || place - at >= limit) return settled(end)
      state = this.#next(state, edges, reading, rune)
      last = rune
      place += rune > 0xffff ? 2 : 1
      if (state.from.length === 0) return settled(end)
    }
  }

  /** Whether what comes next could matter to it. */
  #isAlive(state: PatternState): boolean {
    if (this.#program.asksForEdges) return true
    return this.#closureOf(state, 0).reading.length > 0 || this.#closureOf(state, 0).isMatch
  }

  #closureOf(state: PatternState, edges: number): Closure {
    const known = state.closures.get(edges)
    if (known !== undefined) return known
    const closure = closureOf(this.#program, state.from, edges)
    state.closures.set(edges, closure)
    return closure
  }

  #next(
    state: PatternState,
    edges: number,
    reading: readonly number[],
    rune: number,
  ): PatternState {
    const key = edges * RUNES + rune
    const known = state.next.get(key)
    if (known !== undefined) return known
    const next = this.#stateOf(stepOver(this.#program, reading, rune))
    if (++this.#steps < MAX_STEPS) state.next.set(key, next)
    else this.#forget()
    return next
  }

  #stateOf(from: readonly number[]): PatternState {
    const key = from.join()
    const known = this.#states.get(key)
    if (known !== undefined) return known
    if (this.#states.size >= MAX_STATES) this.#forget()
    const state: PatternState = { from, closures: new Map(), next: new Map() }
    this.#states.set(key, state)
    return state
  }

  #forget(): void {
    this.#states.clear()
    this.#steps = 0
  }
}

function settled(end: number): PatternWalk {
  return end === NOTHING ? { is: 'no' } : { is: 'yes', end }
}

/** null when it is not known yet; NOTHING behind the last one. */
function runeAt(text: string, at: number, isEnd: boolean): number | null {
  const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff
  if (at >= text.length) return isEnd ? NOTHING : null
  if (at === text.length - 1 && !isEnd && isHigh(text.charCodeAt(at))) return null
  return text.codePointAt(at) ?? NOTHING
}

function edgesBetween(before: number, after: number): number {
  let edges = isWord(before) === isWord(after) ? EDGE.noWord : EDGE.word
  if (before === NOTHING) edges |= EDGE.beginText | EDGE.beginLine
  if (before === NEWLINE) edges |= EDGE.beginLine
  if (after === NOTHING) edges |= EDGE.endText | EDGE.endLine
  if (after === NEWLINE) edges |= EDGE.endLine
  return edges
}

/** As RE2 has it: ASCII, and the line below. */
function isWord(rune: number): boolean {
  return rune > 0 && rune < 128 && /\w/.test(String.fromCharCode(rune))
}
