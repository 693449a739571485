/**
 * All conjunctions that a schema leads to, and what is true of them as a whole: which have a value
 * at all, and how many readings of one text stay open at a time.
 *
 * @packageDocumentation
 */
import { isEmpty } from './automaton-states.ts'
import { areApart } from './disjoint.ts'
import { placed, SchemaFault } from './limits.ts'
import {
  childrenOf,
  planOf,
  type ArrayPlan,
  type ObjectPlan,
  type Plan,
  type UnsaidProperties,
} from './plan.ts'
import type { Conjunction, Shapes } from './shapes.ts'

export interface State {
  readonly conjunction: Conjunction
  /** Any of them will do. Those without a value are taken out by {@link States}. */
  plans: readonly Plan[]
}

const pointerOf = (conjunction: Conjunction) => conjunction.nodes[0]?.pointer ?? '#'

export class States {
  readonly #shapes: Shapes
  readonly #unsaid: UnsaidProperties
  readonly #byKey = new Map<string, State>()
  readonly #living = new Set<string>()

  constructor(root: Conjunction, shapes: Shapes, unsaid: UnsaidProperties) {
    this.#shapes = shapes
    this.#unsaid = unsaid
    this.#collect(root)
    this.#findLiving()
    for (const state of this.all) {
      const living = () => state.plans.filter((plan) => this.#isLiving(plan))
      state.plans = placed(pointerOf(state.conjunction), living)
    }
    this.#boundReadings()
  }

  get all(): IterableIterator<State> {
    return this.#byKey.values()
  }

  /** Whether any finite value satisfies it. */
  lives(conjunction: Conjunction): boolean {
    return conjunction.nodes.length === 0 || this.#living.has(conjunction.key)
  }

  #collect(root: Conjunction): void {
    const { limits } = this.#shapes.budget
    const open = [root]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.nodes.length === 0 || this.#byKey.has(next.key)) continue
      if (this.#byKey.size >= limits.nodes) {
        throw new SchemaFault('', '#', `more than ${limits.nodes} combinations of schemas`)
      }
      const plans = placed(pointerOf(next), () =>
        this.#shapes.of(next).map((shape) => planOf(shape, this.#shapes, this.#unsaid)),
      )
      this.#byKey.set(next.key, { conjunction: next, plans })
      open.push(...plans.flatMap((plan) => childrenOf(plan)))
    }
  }

  /** From the leaves up: a value that needs itself to be finished never comes to be. */
  #findLiving(): void {
    const parents = this.#parents()
    // Last found is deepest, so most are settled when they are first looked at.
    const open = [...this.all]
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      const { conjunction, plans } = state
      this.#shapes.budget.spend(plans.length)
      if (this.#living.has(conjunction.key)) continue
      const pointer = pointerOf(conjunction)
      if (!placed(pointer, () => plans.some((plan) => this.#isLiving(plan)))) continue
      this.#living.add(conjunction.key)
      open.push(...(parents.get(conjunction.key) ?? []))
    }
  }

  #parents(): Map<string, State[]> {
    const parents = new Map<string, State[]>()
    for (const state of this.all) {
      for (const { key } of state.plans.flatMap((plan) => childrenOf(plan))) {
        this.#shapes.budget.spend(1)
        const known = parents.get(key)
        if (known === undefined) parents.set(key, [state])
        else known.push(state)
      }
    }
    return parents
  }

  #isLiving(plan: Plan): boolean {
    switch (plan.kind) {
      case 'literal':
      case 'number':
        return true
      case 'string':
        return plan.patterns.length === 0 || !isEmpty(this.#shapes.languages.ofShape(plan))
      case 'array':
        return this.longestArray(plan) >= plan.min
      case 'object':
        this.#shapes.budget.spend(plan.members.length)
        return plan.members.every(({ isRequired, value }) => !isRequired || this.lives(value))
    }
  }

  /** An array ends before the first place where nothing can stand. May be Infinity. */
  longestArray({ prefix, rest, max }: ArrayPlan): number {
    this.#shapes.budget.spend(prefix.length + 1)
    const dead = prefix.findIndex((item) => !this.lives(item))
    if (dead >= 0) return Math.min(max, dead)
    return this.lives(rest) ? max : Math.min(max, prefix.length)
  }

  /**
   * llama.cpp follows every reading of an unfinished text on its own. Where two branches begin alike
   * and have such branches inside, the number doubles with each level, so it is bounded here.
   */
  #boundReadings(): void {
    const most = this.#shapes.budget.limits.parallelReadings
    const clusters = new Map<State, Plan[][]>()
    // Deepest first: their numbers settle what is above them.
    for (const state of [...this.all].reverse()) clusters.set(state, this.#clustersOf(state))
    const readings = new Map<string, number>()
    const inside = (plan: Plan) => {
      const counts = childrenOf(plan).map(({ key }) => readings.get(key) ?? 1)
      this.#shapes.budget.spend(counts.length + 1)
      return counts.reduce((a, b) => Math.max(a, b), 1)
    }
    for (let hasGrown = true; hasGrown;) {
      hasGrown = false
      for (const [{ conjunction }, groups] of clusters) {
        const sums = groups.map((plans) => plans.reduce((sum, plan) => sum + inside(plan), 0))
        const count = Math.max(1, ...sums)
        if (count > most) throw this.#tooManyReadings(conjunction)
        if (count === (readings.get(conjunction.key) ?? 1)) continue
        readings.set(conjunction.key, count)
        hasGrown = true
      }
    }
  }

  #tooManyReadings(conjunction: Conjunction): SchemaFault {
    const most = this.#shapes.budget.limits.parallelReadings
    const reason =
      `more than ${most} branches can begin alike; give each object first a required ` +
      'property whose values differ'
    return new SchemaFault('anyOf', pointerOf(conjunction), reason)
  }

  /** The arrays and objects of a state, put together where a text may belong to several for long. */
  #clustersOf({ plans }: State): Plan[][] {
    const arrays = plans.filter((plan) => plan.kind === 'array')
    const objects: ObjectPlan[][] = []
    for (const plan of plans) {
      if (plan.kind !== 'object') continue
      const alike = objects.filter((group) => group.some((other) => !this.#partSoon(plan, other)))
      const joined = [plan, ...alike.flat()]
      const apart = objects.filter((group) => !alike.includes(group))
      objects.splice(0, objects.length, ...apart, joined)
    }
    return arrays.length > 0 ? [arrays, ...objects] : objects
  }

  /** Whether the first member tells two objects apart before anything nested has begun. */
  #partSoon(a: ObjectPlan, b: ObjectPlan): boolean {
    const [left] = a.members
    const [right] = b.members
    if (left?.isRequired !== true || right?.isRequired !== true) return false
    if (left.name !== right.name) return true
    const leftShapes = this.#shapes.of(left.value)
    const rightShapes = this.#shapes.of(right.value)
    const isFlat = [...leftShapes, ...rightShapes].every(
      ({ kind }) => kind !== 'array' && kind !== 'object',
    )
    return isFlat && areApart(leftShapes, rightShapes, this.#shapes)
  }
}
