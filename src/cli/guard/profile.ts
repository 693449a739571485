/**
 * The profile that a command line names.
 *
 * What it gives: the same profile that a client of that name has, with the operator's settings when
 * there are any. What it does not give: a state folder; none is made, and none has to be there.
 *
 * @packageDocumentation
 */
import { loadConfig } from '../../config/load.ts'
import { Fault } from '../../errors.ts'
import type { OptionValues } from '../arguments.ts'
import { PROFILES, type GuardProfile } from './stand-in.ts'

export const PROFILE_NAMES = ['strict', 'coding', 'observe'] as const

/** No folder of anybody's: there is no configuration in it. */
const NO_STATE = '/dev/null'

/** @throws Fault `CONFIG_INVALID` when the configuration that is there is wrong, `CLI_USAGE` for the name. */
export function namedProfile(
  options: OptionValues,
  env: Readonly<Record<string, string | undefined>> = process.env,
): GuardProfile {
  const { config } = loadConfig({
    state: options.text('state') ?? usualState(env),
    file: options.text('config'),
    sets: options.all('set'),
    env,
  })
  const given = options.text('profile') ?? 'strict'
  const name = PROFILE_NAMES.find((known) => known === given)
  if (name === undefined) {
    throw new Fault(
      'CLI_USAGE',
      `--profile takes ${PROFILE_NAMES.join(', ')}, not "${given.slice(0, 60)}"`,
    )
  }
  const profile = PROFILES[name]
  const { maxMessageChars, maxPromptChars } = config.guard
  return { ...profile, input: { ...profile.input, maxMessageChars, maxPromptChars } }
}

/** Undefined: where the daemon looks, too. */
function usualState(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if ((env.SECURE_LLM_STATE ?? '') !== '') return undefined
  const homes = [env.XDG_STATE_HOME, env.HOME]
  return homes.some((home) => home?.startsWith('/') === true) ? undefined : NO_STATE
}
