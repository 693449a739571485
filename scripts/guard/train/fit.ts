/**
 * Logistic regression over windows of hashed features: plain sums in a fixed order, so that the
 * same data gives the same bits.
 *
 * @packageDocumentation
 */
import { BUCKETS, featuresOf, visitWindow, windowsOf } from '../../../src/guard/input/features.ts'
import { matchingText } from '../../../src/guard/input/matching.ts'
import type { Example } from './examples.ts'
import { Random } from './random.ts'

export interface FitSettings {
  readonly windowTokens: number
  readonly seed: number
  readonly epochs: number
  readonly rate: number
  /** Pulls weights that few rows need towards nothing. */
  readonly decay: number
}

interface Window {
  readonly buckets: Int32Array
  readonly isAttack: boolean
  readonly weight: number
}

interface Bag {
  readonly windows: readonly Window[]
  /** Of an attack somewhere in the text: only the windows that look worst count. */
  readonly isSearched: boolean
}

export interface Fitted {
  readonly weights: Float64Array
  readonly bias: number
}

const marks = new Int32Array(BUCKETS)
let mark = 0

export function fit(examples: readonly Example[], settings: FitSettings): Fitted {
  const bags = examples.map((example) => bagOf(example, settings.windowTokens))
  const fitted = { weights: new Float64Array(BUCKETS), bias: 0 }
  const squares = new Float64Array(BUCKETS).fill(1e-3)
  const random = new Random(settings.seed)
  const mean = { weights: new Float64Array(BUCKETS), bias: 0 }
  const counted = settings.epochs - Math.floor(settings.epochs / 2)
  let biasSquares = 1e-3
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const windows = random.shuffle(bags.flatMap((bag) => chosen(bag, fitted, epoch)))
    for (const { buckets, isAttack, weight } of windows) {
      const size = 1 / Math.sqrt(Math.max(1, buckets.length))
      const value = rawOf(buckets, fitted)
      const error = (1 / (1 + Math.exp(-value)) - (isAttack ? 1 : 0)) * weight
      biasSquares += error * error
      fitted.bias -= (0.2 * settings.rate * error) / Math.sqrt(biasSquares)
      const slope = error * size
      for (const bucket of buckets) {
        const old = fitted.weights[bucket] ?? 0
        const gradient = slope + settings.decay * old
        const sum = (squares[bucket] ?? 0) + gradient * gradient
        squares[bucket] = sum
        fitted.weights[bucket] = old - (settings.rate * gradient) / Math.sqrt(sum)
      }
    }
    if (epoch < settings.epochs - counted) continue
    // The mean of the later epochs forgets what the last rows said loudest.
    for (let i = 0; i < BUCKETS; i++)
      mean.weights[i] = (mean.weights[i] ?? 0) + (fitted.weights[i] ?? 0) / counted
    mean.bias += fitted.bias / counted
  }
  return mean
}

function rawOf(buckets: Int32Array, { weights, bias }: Fitted): number {
  let sum = 0
  for (const bucket of buckets) sum += weights[bucket] ?? 0
  return bias + sum / Math.sqrt(Math.max(1, buckets.length))
}

function chosen({ windows, isSearched }: Bag, fitted: Fitted, epoch: number): Window[] {
  if (!isSearched || windows.length < 3) return [...windows]
  // The beginning says most often what a text is; later the model itself knows better.
  if (epoch === 0) return windows.slice(0, 2)
  const ranked = windows.map((window) => ({ window, raw: rawOf(window.buckets, fitted) }))
  ranked.sort((one, other) => other.raw - one.raw)
  return ranked.slice(0, 2 + Math.floor(windows.length / 4)).map(({ window }) => window)
}

function bagOf({ text, isAttack, weight, focus }: Example, size: number): Bag {
  const matching = matchingText(text)
  const features = featuresOf(matching)
  const spans = windowsOf(features, size)
  const share = isAttack ? 1 : 1 / Math.sqrt(Math.max(1, spans.length / 2))
  const windows = spans.flatMap((span): Window[] => {
    const start = features.starts[span.from] ?? 0
    const end = features.stops[span.to - 1] ?? 0
    const shared = focus === undefined ? end - start : overlap({ start, end }, focus)
    const isSeen =
      focus === undefined || shared >= 0.6 * Math.min(end - start, focus.end - focus.start)
    if (isAttack && !isSeen && shared > 0) return []
    const buckets: number[] = []
    visitWindow(features, span, { marks, mark: ++mark }, (bucket) => buckets.push(bucket))
    const isOne = isAttack && isSeen
    return [
      {
        buckets: Int32Array.from(buckets),
        isAttack: isOne,
        weight: weight * (isOne || !isAttack ? share : 0.3),
      },
    ]
  })
  return { windows, isSearched: isAttack && focus === undefined }
}

interface Span {
  readonly start: number
  readonly end: number
}

function overlap(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.end, other.end) - Math.max(one.start, other.start))
}
