/**
 * What a detector is: a question asked at one place of the answer.
 *
 * The streaming redactor gives the same result for every cut of the text, because a detector may
 * say `yes` or `no` only when no later character could change its mind; until then it says `more`.
 *
 * @packageDocumentation
 */
import type { OutputClass } from '../classes.ts'

export type Look =
  /** No match starts here; nor, for this detector, at any place before `until`. */
  | { readonly is: 'no'; readonly until?: number }
  /** The text ends before it can be told. */
  | { readonly is: 'more' }
  /**
   * From here, or from `start`, to `end` is to be masked; `then` says what else goes, as far as it
   * reaches. `code` when the detector stands for many rows.
   */
  | {
      readonly is: 'yes'
      readonly start?: number
      readonly end: number
      readonly then?: Rest
      readonly code?: string
    }

/**
 * The rest of a match that is masked already: dropped without being held back. A `follow` remembers
 * how far it has come; it belongs to one match.
 */
export type Rest =
  | { readonly while: RegExp }
  | { readonly until: RegExp; readonly untilMaxChars: number }
  | { readonly follow: Follow }

/**
 * @returns how far the match goes on from `from`, and whether that is all of it. What lies behind
 *   `to` is asked again, with more text behind it, unless `isEnd`.
 */
export type Follow = (text: string, from: number, isEnd: boolean) => Reach

export interface Reach {
  readonly to: number
  readonly isOver: boolean
}

export interface Detector {
  readonly code: string
  /** What a policy calls it, and what its mask says. */
  readonly class: OutputClass
  /** Longest text that can be held back for it, in UTF-16 units. */
  readonly maxHoldBackChars: number
  readonly example: string
  readonly reason: string
  /** Whether a match can start with this UTF-16 unit: the cheap question asked first. */
  readonly startsWith: (unit: number) => boolean
  /** No match starts behind an ASCII letter or digit: not asked there at all. */
  readonly onlyAtWordStart?: boolean
  /**
   * @param text - what is known from some place on; more may follow unless `isEnd`.
   * @param at - where the match would start.
   * @param before - the character in front, '' at the beginning of the answer.
   */
  readonly look: (text: string, at: number, before: string, isEnd: boolean) => Look
}

export const NO: Look = { is: 'no' }
export const MORE: Look = { is: 'more' }
