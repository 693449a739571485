/**
 * What a rule of the input guard is, and the search for all of them in one pass.
 *
 * A rule is asked only where one of its words, or one of its marks, stands; its pattern begins
 * there (sticky) and is bounded, so that a text costs no more than its length.
 *
 * @packageDocumentation
 */
import type { InputClass } from '../classes.ts'

export interface Rule {
  /** Row of the code `input.<class>.<row>`. */
  readonly row: string
  readonly class: InputClass
  /** Words the pattern begins with, lower case. */
  readonly words?: readonly string[]
  /** Strings it begins with, where words have no edges. */
  readonly marks?: readonly string[]
  /** Over matching text; sticky. */
  readonly pattern: RegExp
  /** How sure it is: 0.5 is flagged, and less only adds to what the model thinks. */
  readonly score: number
  /** `untrusted`: said by a user it would be no attack. */
  readonly from: 'anyone' | 'untrusted'
  readonly example: string
  readonly counterexample: string
  readonly reason: string
  readonly source: string
  readonly owasp: string
}

export interface RuleMatch {
  readonly rule: Rule
  /** In the matching text. */
  readonly start: number
  readonly end: number
}

/** More matches of one rule in one text say nothing new. */
export const MAX_MATCHES = 32

export class RuleBook {
  readonly rules: readonly Rule[]
  readonly #byWord = new Map<string, Rule[]>()

  constructor(rules: readonly Rule[]) {
    this.rules = rules
    for (const rule of rules) {
      for (const word of rule.words ?? []) {
        this.#byWord.set(word, [...(this.#byWord.get(word) ?? []), rule])
      }
    }
  }

  beginningWith(word: string): readonly Rule[] | undefined {
    return this.#byWord.get(word)
  }
}

/** One text's matches, collected while somebody walks through its words. */
export class RuleSearch {
  readonly matches: RuleMatch[] = []
  readonly #text: string
  readonly #wanted: (rule: Rule) => boolean
  readonly #counts = new Map<Rule, number>()

  constructor(text: string, wanted: (rule: Rule) => boolean) {
    this.#text = text
    this.#wanted = wanted
  }

  ask(rule: Rule, at: number): void {
    const count = this.#counts.get(rule) ?? 0
    if (count >= MAX_MATCHES || !this.#wanted(rule)) return
    rule.pattern.lastIndex = at
    const found = rule.pattern.exec(this.#text)
    if (found === null) return
    this.#counts.set(rule, count + 1)
    this.matches.push({ rule, start: at, end: at + found[0].length })
  }

  askAtMarks(rules: readonly Rule[]): void {
    for (const rule of rules) {
      for (const mark of rule.marks ?? []) {
        let at = this.#text.indexOf(mark)
        for (; at !== -1; at = this.#text.indexOf(mark, at + mark.length)) this.ask(rule, at)
      }
    }
  }
}

/** A bounded gap that stays in the sentence. */
export const gap = (max: number) => `[^.!?\\n]{0,${max}}?`
/** Behind the beginning of a sentence, or what orders begin with: not in the middle of a tale. */
export const ORDERED =
  '(?<=(?:^|[.!?:;,"\'“”‘’()\\[\\]{}<>\\n*#|/-]|\\b(?:please|and|now|then|just|must|so|but|kindly|first|simply|instead|also|you|ok|okay|hey|hi|hello|stop|wait|immediately|system|assistant|important|attention))[\\s*_"\'“‘]{0,3})'

export function sticky(source: string): RegExp {
  return new RegExp(source, 'uy')
}
