/**
 * Ways to read a text letter by letter: as it stands, with escapes undone, or as Morse.
 *
 * A view says at each place what stands there and where the next letter begins; what only sets
 * letters apart says nothing. The text may end within a letter, and then nobody can tell.
 *
 * @packageDocumentation
 */
import { escapeAt, isEscapeSign } from './escapes.ts'
import { LOOSE } from './fold.ts'
import { isMorseUnit, morseAt } from './morse.ts'

export interface Letter {
  /** Folded; '' for what says nothing, null for what cannot stand in this view. */
  readonly says: string | null
  readonly to: number
}

export interface View {
  readonly name: string
  /** null: more text is needed. */
  readonly read: (text: string, at: number, isEnd: boolean) => Letter | null
  /** Whether the two units at a place are read as they stand. */
  readonly isPlainAt: (text: string, at: number) => boolean
}

function readPlain(text: string, at: number, isEnd: boolean): Letter | null {
  const folded = LOOSE.unit(text.charCodeAt(at))
  if (folded === 0) return { says: '', to: at + 1 }
  if (folded > 0) return { says: String.fromCharCode(folded), to: at + 1 }
  return LOOSE.at(text, at, isEnd)
}

function readEscaped(text: string, at: number, isEnd: boolean): Letter | null {
  if (!isEscapeSign(text.charCodeAt(at))) return readPlain(text, at, isEnd)
  const escape = escapeAt(text, at, isEnd)
  if (escape.is === 'more') return null
  if (escape.is === 'none') return readPlain(text, at, isEnd)
  return { says: LOOSE.text(escape.text), to: escape.to }
}

function readMorse(text: string, at: number, isEnd: boolean): Letter | null {
  if (!isMorseUnit(text.charCodeAt(at))) {
    return { says: isBetweenMorse(text.charAt(at)) ? '' : null, to: at + 1 }
  }
  const found = morseAt(text, at, isEnd)
  if (found === null) return null
  return { says: found.letter === '' ? null : LOOSE.text(found.letter), to: found.to }
}

function isBetweenMorse(character: string): boolean {
  return /[\s/|,;\u200b-\u200f\u2060\ufeff]/.test(character)
}

/** Each of them says one letter, or sets letters apart. */
function areSimple(text: string, at: number): boolean {
  const first = LOOSE.unit(text.charCodeAt(at))
  return first > 0 && (at + 1 >= text.length || LOOSE.unit(text.charCodeAt(at + 1)) >= 0)
}

export const PLAIN: View = { name: 'plain', read: readPlain, isPlainAt: areSimple }
export const ESCAPED: View = {
  name: 'escaped',
  read: readEscaped,
  isPlainAt: (text, at) =>
    areSimple(text, at) &&
    !isEscapeSign(text.charCodeAt(at)) &&
    !isEscapeSign(text.charCodeAt(at + 1)),
}
export const MORSE: View = { name: 'morse', read: readMorse, isPlainAt: () => false }
