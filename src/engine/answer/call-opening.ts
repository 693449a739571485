/**
 * How the first call of an answer begins, and how it is found in what a model writes.
 *
 * @packageDocumentation
 */
import type { CallFormat } from '../prompt/call-format.ts'

/**
 * What a call begins with that nothing else does: bare JSON up to the name, else the first word,
 * so that white space behind it is the grammar's affair.
 */
export function triggerOf({ open, beforeName, where }: CallFormat): string {
  const opening = open + beforeName
  const word = /^[^\s{]+/.exec(opening)?.[0]
  return where === 'start' || word === undefined ? opening : word
}

/** What of the opening of the first call follows the part that was read. */
export function restOfOpening({ open, beforeName }: CallFormat, read: string): string {
  const opening = open + beforeName
  return read === '' ? opening : opening.slice(opening.indexOf(read) + read.length)
}

/** Without white space. */
export function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, '')
}

/** How much of `text` is `wanted`, white space apart; null when it does not begin with it. */
export function unitsOf(text: string, wanted: string): number | null {
  let matched = 0
  for (let at = 0; at < text.length; at++) {
    if (/\s/.test(text.charAt(at))) continue
    if (text.charAt(at) !== wanted.charAt(matched)) return null
    if (++matched === wanted.length) return at + 1
  }
  return null
}
