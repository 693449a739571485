/**
 * Deterministic automata over code points: what strings and property names are made of.
 *
 * What it gives: a pattern, a set of names, or a range of lengths as an automaton; several run side
 * by side as one, with a label for each way to end. What it does not give: text of a grammar.
 *
 * @packageDocumentation
 */
import { alphabetOf, sharedAlphabet } from './alphabet.ts'
import { compact, OUT, type Automaton, type AutomatonState } from './automaton-states.ts'
import { charactersOf, EVERYTHING, type CodePoints } from './code-points.ts'
import { NOWHERE, SchemaFault, type Budget } from './limits.ts'
import { Nondeterministic, type Passage } from './nondeterministic.ts'
import type { Pattern } from './string-pattern.ts'

/** States that are numbered as they are found, and worked off in that order. */
class Frontier<T> {
  readonly items: T[] = []
  readonly #numbers = new Map<string, number>()
  readonly #most: number

  constructor(budget: Budget) {
    this.#most = budget.limits.automatonStates
  }

  numberOf(key: string, make: () => T): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.items.length
    if (number >= this.#most) throw tooManyStates(this.#most)
    this.#numbers.set(key, number)
    this.items.push(make())
    return number
  }
}

function tooManyStates(most: number): SchemaFault {
  const reason = `with its lengths and neighbours it needs more than ${most} states`
  return new SchemaFault('pattern', NOWHERE, reason)
}

/** Every string in which the pattern is found, labelled 0. */
export function automatonOfPattern(pattern: Pattern, budget: Budget): Automaton {
  const machine = new Nondeterministic(pattern, budget)
  const sets = new Set(machine.states.flatMap(({ edges }) => edges.map((edge) => edge.set)))
  const { alphabet, lettersOf } = alphabetOf([...sets], budget)
  const frontier = new Frontier<ReadonlySet<number>>(budget)
  frontier.numberOf('first', () => machine.close(new Set([machine.start]), ['always', 'start']))
  const states: AutomatonState[] = []
  // The list grows while it is walked.
  for (const inside of frontier.items) {
    const kinds: readonly Passage[] =
      states.length === 0 ? ['always', 'start', 'end'] : ['always', 'end']
    const ends = machine.close(new Set(inside), kinds)
    const next = alphabet.map((): number => OUT)
    stepsFrom(machine, inside, lettersOf, budget).forEach((reached, letter) => {
      const key = [...reached].sort((a, b) => a - b).join()
      next[letter] = frontier.numberOf(key, () => reached)
    })
    states.push({ next, label: ends.has(machine.accept) ? 0 : null })
  }
  return compact({ alphabet, states }, budget)
}

/** For each letter that leads anywhere: all states where the machine may be then. */
function stepsFrom(
  machine: Nondeterministic,
  inside: ReadonlySet<number>,
  lettersOf: (set: CodePoints) => readonly number[],
  budget: Budget,
): Map<number, ReadonlySet<number>> {
  const reached = new Map<number, Set<number>>()
  for (const state of inside) {
    for (const { set, to } of machine.states[state]?.edges ?? []) {
      const letters = lettersOf(set)
      budget.spend(letters.length + 1)
      for (const letter of letters) {
        const targets = reached.get(letter)
        if (targets === undefined) reached.set(letter, new Set([to]))
        else targets.add(to)
      }
    }
  }
  // Many letters go to the same places; following them once is enough.
  const closed = new Map<string, ReadonlySet<number>>()
  const steps = new Map<number, ReadonlySet<number>>()
  for (const [letter, targets] of reached) {
    const key = [...targets].join()
    const known = closed.get(key) ?? machine.close(targets, ['always'])
    budget.spend(targets.size + known.size)
    closed.set(key, known)
    steps.set(letter, known)
  }
  return steps
}

/** Exactly these texts, each labelled with its index. */
export function automatonOfTexts(texts: readonly string[], budget: Budget): Automaton {
  const all = texts.join('')
  budget.spend(all.length)
  const characters = charactersOf([...new Set(all)].join(''))
  const singles = characters.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index): CodePoints => [
      [first + index, first + index],
    ]),
  )
  const { alphabet, lettersOf } = alphabetOf(singles, budget)
  const letters = new Map(singles.map((set) => [set[0]?.[0] ?? 0, lettersOf(set)[0] ?? 0]))
  const states: { next: number[]; label: number | null }[] = []
  const add = () => {
    if (states.length >= budget.limits.automatonStates) {
      throw tooManyStates(budget.limits.automatonStates)
    }
    budget.spend(alphabet.length)
    return states.push({ next: alphabet.map(() => OUT), label: null }) - 1
  }
  add()
  texts.forEach((text, index) => {
    let at = 0
    for (const character of text) {
      const letter = letters.get(character.codePointAt(0) ?? 0) ?? 0
      const known = states[at]?.next[letter] ?? OUT
      const to = known === OUT ? add() : known
      const from = states[at]
      if (from !== undefined) from.next[letter] = to
      at = to
    }
    const last = states[at]
    if (last !== undefined) last.label = index
  })
  return { alphabet, states }
}

/** Every string of so many code points, labelled 0. `max` may be Infinity. */
export function automatonOfLengths(min: number, max: number, budget: Budget): Automaton {
  const last = max === Infinity ? min : max
  budget.spend(last)
  const states = Array.from({ length: last + 1 }, (_, length): AutomatonState => {
    const after = max === Infinity ? length : OUT
    return { next: [length < last ? length + 1 : after], label: length >= min ? 0 : null }
  })
  return { alphabet: [EVERYTHING], states }
}

/**
 * All of them side by side. `labelOf` says what an end is from the labels of the parts (null where
 * a part does not match); its null leaves that end out.
 */
export function besides(
  parts: readonly Automaton[],
  labelOf: (labels: readonly (number | null)[]) => number | null,
  budget: Budget,
): Automaton {
  const letters = sharedAlphabet(
    parts.map(({ alphabet }) => alphabet),
    budget,
  )
  const frontier = new Frontier<readonly number[]>(budget)
  const numberOf = (places: readonly number[]) => frontier.numberOf(places.join(), () => places)
  numberOf(parts.map(() => 0))
  const states: AutomatonState[] = []
  // The list grows while it is walked.
  for (const places of frontier.items) {
    const at = parts.map((part, index) => part.states[places[index] ?? OUT])
    budget.spend((letters.length + 1) * (parts.length + 1))
    states.push({
      next: letters.map((letter) =>
        numberOf(at.map((state, index) => state?.next[letter.letters[index] ?? 0] ?? OUT)),
      ),
      label: labelOf(at.map((state) => state?.label ?? null)),
    })
  }
  return compact({ alphabet: letters.map(({ set }) => set), states }, budget)
}
