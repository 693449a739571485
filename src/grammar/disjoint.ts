/**
 * Whether two schemas have no value in common, as far as that can be told.
 *
 * `true` is a proof, `false` means only that none was found.
 *
 * @packageDocumentation
 */
import { isEmpty } from './automaton-states.ts'
import { numbersInBoth, isEmptyRange } from './number-range.ts'
import type { ArrayShape, ObjectShape, Shape, StringShape } from './shape.ts'
import type { Conjunction, Shapes } from './shapes.ts'

/** Members of members are looked at so far. */
const DEEPEST = 4

/** Whether no value is in a shape of both lists. */
export function areApart(
  a: readonly Shape[],
  b: readonly Shape[],
  shapes: Shapes,
  depth = DEEPEST,
): boolean {
  shapes.budget.spend(a.length * b.length)
  return a.every((left) => b.every((right) => twoAreApart(left, right, shapes, depth)))
}

function twoAreApart(a: Shape, b: Shape, shapes: Shapes, depth: number): boolean {
  if (a.kind === 'literal') return !shapes.shapeAccepts(b, a.value)
  if (b.kind === 'literal') return !shapes.shapeAccepts(a, b.value)
  if (a.kind !== b.kind) return true
  if (a.kind === 'number' && b.kind === 'number')
    return isEmptyRange(numbersInBoth(a.range, b.range))
  if (a.kind === 'string' && b.kind === 'string') return stringsAreApart(a, b, shapes)
  if (a.kind === 'array' && b.kind === 'array') return arraysAreApart(a, b, shapes, depth)
  return a.kind === 'object' && b.kind === 'object' && objectsAreApart(a, b, shapes, depth)
}

function stringsAreApart(a: StringShape, b: StringShape, shapes: Shapes): boolean {
  if (a.min > b.max || b.min > a.max) return true
  if (a.patterns.length + b.patterns.length === 0) return false
  const { languages } = shapes
  return isEmpty(languages.inAll([languages.ofShape(a), languages.ofShape(b)]))
}

function arraysAreApart(a: ArrayShape, b: ArrayShape, shapes: Shapes, depth: number): boolean {
  if (a.min > b.max || b.min > a.max) return true
  // Behind the longer prefix all items are alike, so the first of them stands for the rest.
  const telling = Math.max(longestPrefix(a), longestPrefix(b)) + 1
  const present = Math.min(Math.max(a.min, b.min), telling)
  return Array.from({ length: present }, (_, index) => index).some((index) =>
    membersAreApart(shapes.itemOf(a, index), shapes.itemOf(b, index), shapes, depth),
  )
}

const longestPrefix = (shape: ArrayShape) =>
  Math.max(0, ...shape.layers.map(({ prefix }) => prefix.length))

/** A name that one of them requires is in both or not in the other: either way it can tell. */
function objectsAreApart(a: ObjectShape, b: ObjectShape, shapes: Shapes, depth: number): boolean {
  return [...new Set([...a.required, ...b.required])].some((name) =>
    membersAreApart(shapes.memberOf(a, name), shapes.memberOf(b, name), shapes, depth),
  )
}

function membersAreApart(a: Conjunction, b: Conjunction, shapes: Shapes, depth: number): boolean {
  if (depth === 0 || shapes.isOpen(a) || shapes.isOpen(b)) return false
  return areApart(shapes.of(a), shapes.of(b), shapes, depth - 1)
}
