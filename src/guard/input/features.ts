/**
 * What the model sees of a text: hashed words, pairs and triples of words, and pieces of words.
 *
 * One pass, one number for each feature. The trainer calls the same functions, so that training
 * and use cannot drift apart. Expects matching text (lower case, lookalikes folded).
 *
 * @packageDocumentation
 */
export const BUCKET_BITS = 18
export const BUCKETS = 1 << BUCKET_BITS

/** Writing without spaces would make one word of a page. */
const MAX_WORD_CHARS = 24
const PRIME = 0x01000193
const OFFSET = 0x811c9dc5 | 0
const EDGE = 0x5f

const SPACE = 0
const WORD = 1
const MARK = 2
/** A letter that is a word of its own: Han and kana. */
const SIGN = 3
const BREAK = 4

/** Rows: from, to (inclusive), what it is. Whatever is not named is part of a word. */
const BLOCKS: readonly (readonly [number, number, number])[] = [
  [0x00, 0x2f, MARK],
  [0x3a, 0x40, MARK],
  [0x5b, 0x60, MARK],
  [0x7b, 0xbf, MARK],
  [0x2000, 0x2bff, MARK],
  [0x2e00, 0x303f, MARK],
  [0x3040, 0x30ff, SIGN],
  [0x3400, 0x9fff, SIGN],
  [0xd800, 0xf8ff, MARK],
  [0xfe00, 0xffff, MARK],
  [0x09, 0x0d, SPACE],
  [0x20, 0x20, SPACE],
  [0xa0, 0xa0, SPACE],
  [0x2000, 0x200a, SPACE],
  [0x3000, 0x3000, SPACE],
  [0x0a, 0x0a, BREAK],
]

const KINDS = new Uint8Array(0x10000).fill(WORD)
for (const [from, to, kind] of BLOCKS) KINDS.fill(kind, from, to + 1)

export interface Features {
  /** Buckets, token after token. */
  readonly buckets: Int32Array
  /** For each token: where its features end in `buckets`, and its place in the text. */
  readonly ends: Int32Array
  readonly starts: Int32Array
  readonly stops: Int32Array
  readonly tokens: number
  /** Tokens that a sentence ends behind. */
  readonly breaks: readonly number[]
}

class Gathering {
  buckets = new Int32Array(2048)
  count = 0
  ends = new Int32Array(256)
  starts = new Int32Array(256)
  stops = new Int32Array(256)
  tokens = 0
  readonly breaks: number[] = []
  #last = 1
  #lastButOne = 2

  add(hash: number): void {
    if (this.count === this.buckets.length) this.buckets = grown(this.buckets)
    this.buckets[this.count++] = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - BUCKET_BITS)
  }

  /** One word, or one mark. */
  token(hash: number, start: number, stop: number): void {
    const last = this.#last
    const pair = Math.imul(last, 31) ^ hash
    this.add(hash)
    this.add(Math.imul(pair, PRIME) + 0x1b)
    this.add(Math.imul(Math.imul(this.#lastButOne, 961) ^ Math.imul(last, 37) ^ hash, PRIME) + 0x2d)
    this.add(Math.imul(Math.imul(this.#lastButOne, 131) ^ hash, PRIME) + 0x3f)
    this.#lastButOne = last
    this.#last = hash
    if (this.tokens === this.ends.length) {
      this.ends = grown(this.ends)
      this.starts = grown(this.starts)
      this.stops = grown(this.stops)
    }
    this.ends[this.tokens] = this.count
    this.starts[this.tokens] = start
    this.stops[this.tokens++] = stop
  }
}

function grown(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}

export function featuresOf(text: string): Features {
  const gathering = new Gathering()
  let at = 0
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    const kind = KINDS[unit] ?? MARK
    if (kind === WORD) {
      at = addWord(gathering, text, at)
      continue
    }
    // Repeated marks say no more than two of them.
    const isRepeated =
      at > 1 && text.charCodeAt(at - 1) === unit && text.charCodeAt(at - 2) === unit
    if (kind !== SPACE && !isRepeated) {
      gathering.token(hashStep(OFFSET, unit), at, at + 1)
      if (kind === BREAK || isSentenceEnd(text, at)) gathering.breaks.push(gathering.tokens)
    }
    at++
  }
  return gathering
}

const ENDS = '.!?。！？|"'

/** A mark in a number, a name or an address ends nothing. */
function isSentenceEnd(text: string, at: number): boolean {
  if (!ENDS.includes(text[at] ?? '')) return false
  const next = text.charCodeAt(at + 1)
  return Number.isNaN(next) || next > 0x2fff || KINDS[next] === SPACE || KINDS[next] === BREAK
}

function addWord(gathering: Gathering, text: string, start: number): number {
  let hash = OFFSET
  let at = start
  let a = 0
  let b = 0
  let c = EDGE
  while (at < text.length && at - start < MAX_WORD_CHARS) {
    const unit = text.charCodeAt(at)
    if (KINDS[unit] !== WORD) break
    const letter = unit >= 0x30 && unit <= 0x39 ? 0x30 : unit
    hash = hashStep(hash, letter)
    if (a !== 0) gathering.add(pieceHash(a, b, c, letter))
    a = b
    b = c
    c = letter
    at++
    if (at - start === 5) gathering.add(Math.imul(hash, 0x85ebca6b) + 0x51)
  }
  if (a !== 0) gathering.add(pieceHash(a, b, c, EDGE))
  gathering.token(hash, start, at)
  return at
}

function hashStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, PRIME)
}

function pieceHash(a: number, b: number, c: number, d: number): number {
  return Math.imul(
    Math.imul(Math.imul(Math.imul(a + 7, 0x9e3779b1) ^ b, 0x85ebca6b) ^ c, 0xc2b2ae35) ^ d,
    PRIME,
  )
}

/**
 * Calls `seen` once for each bucket of the tokens from `from` to `to`.
 *
 * @param marks - as long as there are buckets; `mark` must not stand in it yet.
 * @returns how many there were.
 */
export function visitWindow(
  { buckets, ends }: Features,
  { from, to }: Window,
  { marks, mark }: { readonly marks: Int32Array; readonly mark: number },
  seen: (bucket: number) => void,
): number {
  let count = 0
  const end = ends[to - 1] ?? 0
  for (let i = from === 0 ? 0 : (ends[from - 1] ?? 0); i < end; i++) {
    const bucket = buckets[i] ?? 0
    if (marks[bucket] === mark) continue
    marks[bucket] = mark
    seen(bucket)
    count++
  }
  return count
}

/**
 * Each sentence, and windows that overlap by half, of one size and of `WIDE` times that: a short
 * order drowns in a wide window, a long tale does not fit in a small one.
 */
export function windowsOf({ tokens, breaks }: Features, size: number): Window[] {
  if (tokens <= size && breaks.length < 2) return windowsOfSize(tokens, size)
  return [
    ...sentencesOf(tokens, breaks, size),
    ...windowsOfSize(tokens, size),
    ...(tokens > size ? windowsOfSize(tokens, WIDE * size) : []),
  ]
}

const WIDE = 4
const MIN_SENTENCE = 4

export interface Window {
  readonly from: number
  readonly to: number
}

/** Those that are neither a word or two, nor longer than a window. */
function sentencesOf(tokens: number, breaks: readonly number[], size: number): Window[] {
  const sentences: Window[] = []
  let from = 0
  for (const to of [...breaks, tokens]) {
    if (to - from >= MIN_SENTENCE && to - from <= size && to - from < tokens)
      sentences.push({ from, to })
    from = to
  }
  return sentences
}

function windowsOfSize(tokens: number, size: number): Window[] {
  if (tokens <= size) return tokens === 0 ? [] : [{ from: 0, to: tokens }]
  const windows: Window[] = []
  const step = size >> 1
  for (let from = 0; from + size - step < tokens; from += step) {
    windows.push({ from: Math.min(from, tokens - size), to: Math.min(from + size, tokens) })
  }
  return windows
}
