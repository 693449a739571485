/**
 * What a command works with: who it speaks to, where the state is, how processes are started.
 *
 * @packageDocumentation
 */
import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { Fault } from '../errors.ts'
import type { OptionValues } from './arguments.ts'
import { passphraseFromTerminal, type PassphraseSource } from './passphrase.ts'
import type { ProcessRole } from './serve/child.ts'
import { openSettings } from './settings.ts'
import { openStateFolder, type StatePaths } from './state-folder.ts'
import type { Terminal } from './terminal.ts'

export interface LaunchOptions {
  /** NAME=PATH: Unix sockets that the launcher connects before it confines the process. */
  readonly connect?: readonly string[]
  /** Further arguments of the process's main. */
  readonly args?: readonly string[]
  /** Settings that hold for this process only. */
  readonly sets?: readonly string[]
}

/** The program and arguments that start a process. Tests put stand-ins in its place. */
export type CommandFor = (
  role: ProcessRole,
  options: LaunchOptions,
) => readonly [string, ...string[]]

export interface Session {
  readonly terminal: Terminal
  readonly config: Config
  readonly paths: StatePaths
  /** Aborted with a Fault `CLI_INTERRUPTED` at Ctrl-C. */
  readonly signal: AbortSignal
  /** Aborted at the second Ctrl-C: nothing may take its time any more. */
  readonly hurry: AbortSignal
  readonly commandFor: CommandFor
  readonly passphrase: PassphraseSource
}

export interface Invocation {
  readonly terminal: Terminal
  readonly options: OptionValues
  readonly positionals: readonly string[]
  readonly signal: AbortSignal
  readonly hurry: AbortSignal
}

/** Reads the configuration and opens the state folder. */
export function openSession({ terminal, options, signal, hurry }: Invocation): Session {
  const { config, statePath, mainArgs } = openSettings(options)
  return {
    terminal,
    config,
    paths: openStateFolder(statePath),
    signal,
    hurry,
    commandFor: launcherCommand(mainArgs),
    passphrase: passphraseFromTerminal(terminal),
  }
}

const LAUNCHER = join(import.meta.dirname, '../sandbox/launcher.js')

/** Every process starts through the sandbox launcher, and ends with us. */
function launcherCommand(mainArgs: readonly string[]): CommandFor {
  return (role, { connect = [], args = [], sets = [] }) => [
    process.execPath,
    LAUNCHER,
    role,
    '--with-parent',
    ...connect.flatMap((pair) => ['--connect', pair]),
    '--',
    ...mainArgs,
    ...sets.flatMap((pair) => ['--set', pair]),
    ...args,
  ]
}

const MODEL_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** A model's name is a folder's and a socket's name, so nothing else gets past here. */
export function checkModelName(name: string): string {
  if (MODEL_NAME.test(name)) return name
  throw new Fault(
    'CLI_USAGE',
    'a model name has small letters, digits, ".", "_" and "-", begins with a letter or a digit, and has at most 64',
  )
}
