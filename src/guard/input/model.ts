/**
 * The trained part of the input guard: a linear model over hashed pieces of a text, in windows.
 *
 * Two heads: `prompt` for what a user writes, `document` for texts that have no business to speak
 * to the model. It is a guess with known error rates (docs/guard-evaluation.md), not a proof.
 * The weights are made by scripts/guard/train.ts; the file names its sources in its own header.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { BUCKETS, visitWindow, windowsOf, type Features, type Window } from './features.ts'

export type HeadName = 'prompt' | 'document'

export interface Head {
  readonly windowTokens: number
  /** What one step of an int8 weight is worth. */
  readonly step: number
  readonly bias: number
  /** A text of n windows has n chances to look bad by accident: `perLogWindows * ln(n)` less. */
  readonly perLogWindows: number
  /** score = 1 / (1 + e^-(slope * (raw - threshold))): 0.5 is where it is flagged. */
  readonly slope: number
  readonly threshold: number
  readonly weights: Int8Array | Float64Array
}

/** Place in a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface Judgement {
  /** 0 to 1. */
  readonly score: number
  /** The windows that are flagged, the small ones when there are some; joined where they overlap. */
  readonly spans: readonly Span[]
}

/** From this score on. */
export const FLAGGED = 0.5

export const MAGIC = 'secure-llm/guard-model/v1\n'

export interface Values {
  readonly windows: readonly Window[]
  /** Before calibration, window by window. */
  readonly raw: Float64Array
  /** The highest, less what so many windows cost. */
  readonly value: number
  readonly price: number
}

export function valuesOf(features: Features, head: Head): Values {
  const windows = windowsOf(features, head.windowTokens)
  const raw = new Float64Array(windows.length)
  const { weights } = head
  let highest = -Infinity
  windows.forEach((window, i) => {
    const found = sumOf(features, window, weights)
    raw[i] = head.bias + (found.sum * head.step) / Math.sqrt(Math.max(1, found.count))
    highest = Math.max(highest, raw[i] ?? highest)
  })
  const price = head.perLogWindows * Math.log(Math.max(1, windows.length))
  return { windows, raw, value: highest - price, price }
}

const sum = { sum: 0, count: 0 }

function sumOf(features: Features, window: Window, weights: Head['weights']): typeof sum {
  sum.sum = 0
  sum.count = visitWindow(features, window, nextMark(), (bucket) => {
    sum.sum += weights[bucket] ?? 0
  })
  return sum
}

export function judgeFeatures(features: Features, head: Head): Judgement {
  const { windows, raw, value, price } = valuesOf(features, head)
  const flagged = windows.filter((_, i) => calibrated((raw[i] ?? 0) - price, head) >= FLAGGED)
  const small = flagged.filter(({ from, to }) => to - from <= head.windowTokens)
  return {
    score: calibrated(value, head),
    spans: joined(small.length > 0 ? small : flagged).map(({ from, to }) => ({
      start: features.starts[from] ?? 0,
      end: features.stops[to - 1] ?? 0,
    })),
  }
}

function joined(windows: readonly Window[]): Window[] {
  const result: Window[] = []
  for (const { from, to } of windows.toSorted((one, other) => one.from - other.from)) {
    const last = result.at(-1)
    if (last !== undefined && from <= last.to) {
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, to) }
    } else result.push({ from, to })
  }
  return result
}

export function calibrated(value: number, { slope, threshold }: Head): number {
  return 1 / (1 + Math.exp(-slope * (value - threshold)))
}

const marks = new Int32Array(BUCKETS)
let lastMark = 0

/** One table for all texts: a new number for each window says what was seen in it. */
function nextMark(): { marks: Int32Array; mark: number } {
  if (lastMark === 0x7fffffff) {
    marks.fill(0)
    lastMark = 0
  }
  return { marks, mark: ++lastMark }
}

/** The file: a line that names the format, a line of JSON, then the weights head after head. */
export function readModel(file: Uint8Array): Record<HeadName, Head> {
  const headerEnd = file.indexOf(0x0a, MAGIC.length)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const isOurs = decoder.decode(file.subarray(0, MAGIC.length)) === MAGIC
  if (!isOurs || file.length !== headerEnd + 1 + 2 * BUCKETS) {
    throw new Fault('INTERNAL', 'the weights of the input guard are damaged')
  }
  const header: unknown = JSON.parse(decoder.decode(file.subarray(MAGIC.length, headerEnd)))
  const at = file.byteOffset + headerEnd + 1
  return {
    prompt: readHead(header, 'prompt', new Int8Array(file.buffer, at, BUCKETS)),
    document: readHead(header, 'document', new Int8Array(file.buffer, at + BUCKETS, BUCKETS)),
  }
}

function readHead(header: unknown, name: HeadName, weights: Int8Array): Head {
  const value = (key: string): number => {
    const found = memberOf(memberOf(header, name), key)
    if (typeof found === 'number') return found
    throw new Fault('INTERNAL', `the weights of the input guard lack ${name}.${key}`)
  }
  return {
    windowTokens: value('windowTokens'),
    step: value('step'),
    bias: value('bias'),
    perLogWindows: value('perLogWindows'),
    slope: value('slope'),
    threshold: value('threshold'),
    weights,
  }
}

function memberOf(from: unknown, key: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined
  return Object.entries(from).find(([name]) => name === key)?.[1]
}
