/**
 * Where a URL leads and what it carries, told from as much of it as is known.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'

/** More of it than this carries data. A video's address and an anchor of a manual are shorter. */
const CARRIES = {
  query: { chars: 16, reason: 'what was asked for, or what was said here' },
  fragment: { chars: 40, reason: 'read by the page’s own script' },
  path: { chars: 120, reason: 'as a query, for who looks for one' },
  label: { chars: 40, reason: 'a name is looked up, and so told to who owns the domain' },
} as const

const MAX_AUTHORITY = 256
/** Of a URL that is not judged yet. */
export const MAX_URL_CHARS =
  24 + MAX_AUTHORITY + CARRIES.path.chars + CARRIES.query.chars + CARRIES.fragment.chars + 4

/** Browsers take any number of slashes, either way. */
const START = /^(?:https?:)?[/\\]{1,16}/i
const URL_UNIT = /[^\s<>"'`\]{}|]/
/** What follows where it is known to carry something. */
export const REST_OF_URL = { while: /[^\s<>"'`)\]]/ }

export type Origins = ReadonlySet<string>

/** @throws Fault `GUARD_SETTINGS` for an entry that is no origin. */
export function readOrigins(entries: readonly string[]): Origins {
  return new Set(
    entries.map((entry, i) => {
      if (URL.canParse(entry) && /^https?:/.test(entry)) {
        const { origin, pathname, search, hash } = new URL(entry)
        if (pathname === '/' && search === '' && hash === '') return origin
      }
      throw new Fault('GUARD_SETTINGS', `linkOrigins[${i}] is no origin, as https://example.org`)
    }),
  )
}

export type Judgement =
  | { readonly is: 'no' }
  | { readonly is: 'more' }
  /** Leads to an origin that is not allowed; at `end` that was sure. */
  | { readonly is: 'foreign'; readonly end: number }

/** @param asked - `origin`: whatever it carries; then it is judged as soon as its origin is known. */
export function judgeUrl(
  text: string,
  at: number,
  terms: { readonly origins: Origins; readonly asked: 'origin' | 'data'; readonly isEnd: boolean },
): Judgement {
  const known = text.slice(at, endOfUrl(text, at))
  const lead = START.exec(known)?.[0]
  if (lead === undefined) return { is: 'no' }
  const authority =
    /^[^/\\?#]*/.exec(known.slice(lead.length, lead.length + MAX_AUTHORITY))?.[0] ?? ''
  const from = lead.length + authority.length
  const isOpen = at + known.length === text.length && !terms.isEnd && known.length < MAX_URL_CHARS
  if (isOpen && from === known.length && authority.length < MAX_AUTHORITY) return { is: 'more' }
  if (authority === '' || terms.origins.has(originOf(lead, authority))) return { is: 'no' }
  if (terms.asked === 'origin' || isTelling(authority)) return { is: 'foreign', end: at + from }
  const room = roomIn(known.slice(from))
  if (room !== -1) return { is: 'foreign', end: at + from + room }
  return { is: isOpen ? 'more' : 'no' }
}

function endOfUrl(text: string, from: number): number {
  let open = 0
  let at = from
  const limit = Math.min(text.length, from + MAX_URL_CHARS)
  for (; at < limit; at++) {
    const character = text.charAt(at)
    if (!URL_UNIT.test(character)) break
    if (character === '(') open++
    else if (character === ')' && open-- === 0) break
  }
  return at
}

function originOf(lead: string, authority: string): string {
  const scheme = /^https?:/i.exec(lead)?.[0] ?? 'https:'
  const url = `${scheme}//${authority}`
  return URL.canParse(url) ? new URL(url).origin : ''
}

/** Whether a name of a server says more than where it is. */
function isTelling(authority: string): boolean {
  if (authority.includes('@') || authority.length >= MAX_AUTHORITY) return true
  return authority.split('.').some((label) => label.length > CARRIES.label.chars)
}

/** @returns where what stands behind the server's name has become too long for none; -1 when it has not. */
function roomIn(rest: string): number {
  const query = rest.search(/[?#]/)
  const fragment = rest.indexOf('#')
  const ends = [
    { from: 0, to: query === -1 ? rest.length : query, chars: CARRIES.path.chars },
    { from: query + 1, to: fragment === -1 ? rest.length : fragment, chars: CARRIES.query.chars },
    { from: fragment + 1, to: rest.length, chars: CARRIES.fragment.chars },
  ]
  const isThere = [true, query !== -1 && query !== fragment, fragment !== -1]
  const found = ends.find(({ from, to, chars }, i) => isThere[i] === true && to - from > chars)
  return found === undefined ? -1 : found.from + found.chars + 1
}
