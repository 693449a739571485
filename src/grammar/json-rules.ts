/**
 * Any JSON value as rules, nested no deeper than can be read back anywhere.
 *
 * @packageDocumentation
 */
import { numberRule } from './number-rules.ts'
import { ALL_NUMBERS } from './number-range.ts'
import type { RuleBook } from './rules.ts'
import { characterRule } from './string-rules.ts'

/** Arrays and objects inside each other, where a schema says nothing about a value. */
export const ANY_JSON_DEPTH = 16

/** At most one space after a colon or a comma: a model cannot go on writing nothing for ever. */
export function spaceRule(book: RuleBook): string {
  return book.rule('" "?')
}

/** @returns A symbol. */
export function anyJsonRule(book: RuleBook): string {
  const space = spaceRule(book)
  const text = book.rule(`"\\"" ${characterRule(book)}* "\\""`)
  const flat = book.rule(`${text} | ${numberRule(ALL_NUMBERS, book)} | "true" | "false" | "null"`)
  let value = book.rule(`${flat} | "[]" | "{}"`)
  for (let depth = 0; depth < ANY_JSON_DEPTH; depth++) {
    const item = book.rule(`"," ${space} ${value}`)
    const member = book.rule(`${text} ":" ${space} ${value}`)
    const next = book.rule(`"," ${space} ${member}`)
    const array = `"[" (${value} ${item}*)? "]"`
    const object = `"{" (${member} ${next}*)? "}"`
    value = book.rule(`${flat} | ${array} | ${object}`)
  }
  return value
}
