/**
 * All rules of the input guard, in one book. A line here is a decision: its reason stands beside it.
 *
 * @packageDocumentation
 */
import { RuleBook, type Rule } from './rule.ts'
import { ENGLISH_RULES } from './rules-english.ts'
import { JAILBREAK_RULES } from './rules-jailbreak.ts'
import { LANGUAGE_RULES } from './rules-languages.ts'
import { TURN_RULES } from './rules-turns.ts'
import { UNTRUSTED_RULES } from './rules-untrusted.ts'

export const RULES: readonly Rule[] = [
  ...ENGLISH_RULES,
  ...JAILBREAK_RULES,
  ...UNTRUSTED_RULES,
  ...TURN_RULES,
  ...LANGUAGE_RULES,
]

export const RULE_BOOK = new RuleBook(RULES)
