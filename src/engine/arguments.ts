/**
 * The engine's command line. Only the supervisor, a unit or `model import` writes it.
 *
 * @packageDocumentation
 */
import { parseArgs } from 'node:util'
import { Fault, reasonOf } from '../errors.ts'

export interface EngineArguments {
  readonly state: string | undefined
  readonly config: string | undefined
  /** `key.path=value` */
  readonly sets: readonly string[]
  readonly model: string
  /** Load, decode one token, end: what `model import` runs. */
  readonly isTrial: boolean
  /** Instead of the folder under the state folder; a trial's staging folder. */
  readonly folder: string | undefined
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** @throws Fault `CLI_USAGE` */
export function parseArguments(args: readonly string[]): EngineArguments {
  const values = parseValues(args)
  const { model } = values
  // The name becomes a part of a path.
  if (model === undefined || !NAME.test(model)) {
    throw new Fault('CLI_USAGE', 'the engine needs --model NAME')
  }
  const { state, config, set: sets, trial: isTrial, folder } = values
  return { state, config, sets: sets ?? [], model, isTrial: isTrial ?? false, folder }
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        state: { type: 'string' },
        config: { type: 'string' },
        set: { type: 'string', multiple: true },
        model: { type: 'string' },
        trial: { type: 'boolean' },
        folder: { type: 'string' },
      },
    }).values
  } catch (cause) {
    throw new Fault('CLI_USAGE', reasonOf(cause), { cause })
  }
}
