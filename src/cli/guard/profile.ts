/**
 * The profile that a command line names.
 *
 * What it gives: the profile that a client of that name has, with the operator's settings when there
 * are any. What it does not give: a state folder, which is neither made nor needed, and so neither
 * the operator's system prompt nor the secrets known in advance.
 *
 * @packageDocumentation
 */
import { loadConfig } from '../../config/load.ts'
import { Fault } from '../../errors.ts'
import { profileNames, profileOf, type GuardProfile } from '../../guard/policy.ts'
import type { OptionValues } from '../arguments.ts'

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
  const name = options.text('profile') ?? 'strict'
  const names = profileNames(config.guard)
  if (names.includes(name)) return profileOf(name, config.guard)
  throw new Fault('CLI_USAGE', `--profile takes ${names.join(', ')}, not "${name.slice(0, 60)}"`)
}

/** Undefined: where the daemon looks, too. */
function usualState(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if ((env.SECURE_LLM_STATE ?? '') !== '') return undefined
  const homes = [env.XDG_STATE_HOME, env.HOME]
  return homes.some((home) => home?.startsWith('/') === true) ? undefined : NO_STATE
}
