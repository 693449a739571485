/**
 * Texts of a template tried with words that no template has, and where they came out.
 *
 * @packageDocumentation
 */
import type { SpecialSpellings } from './special-spellings.ts'

/** Words of a trial: no template and no vocabulary knows them. */
export const WORDS = {
  asked: 'zqasked',
  said: 'zqsaid',
  thought: 'zqthought',
  result: 'zqresult',
  firstName: 'zqfirst',
  secondName: 'zqsecond',
  thirdName: 'zqthird',
  /** Of nine letters and digits, as Mistral's templates demand. */
  firstId: 'zqid00001',
  secondId: 'zqid00002',
  thirdId: 'zqid00003',
  key: 'zqkey',
  value: 'zqvalue',
} as const

/** What a template may not be cut in: its tags, besides the special tokens. */
const TAG = /<[^<>\s]{1,64}>|\[\/?[A-Z_]{2,32}\]/g

/** Pure: the nearest index at or before `index` that lies in no special token and in no tag. */
export function wholeBefore(text: string, index: number, spellings: SpecialSpellings): number {
  const around = [...spellings.find(text), ...tagsOf(text)].filter(
    ({ start, end }) => start < index && index < end,
  )
  return Math.min(index, ...around.map(({ start }) => start))
}

/** Pure: the nearest at or behind it. */
export function wholeBehind(text: string, index: number, spellings: SpecialSpellings): number {
  const around = [...spellings.find(text), ...tagsOf(text)].filter(
    ({ start, end }) => start < index && index < end,
  )
  return Math.max(index, ...around.map(({ end }) => end))
}

function tagsOf(text: string): { start: number; end: number }[] {
  return [...text.matchAll(TAG)].map(({ 0: tag, index }) => ({
    start: index,
    end: index + tag.length,
  }))
}

/** Pure: how many characters all of them begin with. */
export function commonStart(texts: readonly string[]): number {
  const [first = '', ...others] = texts
  let length = 0
  while (length < first.length && others.every((text) => text[length] === first[length])) length++
  return length
}

/** Pure: how many characters both end with. */
export function commonEnd(one: string, other: string): number {
  const most = Math.min(one.length, other.length)
  let length = 0
  while (length < most && one.at(-1 - length) === other.at(-1 - length)) length++
  return length
}
