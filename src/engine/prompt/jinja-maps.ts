/**
 * A template's objects, whose keys may be a stranger's and so disguised: found by what they say.
 *
 * An object holds the template's own keys plain and a stranger's keys disguised as a whole, so a
 * name is looked for in both spellings.
 *
 * @packageDocumentation
 */
import type { Value } from '@huggingface/jinja'
import type { Disguise } from './disguise.ts'
import { integerIn, makeArray, makeValue, mapIn, stringIn } from './jinja-values.ts'

type Entries = ReadonlyMap<string, Value>

/** What the map has under the name, or undefined. */
export function entryOf(map: Entries, name: string, disguise: Disguise): Value | undefined {
  const plain = disguise.reveal(name)
  return map.get(plain) ?? map.get(disguise.hide(plain))
}

/** Python's methods of a dict, and the filters of the same names; null: not one of them. */
export function mapMethod(
  name: string,
  map: Entries,
  args: readonly Value[],
  disguise: Disguise,
): Value | null {
  switch (name) {
    case 'get': {
      const key = args[0] === undefined ? null : stringIn(args[0])
      const found = key === null ? undefined : entryOf(map, key, disguise)
      return found ?? args[1] ?? makeValue(null)
    }
    case 'items':
      return pairs([...map])
    case 'keys':
      return makeArray([...map.keys()].map(makeValue))
    case 'values':
      return makeArray([...map.values()])
    case 'dictsort':
      return args.length === 0 ? pairs(sorted(map, disguise)) : null
    default:
      return null
  }
}

function pairs(entries: readonly (readonly [string, Value])[]): Value {
  return makeArray(entries.map(([key, value]) => makeArray([makeValue(key), value])))
}

/** By key, capitals first, as llama.cpp does it. */
function sorted(map: Entries, disguise: Disguise): [string, Value][] {
  return [...map].sort(([a], [b]) => compare(disguise.reveal(a), disguise.reveal(b)))
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** `needle in map`; null when the right side is no object. */
export function isKeyOf(needle: Value, value: Value, disguise: Disguise): boolean | null {
  const map = mapIn(value)
  if (map === null) return null
  const key = stringIn(needle) ?? integerIn(needle)?.toString()
  return key !== undefined && entryOf(map, key, disguise) !== undefined
}
