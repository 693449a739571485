/**
 * A regular expression as a tree, to ask more of it than its engine tells.
 *
 * What it gives: the tree of the syntax that the guard uses, its longest match, and a skeleton that
 * can be searched in no fewer ways. What it does not give: backreferences and the `v` flag; both are
 * refused. Pure.
 *
 * @packageDocumentation
 */

export type Part =
  /** One character: a letter, an escape, a class. */
  | { readonly is: 'char'; readonly text: string }
  /** `^`, `$`, `\b`, `\B` */
  | { readonly is: 'edge'; readonly text: string }
  | { readonly is: 'look'; readonly body: Group }
  | { readonly is: 'repeat'; readonly body: Part; readonly min: number; readonly max: number }
  | Group
export interface Group {
  readonly is: 'group'
  readonly branches: readonly (readonly Part[])[]
}

const CLASS = /\[(?:[^\]\\]|\\[^])*\]/y
const ESCAPE =
  /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|[^])/y
const LOOK = /\(\?<?[=!]/y
const OPEN = /\((?:\?:|\?<[A-Za-z_]\w*>)?/y
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,)?(\d*)\})\??/y

/** @throws Error for what it does not know. */
export function readPattern(source: string): Group {
  let at = 0
  const take = (token: RegExp): RegExpExecArray | undefined => {
    token.lastIndex = at
    const found = token.exec(source) ?? undefined
    if (found !== undefined) at += found[0].length
    return found
  }
  function branches(): Group {
    const all: Part[][] = [[]]
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at++
        all.push([])
      } else all.at(-1)?.push(repeated(part()))
    }
    return { is: 'group', branches: all }
  }
  function part(): Part {
    if (take(LOOK) !== undefined) return { is: 'look', body: closed() }
    if (take(OPEN) !== undefined) return closed()
    const text = (take(CLASS) ?? take(ESCAPE))?.[0]
    if (text === undefined) {
      const char = String.fromCodePoint(source.codePointAt(at) ?? 0)
      at += char.length
      return { is: char === '^' || char === '$' ? 'edge' : 'char', text: char }
    }
    if (/^\\[1-9k]/.test(text)) throw new Error('a backreference')
    return { is: text === '\\b' || text === '\\B' ? 'edge' : 'char', text }
  }
  function closed(): Group {
    const group = branches()
    if (source[at++] !== ')') throw new Error(`no ) for a ( before ${at}`)
    return group
  }
  function repeated(body: Part): Part {
    const found = take(QUANTIFIER)
    return found === undefined ? body : { is: 'repeat', body, ...countsOf(found) }
  }
  const whole = branches()
  if (at < source.length) throw new Error(`no ( for the ) at ${at}`)
  return whole
}

function countsOf([text, min, comma, max]: RegExpExecArray): { min: number; max: number } {
  if (min !== undefined) {
    const least = Number(min)
    if (comma === undefined) return { min: least, max: least }
    return { min: least, max: max === '' || max === undefined ? Infinity : Number(max) }
  }
  return { min: text.startsWith('+') ? 1 : 0, max: text.startsWith('?') ? 1 : Infinity }
}

/** Characters of its longest match, what it looks at outside of it included. */
export function longest(part: Part): number {
  switch (part.is) {
    case 'char':
      return 1
    case 'edge':
      return 0
    case 'look':
      return longest(part.body)
    case 'repeat': {
      const once = longest(part.body)
      return once === 0 ? 0 : once * part.max
    }
    case 'group':
      return Math.max(
        ...part.branches.map((branch) => branch.reduce((sum, p) => sum + longest(p), 0)),
      )
  }
}

function shortest(part: Part): number {
  switch (part.is) {
    case 'char':
      return 1
    case 'edge':
    case 'look':
      return 0
    case 'repeat':
      return part.min * shortest(part.body)
    case 'group':
      return Math.min(
        ...part.branches.map((branch) => branch.reduce((sum, p) => sum + shortest(p), 0)),
      )
  }
}

/** For private use: no text that is searched for is written with it. */
export const NEVER = '\\uE002'
const COMPLEMENTS: Readonly<Record<string, string>> = {
  '.': `[^\\n\\r\\u2028\\u2029${NEVER}]`,
  '\\S': `[^\\s${NEVER}]`,
  '\\W': `[^\\w${NEVER}]`,
  '\\D': `[^\\d${NEVER}]`,
}

/** What is not in a class is not that one either, so that it ends a match for certain. */
function withoutNever(text: string): string {
  if (text.startsWith('[^')) return `${text.slice(0, -1)}${NEVER}]`
  if (text.startsWith('\\P')) return `[^\\p${text.slice(2)}${NEVER}]`
  return COMPLEMENTS[text] ?? text
}

/** What it looks at without taking it, from the outside in. */
export function looksOf(part: Part): readonly Group[] {
  if (part.is === 'look') return [part.body, ...looksOf(part.body)]
  if (part.is === 'repeat') return looksOf(part.body)
  return part.is === 'group' ? part.branches.flat().flatMap(looksOf) : []
}

/**
 * The same without looking around, and with every count made endless: each way to match the given
 * one is a way to match this one, so what takes linear time here takes no more there. Without the
 * counts a proof is a matter of milliseconds.
 *
 * @param edges - those that are kept.
 * @throws Error for a counted repeat of nothing: an endless one has fewer ways.
 */
export function skeletonOf(part: Part, edges: readonly string[]): string {
  switch (part.is) {
    case 'char':
      return withoutNever(part.text)
    case 'edge':
      return edges.includes(part.text) ? part.text : ''
    case 'look':
      return ''
    case 'group': {
      const branches = part.branches.map((branch) =>
        branch.map((inner) => skeletonOf(inner, edges)).join(''),
      )
      return `(?:${branches.join('|')})`
    }
    case 'repeat':
      return widened(part, edges)
  }
}

function widened(
  { body, min, max }: Extract<Part, { is: 'repeat' }>,
  edges: readonly string[],
): string {
  const once = skeletonOf(body, edges)
  if (min === 0 && max === 1) return `${once}?`
  if (min === 1 && max === 1) return once
  if (max !== Infinity && shortest(body) === 0)
    throw new Error('a counted repeat of what may be nothing')
  if (body.is !== 'char') return `${once}*`
  if (min === max) return `${once}{${min}}`
  return min === 0 ? `${once}*` : `${once}+`
}

const RANGE_OR_LETTER = /\\(?:u\{[^}]*\}|u....|x..|[pP]\{[^}]*\}|[^])|([^\\])-([^\\\]])|[A-Z]/gu

/** With small letters only, as a text without regard to case is seen; undefined when it cannot be told. */
export function inSmallLetters(part: Part): Part | undefined {
  const untold: string[] = []
  const fold = (text: string) =>
    text.replaceAll(RANGE_OR_LETTER, (found, from?: string, to?: string) => {
      if (found.startsWith('\\')) return found
      if (from === undefined || to === undefined) return found.toLowerCase()
      const isLetters = /[A-Za-z]/.test(from) && /[A-Za-z]/.test(to)
      if (!isLetters && /[A-Za-z]/.test(from + to)) untold.push(found)
      return found.toLowerCase()
    })
  const walk = (at: Part): Part => {
    if (at.is === 'char') return { ...at, text: fold(at.text) }
    if (at.is === 'repeat') return { ...at, body: walk(at.body) }
    if (at.is === 'look') return { ...at, body: walkGroup(at.body) }
    return at.is === 'group' ? walkGroup(at) : at
  }
  const walkGroup = (group: Group): Group => ({
    is: 'group',
    branches: group.branches.map((branch) => branch.map(walk)),
  })
  const folded = walk(part)
  return untold.length === 0 ? folded : undefined
}
