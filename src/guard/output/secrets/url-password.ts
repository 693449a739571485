/**
 * Passwords in URLs: `scheme://user:password@host`; the password alone is masked.
 *
 * What it does not find: a password longer than 200 characters, or with a space, quote, slash or
 * angle bracket in it, which a URL has to escape.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import { isAlnum, isIn, tableOf } from './characters.ts'
import { isPlaceholder } from './placeholder.ts'

const SCHEME = tableOf('A-Za-z0-9+.-')
const USER = tableOf('A-Za-z0-9!$%&*+,.;=_~\\\\-')
const PASSWORD = tableOf('A-Za-z0-9!#$%&()*+,.:;=?^_~|@-')
const HOST = tableOf('A-Za-z0-9_.\\[$-')

const MAX_SCHEME = 24
const MAX_USER = 80
const MIN_PASSWORD = 4
const MAX_PASSWORD = 200
const SLASHES = '://'

function endOf(table: Uint8Array, text: string, from: number, most: number): number {
  const limit = Math.min(text.length, from + most)
  let at = from
  while (at < limit && isIn(table, text.charCodeAt(at))) at++
  return at
}

function look(text: string, at: number, before: string, isEnd: boolean): Look {
  if (before !== '' && isAlnum(before.charCodeAt(0))) return NO
  const short = isEnd ? NO : MORE
  const scheme = endOf(SCHEME, text, at, MAX_SCHEME)
  for (let i = 0; i < SLASHES.length; i++) {
    if (scheme + i === text.length) return short
    if (text.charCodeAt(scheme + i) !== SLASHES.charCodeAt(i)) return NO
  }
  const colon = endOf(USER, text, scheme + SLASHES.length, MAX_USER)
  if (colon === text.length) return short
  if (text.charAt(colon) !== ':') return NO
  const known = [text.slice(scheme + SLASHES.length, colon), text.slice(at, scheme)]
  return lookAtPassword(text, colon + 1, known, isEnd)
}

/** What is written for any password, and is as long as nobody says otherwise. */
const NO_SECRET = /^(?:pass|password|passwd|pwd)$/i

function lookAtPassword(
  text: string,
  start: number,
  known: readonly string[],
  isEnd: boolean,
): Look {
  const end = endOf(PASSWORD, text, start, MAX_PASSWORD)
  if (end === text.length && end - start < MAX_PASSWORD && !isEnd) return MORE
  // A password may hold an @ that was not escaped: the last one is the host's.
  const sign = text.slice(start, end).lastIndexOf('@')
  if (sign < MIN_PASSWORD) return NO
  const host = start + sign + 1
  if (host === text.length && !isEnd) return MORE
  if (!isIn(HOST, text.charCodeAt(host))) return NO
  const password = text.slice(start, start + sign)
  if (NO_SECRET.test(password) || known.includes(password) || isPlaceholder(password)) return NO
  return { is: 'yes', start, end: start + sign }
}

export const URL_PASSWORD: Detector = {
  code: 'output.secret.url-password',
  class: 'secret',
  maxHoldBackChars: MAX_SCHEME + SLASHES.length + MAX_USER + 1 + MAX_PASSWORD + 1,
  example: 'postgres://ada:Anal1tical@db.example.org/engine',
  reason: 'RFC 3986 §3.2.1: userinfo, as connection strings and remotes of git use it',
  startsWith: (unit) => isAlnum(unit),
  onlyAtWordStart: true,
  look,
}
