/**
 * The wall: an unknown JSON value becomes a tree of schema nodes, or is refused by keyword and place.
 *
 * ```
 * parseSchema({ type: 'object', properties: { age: { type: 'integer' } } }, budget)
 * ```
 *
 * A keyword that is in neither table (`keywords.ts`) is refused: nothing is skipped in silence.
 *
 * @packageDocumentation
 */
import { recordOf } from './json-value.ts'
import { ANNOTATIONS, DIALECTS, READERS, type Place } from './keywords.ts'
import { SchemaFault, type Budget } from './limits.ts'
import type { Draft, ParsedSchema, SchemaNode } from './schema-node.ts'

/** @throws SchemaFault, and nothing else, whatever the value is. */
export function parseSchema(value: unknown, budget: Budget): ParsedSchema {
  const walk = new Walk(budget)
  return { root: walk.read(value, ['']), byPointer: walk.byPointer }
}

class Walk {
  readonly byPointer = new Map<string, SchemaNode>()
  readonly #budget: Budget
  #nodes = 0
  #refStandsAlone = false

  constructor(budget: Budget) {
    this.#budget = budget
  }

  read(value: unknown, path: readonly string[]): SchemaNode {
    const plain = path.join('/')
    this.#budget.spend(10 + plain.length)
    const draft: Draft = { id: this.byPointer.size, pointer: `#${encodeURI(wellFormed(plain))}` }
    // Set before its members are read: they take the next numbers.
    this.byPointer.set(plain, draft)
    if (value === true) return draft
    if (value === false) draft.never = true
    else this.#readKeywords(value, draft, path)
    return draft
  }

  #readKeywords(value: unknown, draft: Draft, path: readonly string[]): void {
    const keywords = recordOf(value)
    if (keywords === undefined) {
      throw new SchemaFault('', draft.pointer, 'a schema is an object, true or false')
    }
    this.#count(draft.pointer, path.length)
    const place = this.#placeOf(draft, path)
    for (const [keyword, member] of Object.entries(keywords)) {
      if (ANNOTATIONS.has(keyword) || keyword.startsWith('x-')) continue
      if (path.length === 1 && this.#readRootKeyword(keyword, member)) continue
      const reader = Object.hasOwn(READERS, keyword) ? READERS[keyword] : undefined
      if (reader === undefined) throw place.flaw(shown(keyword), 'not supported')
      reader(place, member)
    }
    this.#checkLoneRef(draft, keywords)
  }

  #placeOf(draft: Draft, path: readonly string[]): Place {
    const flaw = (keyword: string, reason: string) =>
      new SchemaFault(keyword, draft.pointer, reason)
    return {
      draft,
      depthLeft: this.#budget.limits.depth,
      flaw,
      child: (member, ...names) => this.read(member, [...path, ...names.map(escaped)]),
      count: () => {
        this.#count(draft.pointer, path.length)
      },
    }
  }

  /** `$schema` and `$id` mean something at the root only. @returns Whether it was one of them. */
  #readRootKeyword(keyword: string, member: unknown): boolean {
    if (keyword === '$id') return typeof member === 'string' && !member.includes('#')
    if (keyword !== '$schema') return false
    const dialect = typeof member === 'string' ? DIALECTS.get(member.replace(/#$/, '')) : undefined
    if (dialect === undefined) throw new SchemaFault('$schema', '#', 'not a dialect known here')
    this.#refStandsAlone = dialect === 'ref stands alone'
    return true
  }

  /** Up to draft 7 what stands beside `$ref` is ignored; later it counts. Nobody should have to guess. */
  #checkLoneRef(draft: Draft, keywords: Record<string, unknown>): void {
    if (!this.#refStandsAlone || draft.ref === undefined) return
    const inert = new Set(['$ref', '$defs', 'definitions', '$schema', '$id', ...ANNOTATIONS])
    const other = Object.keys(keywords).find((keyword) => !inert.has(keyword))
    if (other !== undefined) {
      throw new SchemaFault('$ref', draft.pointer, 'in this draft it takes no keyword beside it')
    }
  }

  #count(pointer: string, pathLength: number): void {
    const { nodes, depth } = this.#budget.limits
    this.#nodes++
    this.#budget.spend(1)
    if (this.#nodes > nodes) {
      throw new SchemaFault('', '#', `more than ${nodes} schemas and values`)
    }
    // A schema in `properties` is two names further down.
    if (pathLength > 2 * depth) throw new SchemaFault('', pointer, `nested deeper than ${depth}`)
  }
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

const wellFormed = (text: string) => text.toWellFormed()

/** An unknown keyword is the client's text: only a short plain one is repeated. */
function shown(keyword: string): string {
  return /^\$?[A-Za-z]{1,32}$/.test(keyword) ? keyword : 'a keyword'
}
