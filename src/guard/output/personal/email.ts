/**
 * E-mail addresses: a local part of at most 64 characters, `@`, and a domain with a dot.
 *
 * What it does not find: quoted local parts, letters of scripts that put no blanks between words, and
 * `name at example dot com`.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import type { NumberRow } from './row.ts'

/** RFC 5321 §4.5.3.1. */
const MAX_LOCAL = 64
const MAX_DOMAIN = 255

/** Latin, Greek and Cyrillic letters too (RFC 6531); scripts without blanks would hold a text back. */
const LOCAL = /[A-Za-z0-9._%+'\u00c0-\u024f\u0370-\u052f-]/
const DOMAIN = /[A-Za-z0-9.\u00c0-\u024f\u0370-\u052f-]/
const WHOLE_DOMAIN =
  /^(?:[A-Za-z0-9\u00c0-\u024f\u0370-\u052f][A-Za-z0-9\u00c0-\u024f\u0370-\u052f-]{0,62}\.)+(?:xn--[A-Za-z0-9-]{1,59}|[A-Za-z\u00c0-\u024f\u0370-\u052f]{2,63})/

/** `git@github.com:owner/name` names a place, and nobody. */
const isRepository = (local: string, after: string) => local === 'git' && after === ':'

function endOfRun(text: string, from: number, allowed: RegExp, maxLength: number): number {
  let at = from
  const limit = Math.min(text.length, from + maxLength)
  while (at < limit && allowed.test(text.charAt(at))) at++
  return at
}

function look(text: string, at: number, _before: string, isEnd: boolean): Look {
  const sign = endOfRun(text, at, LOCAL, MAX_LOCAL + 1)
  // Longer than a local part may be: one that starts a little later may still fit.
  if (sign - at > MAX_LOCAL) return NO
  if (sign === text.length && !isEnd) return MORE
  if (text.charAt(sign) !== '@' || sign === at) return { is: 'no', until: sign }
  const end = endOfRun(text, sign + 1, DOMAIN, MAX_DOMAIN)
  if (end === text.length && end - sign - 1 < MAX_DOMAIN && !isEnd) return MORE
  const domain = WHOLE_DOMAIN.exec(text.slice(sign + 1, end))
  if (domain === null) return { is: 'no', until: sign }
  const last = sign + 1 + domain[0].length
  if (last === text.length && !isEnd) return MORE
  if (isRepository(text.slice(at, sign), text.charAt(last))) return { is: 'no', until: last }
  return { is: 'yes', end: last }
}

export const EMAIL: Detector = {
  code: 'output.email',
  class: 'email',
  maxHoldBackChars: MAX_LOCAL + 1 + MAX_DOMAIN + 1,
  example: 'ada@example.org',
  reason: 'names a person and reaches them',
  startsWith: (unit) => unit >= 128 || LOCAL.test(String.fromCharCode(unit)),
  look,
}

export const EMAIL_ROW: NumberRow = {
  name: '',
  examples: ['ada@example.org', 'O.Müller+x@mail.münchen.de', 'a@xn--e1afmkfd.xn--p1ai'],
  counterexamples: ['user@localhost', '@handle', 'a @ b.com', 'git@example.org:owner/name.git'],
  reason: 'names a person and reaches them',
  source: 'RFC 5321, RFC 6531',
}
