/**
 * Every profile there is, compiled: what the gateway runs on, and what `config check` tries.
 *
 * @packageDocumentation
 */
import { compileOutput, type OutputPolicy } from './output/redactor.ts'
import { profileNames, profileOf, type GuardProfile, type GuardSettings } from './policy.ts'

export interface CompiledProfile {
  readonly profile: GuardProfile
  readonly output: OutputPolicy
}

/** @throws Fault `GUARD_SETTINGS`, naming the entry. */
export function compileProfiles(settings: GuardSettings): ReadonlyMap<string, CompiledProfile> {
  return new Map(
    profileNames(settings).map((name) => {
      const profile = profileOf(name, settings)
      return [name, { profile, output: compileOutput(profile.output) }]
    }),
  )
}
