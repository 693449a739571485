/**
 * The guard as the gateway uses it: every profile compiled once, bound to the operator's files.
 *
 * @packageDocumentation
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Config } from '../config/load.ts'
import type { GuardFiles } from '../config/guard-files.ts'
import { Fault } from '../errors.ts'
import { compileProfiles, type CompiledProfile } from '../guard/compiled.ts'
import { createJsonRedactor } from '../guard/output/json-redactor.ts'
import { ANYWHERE, schemaPlace } from '../guard/output/mask-place.ts'
import { Pseudonyms } from '../guard/output/pseudonyms.ts'
import { createRedactor } from '../guard/output/redactor.ts'
import { inspectTexts } from '../guard/input/inspect.ts'
import type { AnswerGuard, GuardPort, Guards } from './guard-port.ts'
import { operatorPrompt, type OperatorPrompt } from './operator-prompt.ts'

const MARKER_KEY_BYTES = 32
const MARKER_CHARS = 16

/** @throws Fault `GUARD_SETTINGS` for an entry that cannot be compiled. */
export function bindGuards(settings: Config['guard'], files: GuardFiles): Guards {
  const { systemPrompt, secrets } = files
  const operator = systemPrompt === null ? null : operatorPrompt(systemPrompt)
  const marker = markers()
  const bound = new Map(
    [...compileProfiles({ ...settings, secrets })].map(([name, profile]) => [
      name,
      bindProfile(profile, operator, marker),
    ]),
  )
  return (profile) => {
    const guard = bound.get(profile ?? settings.profile)
    if (guard !== undefined) return guard
    throw new Fault('GUARD_SETTINGS', 'the guard profile of this client is not configured')
  }
}

function bindProfile(
  { profile, output }: CompiledProfile,
  operator: OperatorPrompt | null,
  marker: (requestId: string) => string,
): GuardPort {
  const { documents, clientSystem } = profile
  return {
    placing: { operator: operator?.text ?? null, documents, clientSystem, marker },
    inspect: (texts) => inspectTexts(texts, profile.input),
    answer: (ownTexts) => {
      const kept = operator && { systemPrompt: operator.words, canary: operator.canary }
      const context = { ...kept, ownTexts, pseudonyms: new Pseudonyms() }
      return answerGuard(() => createRedactor(output, context))
    },
  }
}

function answerGuard(redactor: () => ReturnType<typeof createRedactor>): AnswerGuard {
  return {
    redactor,
    jsonRedactor: (schema) =>
      createJsonRedactor(redactor(), schema === null ? ANYWHERE : schemaPlace(schema)),
  }
}

/** The key lives as long as the process: nobody outside can know a request's marker beforehand. */
function markers(): (requestId: string) => string {
  const key = randomBytes(MARKER_KEY_BYTES)
  return (requestId) =>
    createHmac('sha256', key).update(requestId).digest('hex').slice(0, MARKER_CHARS)
}
