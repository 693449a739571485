/**
 * Loads the configuration: defaults, then the file, then the environment, then `--set`.
 *
 * Whatever is wrong anywhere is named at once, in one fault.
 *
 * @packageDocumentation
 */
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Fault, reasonOf } from '../errors.ts'
import { repeatedKeys } from './json-keys.ts'
import { listSettings, settingNamed, type SettingRow } from './keys.ts'
import { Config } from './schema.ts'

export type { Config } from './schema.ts'
export { parseListen, type Listen } from './listen.ts'
export { sealedNames, servedModel, servedModels, type ServedModel } from './models.ts'

export interface LoadOptions {
  readonly state?: string | undefined
  readonly file?: string | undefined
  /** `key.path=value`, later ones win. */
  readonly sets: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Source = 'default' | 'file' | 'environment' | 'option'

export interface LoadedConfig {
  readonly config: Config
  readonly statePath: string
  /** The file that was read, if any. */
  readonly filePath: string | undefined
  /** Where each setting that is not a default came from, by key. */
  readonly sources: ReadonlyMap<string, Source>
}

const MAX_FILE_BYTES = 262_144
const VARIABLE_PREFIX = 'SECURE_LLM_'
/**
 * Ours, and no settings: the two places below, what the launcher says to the process it starts,
 * and the key in the README's curl. A test looks for others in the sources.
 */
export const OTHER_VARIABLES: readonly string[] = [
  'SECURE_LLM_STATE',
  'SECURE_LLM_CONFIG',
  'SECURE_LLM_CONNECTED',
  'SECURE_LLM_LANDLOCK',
  'SECURE_LLM_KEY',
]

type Tree = Record<string, unknown>

/** @throws Fault `CONFIG_INVALID`, naming every wrong setting at once. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const statePath = stateFolderOf(options)
  const filePath = fileOf(options, statePath)
  const problems: string[] = []
  const sources = new Map<string, Source>()
  const tree: Tree = filePath === undefined ? {} : readFile(filePath, problems)
  for (const key of settingsIn(tree, [])) sources.set(key, 'file')
  const take = (row: SettingRow, text: string, source: Source) => {
    put(tree, row, valueOf(text), problems)
    sources.set(row.key, source)
  }
  takeVariables(options.env, take, problems)
  takePairs(options.sets, take, problems)
  const parsed = Config.safeParse(tree)
  if (!parsed.success) problems.push(...parsed.error.issues.map(describeIssue))
  if (problems.length > 0 || !parsed.success) {
    throw new Fault('CONFIG_INVALID', problems.join('; '))
  }
  return { config: parsed.data, statePath, filePath, sources }
}

type Take = (row: SettingRow, text: string, source: Source) => void

/** A misspelt variable would leave its default in force, so it is refused like a misspelt key. */
function takeVariables(env: LoadOptions['env'], take: Take, problems: string[]): void {
  const rows = new Map(listSettings().map((row) => [row.variable, row]))
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(VARIABLE_PREFIX) || text === undefined) continue
    const row = rows.get(name)
    if (row !== undefined) take(row, text, 'environment')
    else if (!OTHER_VARIABLES.includes(name)) problems.push(`${name}: there is no such variable`)
  }
}

function takePairs(pairs: readonly string[], take: Take, problems: string[]): void {
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const key = equals < 0 ? pair : pair.slice(0, equals)
    const row = listSettings().find((candidate) => candidate.key === key)
    if (equals < 0) problems.push(`${pair}: expected KEY=VALUE`)
    else if (row === undefined) problems.push(`${key}: there is no such setting`)
    else take(row, pair.slice(equals + 1), 'option')
  }
}

/** One setting, its value, and where the value came from. @throws Fault `CONFIG_INVALID` */
export function explainKey(
  key: string,
  loaded: LoadedConfig,
): SettingRow & { readonly value: unknown; readonly source: Source } {
  const row = settingNamed(key)
  let value: unknown = loaded.config
  for (const part of key.split('.')) value = isTree(value) ? value[part] : undefined
  return { ...row, value, source: loaded.sources.get(key) ?? 'default' }
}

function stateFolderOf({ state, env }: LoadOptions): string {
  const given = state ?? env.SECURE_LLM_STATE
  if (given !== undefined && given !== '') return resolve(given)
  const { XDG_STATE_HOME: xdg, HOME: home } = env
  // The XDG base directory specification: a relative path there is to be ignored.
  if (xdg?.startsWith('/') === true) return join(xdg, 'secure-llm')
  if (home?.startsWith('/') === true) return join(home, '.local/state/secure-llm')
  throw new Fault(
    'CONFIG_INVALID',
    'no state folder: neither --state, XDG_STATE_HOME nor HOME is set',
  )
}

function fileOf({ file, env }: LoadOptions, statePath: string): string | undefined {
  const given = file ?? env.SECURE_LLM_CONFIG
  if (given !== undefined && given !== '') return resolve(given)
  const usual = join(statePath, 'config.json')
  return existsSync(usual) ? usual : undefined
}

function readFile(path: string, problems: string[]): Tree {
  let text: string
  try {
    const descriptor = openSync(path, constants.O_RDONLY)
    try {
      const { size } = fstatSync(descriptor)
      if (size > MAX_FILE_BYTES) {
        throw new Error(`it has ${size} bytes, at most ${MAX_FILE_BYTES} are read`)
      }
      text = readFileSync(descriptor, 'utf8')
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `cannot read ${path}: ${reasonOf(cause)}`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `${path} is not JSON: ${reasonOf(cause)}`, { cause })
  }
  if (!isTree(value)) throw new Fault('CONFIG_INVALID', `${path} holds no JSON object`)
  // JSON.parse keeps the last one in silence.
  problems.push(...repeatedKeys(text).map((key) => `${key}: stands in the file twice`))
  return value
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The settings that a file holds; a setting may be an object itself. */
function settingsIn(tree: Tree, path: readonly string[]): string[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const key = [...path, name].join('.')
    const isSetting = listSettings().some((row) => row.key === key)
    return isTree(value) && !isSetting ? settingsIn(value, [...path, name]) : [key]
  })
}

/** JSON where it is JSON, else the text itself: `8`, `["a"]`, `127.0.0.1:0`. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function put(tree: Tree, row: SettingRow, value: unknown, problems: string[]): void {
  const path = row.key.split('.')
  const last = path.pop() ?? ''
  let at = tree
  for (const part of path) {
    const next = at[part]
    if (isTree(next)) at = next
    else {
      // Replaced, so the schema will not see what the file holds here.
      if (next !== undefined) problems.push(`${part}: the file holds no object here`)
      const made: Tree = {}
      at[part] = made
      at = made
    }
  }
  at[last] = value
}

function describeIssue(issue: { path: PropertyKey[]; message: string }): string {
  return `${issue.path.map(String).join('.') || '(top)'}: ${issue.message}`
}
