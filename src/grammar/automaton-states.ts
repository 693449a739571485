/**
 * The states of a deterministic automaton, and what makes them few.
 *
 * @packageDocumentation
 */
import type { Alphabet } from './alphabet.ts'
import { codePoints, holds, type CodePoints } from './code-points.ts'
import type { Budget } from './limits.ts'

/** Where a letter leads when it is in no text from here on. */
export const OUT = -1

export interface AutomatonState {
  /** For each letter the next state, or {@link OUT}. */
  readonly next: readonly number[]
  /** What a text that ends here is; null: not a text of this language. */
  readonly label: number | null
}

export interface Automaton {
  readonly alphabet: Alphabet
  /** State 0 is the first. Every other leads to an end. */
  readonly states: readonly AutomatonState[]
}

/** How often states that have become alike are looked for; a pass from the end finds nearly all. */
const MOST_PASSES = 8

/** Without states that lead to no end, and with one state, or letter, where several say the same. */
export function compact({ alphabet, states }: Automaton, budget: Budget): Automaton {
  const cost = states.length * (alphabet.length + 2)
  budget.spend(cost)
  let current = trimmed(states)
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    budget.spend(cost)
    const smaller = merged(current)
    if (smaller.length === current.length) break
    current = smaller
  }
  return withFewLetters({ alphabet, states: current })
}

function trimmed(states: readonly AutomatonState[]): readonly AutomatonState[] {
  const before = states.map((): number[] => [])
  states.forEach(({ next }, from) => {
    for (const to of new Set(next)) before[to]?.push(from)
  })
  const alive = new Set<number>()
  const open = states.flatMap(({ label }, number) => (label === null ? [] : [number]))
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (alive.has(state)) continue
    alive.add(state)
    open.push(...(before[state] ?? []))
  }
  return renumbered(states, (to) => (alive.has(to) ? to : OUT))
}

/** One pass: states with the same label and the same steps become the last of them. */
function merged(states: readonly AutomatonState[]): readonly AutomatonState[] {
  const stands = [...states.keys()]
  const known = new Map<string, number>()
  for (const number of [...states.keys()].reverse()) {
    const { label, next } = states[number] ?? { label: null, next: [] }
    const steps = next.map((to) => (to === number ? 'itself' : (stands[to] ?? OUT)))
    const key = `${label ?? ''} ${steps.join()}`
    const same = known.get(key)
    if (same === undefined) known.set(key, number)
    // State 0 is the first by its number, so it cannot become another.
    else if (number !== 0) stands[number] = same
  }
  return renumbered(states, (to) => stands[to] ?? OUT)
}

/** What is reached from state 0, in that order, after each step has been turned somewhere. */
function renumbered(
  states: readonly AutomatonState[],
  turn: (to: number) => number,
): readonly AutomatonState[] {
  const numbers = new Map([[0, 0]])
  // The map grows while it is walked.
  for (const number of numbers.keys()) {
    for (const to of states[number]?.next ?? []) {
      const target = turn(to)
      if (target !== OUT && !numbers.has(target)) numbers.set(target, numbers.size)
    }
  }
  return [...numbers.keys()].map((number) => {
    const { label, next } = states[number] ?? { label: null, next: [] }
    return { label, next: next.map((to) => numbers.get(turn(to)) ?? OUT) }
  })
}

/** Letters that lead to the same places everywhere become one. */
function withFewLetters({ alphabet, states }: Automaton): Automaton {
  const byColumn = new Map<string, number[]>()
  alphabet.forEach((_, letter) => {
    const column = states.map(({ next }) => next[letter] ?? OUT).join()
    const alike = byColumn.get(column)
    if (alike === undefined) byColumn.set(column, [letter])
    else alike.push(letter)
  })
  const groups = [...byColumn.values()]
  return {
    alphabet: groups.map((letters) => unionOf(alphabet, letters)),
    states: states.map(({ label, next }) => ({
      label,
      next: groups.map(([letter = 0]) => next[letter] ?? OUT),
    })),
  }
}

function unionOf(alphabet: Alphabet, letters: readonly number[]): CodePoints {
  return codePoints(letters.flatMap((letter) => alphabet[letter] ?? []))
}

/** The steps of a state as sets of code points, one for each target. */
export function edgesOf(
  { alphabet, states }: Automaton,
  number: number,
): { set: CodePoints; to: number }[] {
  const byTarget = new Map<number, number[]>()
  states[number]?.next.forEach((to, letter) => {
    if (to === OUT) return
    const letters = byTarget.get(to)
    if (letters === undefined) byTarget.set(to, [letter])
    else letters.push(letter)
  })
  return [...byTarget].map(([to, letters]) => ({ to, set: unionOf(alphabet, letters) }))
}

/** Whether no text at all is in it. */
export function isEmpty({ states }: Automaton): boolean {
  const [first] = states
  return first?.label === null && first.next.every((to) => to === OUT)
}

/** The label of a text, or null when it is not of this language. */
export function labelOfText({ alphabet, states }: Automaton, text: string): number | null {
  let state = states[0]
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    const letter = alphabet.findIndex((set) => holds(set, point))
    state = states[state?.next[letter] ?? OUT]
  }
  return state?.label ?? null
}

/** The shortest and the longest text, in code points; Infinity where there is none, or no end. */
export function lengthsOf({ states }: Automaton): { min: number; max: number } {
  const shortest = stepsTo(states)
  const ends = [...states.keys()].filter((number) => states[number]?.label !== null)
  const min = ends.reduce(
    (least, number) => Math.min(least, shortest.get(number) ?? Infinity),
    Infinity,
  )
  return { min, max: longestWay(states) }
}

/** How many steps each state is from state 0, at least. */
function stepsTo(states: readonly AutomatonState[]): ReadonlyMap<number, number> {
  const steps = new Map([[0, 0]])
  // The map grows while it is walked, the nearest first.
  for (const [number, length] of steps) {
    for (const to of states[number]?.next ?? []) {
      if (to !== OUT && !steps.has(to)) steps.set(to, length + 1)
    }
  }
  return steps
}

/** Steps of the longest way; Infinity when a loop is on one. */
function longestWay(states: readonly AutomatonState[]): number {
  const targets = states.map(({ next }) => [...new Set(next)].filter((to) => to !== OUT))
  const waiting = states.map(() => 0)
  for (const to of targets.flat()) waiting[to] = (waiting[to] ?? 0) + 1
  const longest = states.map(() => 0)
  const open = waiting[0] === 0 ? [0] : []
  let settled = 0
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    settled++
    for (const to of targets[number] ?? []) {
      longest[to] = Math.max(longest[to] ?? 0, (longest[number] ?? 0) + 1)
      waiting[to] = (waiting[to] ?? 0) - 1
      if (waiting[to] === 0) open.push(to)
    }
  }
  return settled < states.length ? Infinity : longest.reduce((a, b) => Math.max(a, b), 0)
}
