/**
 * What an operator sets for answers, made ready once: tables, automata and refusals.
 *
 * @packageDocumentation
 */
import type { OutputAction, OutputClass } from '../classes.ts'
import { Fault } from '../../errors.ts'
import { CARD } from './card.ts'
import type { Detector } from './detector.ts'
import { EMAIL } from './email.ts'
import { isKnowable, knownSecretDetector, MIN_SECRET_LETTERS } from './known-secrets.ts'
import { SECRETS } from './secrets.ts'

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
  const detectors = [...settledDetectors(settings), ...allDetectors()].filter(
    (row) => actions[row.class] !== 'allow',
  )
  return {
    detectors,
    actions,
    ownPersonalData,
    maxHoldBackChars: Math.max(0, ...detectors.map((row) => row.maxHoldBackChars)),
  }
}

/** In the order in which they decide: a secret is named as one even where it looks like a name. */
function allDetectors(): readonly Detector[] {
  return [...SECRETS, CARD, EMAIL]
}

/** What the operator has named. */
function settledDetectors(settings: OutputSettings): readonly Detector[] {
  const secrets = checkedSecrets(settings.secrets)
  return secrets.length === 0 ? [] : [knownSecretDetector(secrets)]
}

const MAX_SECRETS = 1000
const MAX_SECRET_CHARS = 4096

function checkedSecrets(secrets: readonly string[]): readonly string[] {
  if (secrets.length > MAX_SECRETS) {
    throw new Fault('GUARD_SETTINGS', `secrets: ${secrets.length}, more than ${MAX_SECRETS}`)
  }
  for (const [i, secret] of secrets.entries()) {
    if (secret.length > MAX_SECRET_CHARS || !isKnowable(secret)) {
      const bounds = `${MIN_SECRET_LETTERS} letters or digits and at most ${MAX_SECRET_CHARS} characters`
      throw new Fault('GUARD_SETTINGS', `secrets[${i}] needs at least ${bounds}`)
    }
  }
  return secrets
}
