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
  /** The sealed adapter that is applied to it. */
  readonly adapter: string | undefined
  /** Load, decode one token, end: what `model import` runs. */
  readonly isTrial: boolean
  /** Instead of the folder under the state folder; a trial's staging folder. */
  readonly folder: string | undefined
  /** The same for the adapter. */
  readonly adapterFolder: string | undefined
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** @throws Fault `CLI_USAGE` */
export function parseArguments(args: readonly string[]): EngineArguments {
  const values = parseValues(args)
  const { model, adapter } = values
  // The names become parts of paths.
  if (model === undefined || !NAME.test(model)) {
    throw new Fault('CLI_USAGE', 'the engine needs --model NAME')
  }
  if (adapter !== undefined && !NAME.test(adapter)) {
    throw new Fault('CLI_USAGE', '--adapter wants a NAME')
  }
  const { state, config, set: sets = [], trial: isTrial = false, folder } = values
  const adapterFolder = values['adapter-folder']
  return { state, config, sets, model, adapter, isTrial, folder, adapterFolder }
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
        adapter: { type: 'string' },
        'adapter-folder': { type: 'string' },
      },
    }).values
  } catch (cause) {
    throw new Fault('CLI_USAGE', reasonOf(cause), { cause })
  }
}
