/**
 * The options that every command takes, made into settings, and into the arguments that pass the
 * same settings on to the processes.
 *
 * @packageDocumentation
 */
import { resolve } from 'node:path'
import { explainKey, loadConfig, type LoadedConfig } from '../config/load.ts'
import type { OptionRow, OptionValues } from './arguments.ts'

export const EVERYWHERE = {
  state: { value: 'DIR', help: 'state folder; default $XDG_STATE_HOME/secure-llm' },
  config: { value: 'FILE', help: 'configuration file; default config.json in the state folder' },
  set: { value: 'KEY=VALUE', many: true, help: 'one setting, over the file; repeatable' },
  help: { help: 'help for the command' },
} as const satisfies Record<string, OptionRow>

function givenSettings(options: OptionValues) {
  const listen = options.text('listen')
  return {
    state: options.text('state'),
    file: options.text('config'),
    sets: [...options.all('set'), ...(listen === undefined ? [] : [listenSetting(listen)])],
  }
}

/** A socket's path counts from the folder the command is given in, as every path does. */
function listenSetting(listen: string): string {
  const path = listen.startsWith('unix:') ? resolve(listen.slice('unix:'.length)) : undefined
  return `gateway.listen=${path === undefined ? listen : `unix:${path}`}`
}

export interface Settings extends LoadedConfig {
  /** What makes a process read the same configuration: it gets no environment of ours. */
  readonly mainArgs: readonly string[]
}

/** @throws Fault `CONFIG_INVALID`, naming every wrong setting. */
export function openSettings(options: OptionValues): Settings {
  const loaded = loadConfig({ ...givenSettings(options), env: process.env })
  const { statePath, filePath, sources } = loaded
  const file = filePath === undefined ? [] : ['--config', filePath]
  const sets = [...sources.keys()]
    .filter((key) => sources.get(key) !== 'file')
    .flatMap((key) => ['--set', `${key}=${JSON.stringify(explainKey(key, loaded).value)}`])
  return { ...loaded, mainArgs: ['--state', statePath, ...file, ...sets] }
}
