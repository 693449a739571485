/**
 * E-mail addresses: a local part of at most 64 characters, `@`, and a domain with a dot.
 *
 * What it does not find: quoted local parts, addresses with letters outside ASCII, and
 * `name at example dot com`.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from './detector.ts'

/** RFC 5321 §4.5.3.1. */
const MAX_LOCAL = 64
const MAX_DOMAIN = 255

const LOCAL = /[A-Za-z0-9._%+'-]/
const DOMAIN = /[A-Za-z0-9.-]/
const WHOLE_DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,63}/

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
  return { is: 'yes', end: sign + 1 + domain[0].length }
}

export const EMAIL: Detector = {
  code: 'output.email',
  class: 'email',
  maxHoldBackChars: MAX_LOCAL + 1 + MAX_DOMAIN,
  example: 'ada@example.org',
  reason: 'names a person and reaches them',
  startsWith: (unit) => unit < 128 && LOCAL.test(String.fromCharCode(unit)),
  look,
}
