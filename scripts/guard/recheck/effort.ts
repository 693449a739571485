/**
 * How much an engine that tries everything can try at one place, counted out.
 *
 * An engine walks a tree of choices: how often to repeat, which branch to take. Its leaves are no more
 * than the product of the choices, and no way to a leaf is longer than the whole expression written
 * out. What it does not give: a tight bound; most of the tree is cut off by the text. Pure.
 *
 * @packageDocumentation
 */
import type { Part } from './pattern.ts'

/** Steps at one place at most; Infinity when a repeat has no end. */
export function effortOf(part: Part): number {
  return leavesOf(part, Infinity) * lengthOf(part)
}

/** Leaves at one place at most, where a repeat without an end counts as one choice. */
export function waysOf(part: Part): number {
  return leavesOf(part, 1)
}

function leavesOf(part: Part, endless: number): number {
  switch (part.is) {
    case 'char':
    case 'edge':
      return 1
    case 'look':
      return leavesOf(part.body, endless)
    case 'repeat':
      return leavesOfRepeat(leavesOf(part.body, endless), part, endless)
    case 'group':
      return part.branches
        .map((branch) => branch.reduce((product, p) => product * leavesOf(p, endless), 1))
        .reduce((sum, leaves) => sum + leaves, 0)
  }
}

function leavesOfRepeat(
  once: number,
  { min, max }: { readonly min: number; readonly max: number },
  endless: number,
): number {
  if (max === Infinity) return once === 1 ? endless : Infinity
  if (once === 1) return max - min + 1
  let sum = 0
  for (let count = min; count <= max && sum < Infinity; count++) sum += once ** count
  return sum
}

/** Everything that stands in it, written out. */
function lengthOf(part: Part): number {
  switch (part.is) {
    case 'char':
    case 'edge':
      return 1
    case 'look':
      return 1 + lengthOf(part.body)
    case 'repeat':
      return part.max === 0 ? 1 : 1 + part.max * lengthOf(part.body)
    case 'group':
      return part.branches
        .flat()
        .map(lengthOf)
        .reduce((sum, length) => sum + length, 1)
  }
}
