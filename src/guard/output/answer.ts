/**
 * Detectors that only one answer has: for the system prompt it was given, and the canary in it.
 *
 * @packageDocumentation
 */
import type { Detector } from './detector.ts'
import type { OutputPolicy } from './output-policy.ts'

const NONE: readonly Detector[] = []

export interface PromptContext {
  readonly systemPrompt?: string
  readonly canary?: string
}

export function contextDetectors(
  policy: OutputPolicy,
  context: PromptContext,
): readonly Detector[] {
  if (policy.actions['prompt-leak'] === 'allow' || context.systemPrompt === undefined) return NONE
  return NONE
}
