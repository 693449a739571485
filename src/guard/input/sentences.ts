/**
 * Where sentences end: the units in which an order is taken out of a document.
 *
 * @packageDocumentation
 */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Also the edges of strings, cells and tags: a document is often no prose. */
const BREAK =
  /(?<![.!?。！？])[.!?。！？]+["'”’)\]]*(?=\s|$)|[。！？]|\n+|["']\s?[,:}\]]|[{[,:]\s?["']|\s\|\s|<\/?[a-z][^<>\n]{0,80}>/gi
/** A sentence without an end is cut: what is taken out must not be the whole text. */
const MAX_CHARS = 600

/** The sentences that `span` touches, each without the break behind it. */
export function sentencesAround(text: string, { start, end }: Span): Span[] {
  const from = Math.max(0, start - MAX_CHARS)
  const to = Math.min(text.length, end + MAX_CHARS)
  const sentences: Span[] = []
  let at = from
  const add = (stop: number, next: number) => {
    const sentence = trimmed(text, at, stop)
    if (sentence.end > start && sentence.start < end && sentence.end > sentence.start)
      sentences.push(sentence)
    at = next
  }
  for (const { 0: mark, index } of text.slice(from, to).matchAll(BREAK)) {
    const isMark = /^[.!?。！？]/.test(mark)
    add(from + index + (isMark ? mark.length : 0), from + index + mark.length)
  }
  add(to, to)
  return sentences
}

function trimmed(text: string, start: number, end: number): Span {
  let from = start
  let to = end
  while (from < to && /\s/.test(text[from] ?? '')) from++
  while (to > from && /\s/.test(text[to - 1] ?? '')) to--
  return { start: from, end: to }
}
