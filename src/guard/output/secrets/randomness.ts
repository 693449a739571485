/**
 * Whether a value was made by a machine or written by a person: by its characters per piece.
 *
 * Words and names fall into few pieces of a vocabulary (three letters and more each), random text
 * into about as many as it has characters. In 3,000 random values of 16 characters none had more than
 * 1.8 characters a piece, and one in a hundred more than 1.35; names in code have 2 to 6.
 *
 * @packageDocumentation
 */
import { PIECES } from './pieces.ts'

const LONGEST_PIECE = Math.max(...Array.from(PIECES, (piece) => piece.length))
const SHORTEST_PIECE = 3
const RUNS = /[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g

/** 1 for noise, more for words; signs do not count. */
export function charactersPerPiece(value: string): number {
  let characters = 0
  let pieces = 0
  for (const [run] of value.matchAll(RUNS)) {
    characters += run.length
    pieces += piecesOf(run.toLowerCase())
  }
  return pieces === 0 ? 0 : characters / pieces
}

function piecesOf(word: string): number {
  let count = 0
  for (let at = 0; at < word.length; count++) at += longestPieceAt(word, at)
  return count
}

function longestPieceAt(word: string, at: number): number {
  const most = Math.min(LONGEST_PIECE, word.length - at)
  for (let length = most; length >= SHORTEST_PIECE; length--) {
    if (PIECES.has(word.slice(at, at + length))) return length
  }
  return 1
}

const MIN_KEY = 10
/** Short values have less to tell by. */
const SHORT_KEY = 16
const MAX_PER_PIECE = 1.45
const MAX_PER_PIECE_SHORT = 1.3
const LONG_WITHOUT_DIGITS = 20
const MIN_DISTINCT = 6
const KEY_CHARACTERS = /^[A-Za-z0-9_+/=.~:!@#$%^*-]+$/
const LONG_CHARACTERS = /^[!-~]{12,}$/

/** Whether a value behind a label like `api_key` is a key, not a name, a path, a date or a number. */
export function looksRandom(value: string): boolean {
  if (value.length < MIN_KEY || looksLikeOther(value) || TYPED.test(value)) {
    return false
  }
  if (!KEY_CHARACTERS.test(value) && !LONG_CHARACTERS.test(value)) return false
  if (!/[A-Za-z]/.test(value) || new Set(value).size < MIN_DISTINCT) return false
  if (!/[0-9]/.test(value) && !isMixed(value)) return false
  const most = value.length < SHORT_KEY ? MAX_PER_PIECE_SHORT : MAX_PER_PIECE
  return charactersPerPiece(value) <= most
}

function isMixed(value: string): boolean {
  return (
    value.length >= LONG_WITHOUT_DIGITS &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    !/[_.-]/.test(value)
  )
}

const WORDY = 1.8
const WORDY_WITH_DIGITS = 2.5
const FEW = 4

/** Whether the body of a form that is known may be a key, and is not made of words. */
export function looksMade(body: string): boolean {
  const most = /[0-9]/.test(body) ? WORDY_WITH_DIGITS : WORDY
  return charactersPerPiece(body) < most
}

/** The same for a form that says little, as 32 letters and digits do. */
export function looksMadeOfMany(body: string): boolean {
  return looksMade(body) && (new Set(body).size > FEW || /^[0-9]+$/.test(body))
}

/** What people type who mean any value. */
const TYPED = /1234567|234567890|abcdefg|qwerty|asdfgh|00000000|(?:deadbeef){2}/i

/** Dates and times, versions, measures, paths, hosts, e-mail addresses, resource names. */
const OTHER_FORMS: readonly RegExp[] = [
  /(?:19|20)\d\d-\d\d(?:-\d\d|$)/,
  /^v?\d+(?:\.\d+)+(?:[-+.a-z0-9]*)$/,
  /^[\d.,:_-]+[a-zA-Z]{0,3}$/,
  /^(?:\.{0,2}\/|~\/|[A-Za-z]:[\\/]|#)/,
  /^[a-z][a-z0-9+.-]*:\/\//i,
  /^[^@]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$/,
  /^arn:/,
  /\.(?:pem|key|crt|json|ya?ml|txt|env|js|ts|py|com|org|net|io|dev|html?|php|png|jpe?g|svg)$/i,
  /^sha(?:1|256|384|512)[-:]/i,
]

function looksLikeOther(value: string): boolean {
  return OTHER_FORMS.some((form) => form.test(value))
}
