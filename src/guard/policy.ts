/**
 * What the guard does for one client: a named profile, with the operator's own settings over it.
 *
 * What it gives: from a name to actions for every class, bounded and whole. What it does not give:
 * files; whoever reads the operator's lists hands them over.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { InputAction, InputClass, OutputAction, OutputClass } from './classes.ts'
import type { InputSettings } from './input/inspect.ts'
import type { OutputPattern, OutputSettings } from './output/output-policy.ts'
import {
  INPUT_RULES,
  MANNERS,
  OUTPUT_RULES,
  PROFILE_NAMES,
  type ClientSystem,
  type DocumentMarks,
  type Mode,
  type OwnData,
  type ProfileName,
} from './profiles.ts'

export { PROFILE_NAMES, type ProfileName } from './profiles.ts'

type InputActions = Readonly<Record<InputClass, InputAction>>
type OutputActions = Readonly<Record<OutputClass, OutputAction>>

export interface OperatorPattern {
  readonly name: string
  readonly pattern: string
  readonly literal?: string | undefined
}

export interface GuardProfile {
  readonly mode: Mode
  readonly input: InputSettings
  readonly output: OutputSettings
  readonly documents: DocumentMarks
  readonly clientSystem: ClientSystem
}

/** A profile of the operator's own: a base, and what is different. */
export interface ProfileSettings {
  readonly base: ProfileName
  readonly mode?: Mode | undefined
  readonly input?: Partial<InputActions> | undefined
  readonly untrusted?: Partial<InputActions> | undefined
  readonly output?: Partial<OutputActions> | undefined
  readonly ownPersonalData?: OwnData | undefined
  readonly documents?: DocumentMarks | undefined
  readonly clientSystem?: ClientSystem | undefined
}

export interface GuardSettings {
  /** Of a client that names none. */
  readonly profile: string
  readonly profiles: Readonly<Record<string, ProfileSettings>>
  readonly maxMessageChars: number
  readonly maxPromptChars: number
  readonly denyList: readonly string[]
  readonly patterns: readonly OperatorPattern[]
  readonly linkOrigins: readonly string[]
  /** Not in the configuration: they are read from a file of their own. */
  readonly secrets?: readonly string[] | undefined
}

/** Those built in first. */
export function profileNames({ profiles }: Pick<GuardSettings, 'profiles'>): readonly string[] {
  return [...PROFILE_NAMES, ...Object.keys(profiles)]
}

/** @throws Fault `GUARD_SETTINGS` for a profile that is none. */
export function profileOf(name: string, settings: GuardSettings): GuardProfile {
  const own = settingsOf(name, settings)
  const manners = MANNERS[own.base]
  const mode = own.mode ?? manners.mode
  const tables = tablesOf(own.base)
  return {
    mode,
    input: {
      maxMessageChars: settings.maxMessageChars,
      maxPromptChars: settings.maxPromptChars,
      actions: mapped({ ...tables.input, ...given(own.input) }, INPUT_MODES[mode]),
      untrustedActions: mapped({ ...tables.untrusted, ...given(own.untrusted) }, INPUT_MODES[mode]),
    },
    output: {
      actions: mapped({ ...tables.output, ...given(own.output) }, OUTPUT_MODES[mode]),
      ownPersonalData: own.ownPersonalData ?? manners.ownPersonalData,
      denyList: settings.denyList,
      patterns: settings.patterns.map(patternOf),
      linkOrigins: settings.linkOrigins,
      secrets: settings.secrets ?? [],
    },
    // What only looks does not change the prompt either.
    documents: isChanging(mode) ? (own.documents ?? manners.documents) : 'plain',
    clientSystem: isChanging(mode) ? (own.clientSystem ?? manners.clientSystem) : 'allow',
  }
}

function settingsOf(name: string, settings: GuardSettings): ProfileSettings {
  const builtIn = PROFILE_NAMES.find((known) => known === name)
  if (builtIn !== undefined) return { base: builtIn }
  const own = Object.hasOwn(settings.profiles, name) ? settings.profiles[name] : undefined
  if (own !== undefined) return own
  const known = profileNames(settings).join(', ')
  throw new Fault('GUARD_SETTINGS', `there is no such guard profile; there are ${known}`)
}

interface Tables {
  readonly input: InputActions
  readonly untrusted: InputActions
  readonly output: OutputActions
}

function tablesOf(base: ProfileName): Tables {
  const column = base === 'coding' ? 'coding' : 'strict'
  return {
    input: mapped(INPUT_RULES, ({ said }) => said),
    untrusted: mapped(INPUT_RULES, ({ untrusted }) => untrusted[column]),
    output: mapped(OUTPUT_RULES, (row) => row[column]),
  }
}

const named = <A extends string>(action: A): A | 'flag' => (action === 'allow' ? action : 'flag')

const INPUT_MODES: Readonly<Record<Mode, (action: InputAction) => InputAction>> = {
  off: () => 'allow',
  observe: named,
  flag: named,
  enforce: (action) => action,
}

const OUTPUT_MODES: Readonly<Record<Mode, (action: OutputAction) => OutputAction>> = {
  off: () => 'allow',
  observe: named,
  flag: (action) => (action === 'stop' ? 'mask' : action),
  enforce: (action) => action,
}

function isChanging(mode: Mode): boolean {
  return mode === 'flag' || mode === 'enforce'
}

/** Every key of the first table, by the second's words. */
function mapped<K extends InputClass | OutputClass, A, B>(
  table: Readonly<Record<K, A>>,
  to: (action: A) => B,
): Readonly<Record<K, B>> {
  const entries = Object.entries<A>(table).map(([name, action]) => [name, to(action)])
  // Object.fromEntries forgets the names; the table has just given them.
  return Object.fromEntries(entries) as Record<K, B>
}

function patternOf({ name, pattern, literal }: OperatorPattern): OutputPattern {
  return literal === undefined ? { name, pattern } : { name, pattern, literal }
}

/** Without what was not said: `undefined` must not hide the base's word. */
function given<T extends object>(partial: T | undefined): Partial<T> {
  const said = Object.entries(partial ?? {}).filter(([, action]) => action !== undefined)
  return Object.fromEntries(said) as Partial<T>
}
