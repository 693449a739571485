/**
 * What an operator sets for answers, made ready once: tables, automata and refusals.
 *
 * @packageDocumentation
 */
import type { OutputAction, OutputClass } from '../classes.ts'
import { Fault } from '../../errors.ts'
import type { Detector } from './detector.ts'
import { denyListDetector } from './deny-list.ts'
import { HTML_DETECTORS } from './html.ts'
import { isKnowable, knownSecretDetector, MIN_SECRET_LETTERS } from './known-secrets.ts'
import { linkDetectors } from './links.ts'
import { patternDetectors, type OutputPattern } from './patterns.ts'
import { PERSONAL_DETECTORS } from './personal/personal.ts'
import { SECRETS } from './secrets/secrets.ts'
import { TERMINAL_DETECTORS } from './terminal.ts'

export type { OutputPattern } from './patterns.ts'

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

/** @throws Fault `GUARD_SETTINGS`, which names the entry and never its text. */
export function compileOutput(settings: OutputSettings): OutputPolicy {
  const { actions, ownPersonalData } = settings
  const detectors = allDetectors(settings).filter((row) => actions[row.class] !== 'allow')
  return {
    detectors,
    actions,
    ownPersonalData,
    maxHoldBackChars: Math.max(0, ...detectors.map((row) => row.maxHoldBackChars)),
  }
}

/** In the order in which they decide: what the operator has named, then secrets, then persons. */
function allDetectors(settings: OutputSettings): readonly Detector[] {
  const secrets = checkedSecrets(settings.secrets)
  return [
    ...(secrets.length === 0 ? [] : [knownSecretDetector(secrets)]),
    ...SECRETS,
    ...TERMINAL_DETECTORS,
    ...HTML_DETECTORS,
    ...linkDetectors(settings.linkOrigins),
    ...PERSONAL_DETECTORS,
    ...patternDetectors(settings.patterns),
    ...(settings.denyList.length === 0 ? [] : [denyListDetector(settings.denyList)]),
  ]
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
