/**
 * What an operator sets for answers, made ready once: tables, automata and refusals.
 *
 * @packageDocumentation
 */
import type { OutputAction, OutputClass } from '../classes.ts'
import type { Detector } from './detector.ts'
import { PERSONAL_DETECTORS } from './personal/personal.ts'
import { SECRETS } from './secrets/secrets.ts'

export interface OutputPolicy {
  /** In the order in which they decide; only of classes whose action is not `allow`. */
  readonly detectors: readonly Detector[]
  readonly actions: Readonly<Record<OutputClass, OutputAction>>
  readonly ownPersonalData: OutputSettings['ownPersonalData']
  /** Of an answer without context. */
  readonly maxHoldBackChars: number
}

export interface OutputSettings {
  readonly actions: Readonly<Record<OutputClass, OutputAction>>
  /** `returned`: what the client sent in this request may come back. */
  readonly ownPersonalData: 'guarded' | 'returned'
  readonly denyList: readonly string[]
  readonly patterns: readonly OutputPattern[]
  /** Allowed, as `https://example.org`. */
  readonly linkOrigins: readonly string[]
  /** Values known in advance. */
  readonly secrets: readonly string[]
}

export interface OutputPattern {
  readonly name: string
  /** In RE2's syntax. */
  readonly pattern: string
  /** A text that stands in every match; without it one is read off the pattern. */
  readonly literal?: string
}

/** @throws Fault `GUARD_SETTINGS`, which names the entry and never its text. */
export function compileOutput(settings: OutputSettings): OutputPolicy {
  const { actions, ownPersonalData } = settings
  const detectors = allDetectors().filter((row) => actions[row.class] !== 'allow')
  return {
    detectors,
    actions,
    ownPersonalData,
    maxHoldBackChars: Math.max(0, ...detectors.map((row) => row.maxHoldBackChars)),
  }
}

/** In the order in which they decide: a secret is named as one even where it looks like a name. */
function allDetectors(): readonly Detector[] {
  return [...SECRETS, ...PERSONAL_DETECTORS]
}
