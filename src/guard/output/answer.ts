/**
 * Detectors that only one answer has: for the system prompt it was given, and the canary in it.
 *
 * @packageDocumentation
 */
import type { Detector } from './detector.ts'
import { isKnowable } from './known-secrets.ts'
import { canaryDetector, promptDetector } from './leak.ts'
import type { OutputPolicy } from './output-policy.ts'

export interface PromptContext {
  readonly systemPrompt?: string
  readonly canary?: string
}

const NONE: readonly Detector[] = []

/** A prompt is the operator's, so there are few; making its index takes milliseconds. */
const MAX_REMEMBERED = 8

/** @returns the same array for the same prompt and canary, while they are remembered. */
export function contextDetectors(
  policy: OutputPolicy,
  context: PromptContext,
): readonly Detector[] {
  if (policy.actions['prompt-leak'] === 'allow') return NONE
  const { systemPrompt = '', canary = '' } = context
  return LISTS.get(JSON.stringify([systemPrompt, canary]), () => [
    ...(isKnowable(canary) ? [CANARIES.get(canary, () => canaryDetector(canary))] : []),
    ...(systemPrompt === '' ? [] : [PROMPTS.get(systemPrompt, () => promptDetector(systemPrompt))]),
  ])
}

/** The last few that were made. */
class Remembered<T> {
  readonly #made = new Map<string, T>()

  get(key: string, make: () => T): T {
    const value = this.#made.get(key) ?? make()
    this.#made.delete(key)
    this.#made.set(key, value)
    const [oldest] = this.#made.keys()
    if (oldest !== undefined && this.#made.size > MAX_REMEMBERED) this.#made.delete(oldest)
    return value
  }
}

const PROMPTS = new Remembered<Detector>()
const CANARIES = new Remembered<Detector>()
const LISTS = new Remembered<readonly Detector[]>()
