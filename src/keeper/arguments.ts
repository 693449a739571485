/**
 * The keeper's arguments. Pure.
 *
 * @packageDocumentation
 */
import { isAbsolute } from 'node:path'
import { parseArgs } from 'node:util'
import { Fault, reasonOf } from '../errors.ts'

export interface KeeperArguments {
  readonly state: string | undefined
  readonly file: string | undefined
  readonly sets: readonly string[]
  /** Model name → sealed-model folder. */
  readonly models: ReadonlyMap<string, string>
}

const MODEL = /^([a-z0-9][a-z0-9._-]{0,63})=(.+)$/

/** @throws Fault `CLI_USAGE`. */
export function parseKeeperArguments(args: readonly string[]): KeeperArguments {
  const values = parse(args)
  const models = new Map<string, string>()
  for (const pair of values.engine ?? []) {
    const [, name, folder] = MODEL.exec(pair) ?? []
    if (name === undefined || folder === undefined || !isAbsolute(folder)) {
      throw new Fault('CLI_USAGE', '--engine wants NAME=FOLDER, the folder as an absolute path')
    }
    if (models.has(name)) throw new Fault('CLI_USAGE', `--engine ${name} comes twice`)
    models.set(name, folder)
  }
  return { state: values.state, file: values.config, sets: values.set ?? [], models }
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        state: { type: 'string' },
        config: { type: 'string' },
        set: { type: 'string', multiple: true },
        engine: { type: 'string', multiple: true },
      },
    })
    return values
  } catch (thrown) {
    throw new Fault('CLI_USAGE', reasonOf(thrown))
  }
}
