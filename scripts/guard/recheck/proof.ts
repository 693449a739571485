/**
 * Whether a regular expression takes linear time, proven by recheck's automaton.
 *
 * What it gives: a proof, or why there is none. Why it may be believed, way by way:
 *
 * - bounded: all that an engine can try at one place is counted out (effort.ts) and is little;
 * - at one place: what is proven is a skeleton that can match in no fewer ways (pattern.ts), closed by
 *   a character that no text has, so that every way has to be tried, and repeated, so that two ways
 *   for one text would be exponentially many;
 * - as it is: recheck's word on the expression itself, where what its counts add is little;
 * - attacked in vain: of what is tried at one place only, is of bounded length, or looks a bounded way
 *   around itself, which no automaton shows, recheck's search for a text that takes long found none.
 *   That is no proof, and counted apart.
 *
 * What it does not give: the constant; a bounded search says how far it looks from each place.
 *
 * @packageDocumentation
 */
import recheck from 'recheck'
import { effortOf, waysOf } from './effort.ts'
import {
  inSmallLetters,
  longest,
  looksOf,
  NEVER,
  readPattern,
  skeletonOf,
  type Part,
} from './pattern.ts'

/** The JavaScript in the package; its programs are not installed. */
process.env.RECHECK_SYNC_BACKEND = 'pure'

export type Proof =
  | { readonly is: 'linear'; readonly how: string }
  | { readonly is: 'unproven'; readonly why: string }

/** Of one question; such a skeleton takes milliseconds. */
const TIMEOUT_MS = 1000
/** For what only a proof will do. */
const LONG_TIMEOUT_MS = 20_000
/** It always ends before, on an idle machine in two seconds. */
const ATTACK_MS = 30_000
/** Of an engine, at each place: some tens of microseconds. */
const MAX_EFFORT = 20_000
/** Of choices that end, where recheck answers for those that do not. */
const MAX_WAYS = 256
/** From each place of a search: as far as the longest hold-back, and half of it for a look. */
const MAX_SEARCH_CHARS = 1024
const MAX_LOOK_CHARS = 512

export function proveLinear(source: string, flags: string): Proof {
  if (flags.includes('v')) return { is: 'unproven', why: 'the v flag is not understood here' }
  try {
    const read = readPattern(source)
    const folded = flags.includes('i') ? inSmallLetters(read) : read
    const kept = flags.replaceAll(/[^msu]/g, '')
    const use = { isSticky: flags.includes('y'), flags: folded === undefined ? `${kept}i` : kept }
    const proof = proveBranches(folded ?? read, use)
    if (proof.is === 'linear') return proof
    return proveItself(source, flags, read) ?? attack(source, flags, read) ?? proof
  } catch (thrown) {
    return { is: 'unproven', why: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

function proveBranches(tree: Part, use: Use): Proof {
  return branchesOf(tree)
    .map((branch) => proveTree(branch, use))
    .reduce((worst, proof) => (worst.is === 'unproven' ? worst : proof))
}

/** What recheck does not understand, a look behind above all, its automaton must not be asked about. */
function proveItself(source: string, flags: string, tree: Part): Proof | undefined {
  if (looksOf(tree).length > 0 || waysOf(tree) > MAX_WAYS) return undefined
  const why = refusal(source, flags.replaceAll(/[^imsuy]/g, ''), LONG_TIMEOUT_MS)
  return why === undefined ? { is: 'linear', how: 'as it is' } : undefined
}

function attack(source: string, flags: string, tree: Part): Proof | undefined {
  const looks = looksOf(tree)
  const isBounded = flags.includes('y') || longest(tree) <= MAX_SEARCH_CHARS || looks.length > 0
  if (!isBounded || looks.some((look) => longest(look) > MAX_LOOK_CHARS)) return undefined
  const kept = flags.replaceAll(/[^imsuy]/g, '')
  const { status } = recheck.checkSync(source, kept, { checker: 'fuzz', timeout: ATTACK_MS })
  return status === 'safe' ? { is: 'linear', how: 'attacked in vain' } : undefined
}

interface Use {
  readonly isSticky: boolean
  /** Those that the skeleton needs. */
  readonly flags: string
}

/** Tried one after the other: their times add up, whatever they have in common. */
function branchesOf(tree: Part): readonly Part[] {
  if (tree.is !== 'group') return [tree]
  return tree.branches.map((branch) => ({ is: 'group', branches: [branch] }))
}

function proveTree(tree: Part, { isSticky, flags }: Use): Proof {
  const effort = effortOf(tree)
  if (effort <= MAX_EFFORT) return { is: 'linear', how: `at most ${effort} steps at each place` }
  const looks = looksOf(tree)
  for (const look of looks) {
    const chars = longest(look)
    if (chars > MAX_LOOK_CHARS) return unproven(`it looks ${chars} characters around itself`)
    const why = refusalHere(look, flags)
    if (why !== undefined) return unproven(`looking around: ${why}`)
  }
  const here = refusalHere(tree, flags)
  if (here !== undefined) return unproven(here)
  if (isSticky) return { is: 'linear', how: 'at one place' }
  const chars = longest(tree)
  if (chars <= MAX_SEARCH_CHARS)
    return { is: 'linear', how: `at most ${chars} characters from each place` }
  const anywhere = refusal(`${skeletonOf(tree, ['^'])}${NEVER}`, flags, LONG_TIMEOUT_MS)
  if (anywhere === undefined) return { is: 'linear', how: 'at every place together' }
  // A search that always ends where it began is not told by a skeleton that never ends.
  const asGiven =
    looks.length > 0 ? anywhere : refusal(skeletonOf(tree, EDGES), flags, LONG_TIMEOUT_MS)
  return asGiven === undefined
    ? { is: 'linear', how: 'as it is' }
    : unproven(`searched for: ${asGiven}`)
}

const EDGES = ['^', '$', '\\b', '\\B']

const unproven = (why: string): Proof => ({ is: 'unproven', why })

/** At one place; repeated, so that two ways for one text would show as exponentially many. */
function refusalHere(tree: Part, flags: string): string | undefined {
  return refusal(`(?:${skeletonOf(tree, [])}${NEVER})*`, `${flags}y`, TIMEOUT_MS)
}

/** Undefined when it is linear. */
function refusal(source: string, flags: string, timeoutMs: number): string | undefined {
  const found = recheck.checkSync(source, flags, { checker: 'automaton', timeout: timeoutMs })
  if (found.status === 'vulnerable') return found.complexity.summary
  if (found.status === 'unknown') return `recheck: ${found.error.kind}`
  return undefined
}
