/**
 * From the launcher's arguments to what it will do: pure.
 *
 *     launcher.js ROLE [options] -- main arguments
 *
 * State folder, configuration and model folders are taken from the main's own arguments where the
 * launcher has no option for them, so that the two cannot tell different stories.
 *
 * @packageDocumentation
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Fault, reasonOf } from '../errors.ts'
import type { Places } from './landlock-rules.ts'
import type { Role } from './layers.ts'

export interface Connection {
  readonly name: string
  readonly path: string
}

export interface LaunchRequest {
  readonly role: Role
  readonly statePath: string
  readonly configPath: string
  /** Absolute paths of sealed models that the process may use. */
  readonly modelFolders: readonly string[]
  readonly connections: readonly Connection[]
  /** The kernel ends the process when its parent dies. */
  readonly withParent: boolean
  /** Layers that are left out, for finding faults; the process itself sees and may refuse it. */
  readonly without: ReadonlySet<string>
  readonly mainArguments: readonly string[]
}

const ROLES: readonly Role[] = ['gateway', 'engine', 'keeper']
const MAY_BE_LEFT_OUT = ['landlock', 'write-xor-execute']

const LAUNCHER_OPTIONS = {
  state: { type: 'string' },
  config: { type: 'string' },
  'model-folder': { type: 'string', multiple: true },
  connect: { type: 'string', multiple: true },
  'with-parent': { type: 'boolean' },
  without: { type: 'string', multiple: true },
} as const

/** Those of the mains' options that name a path, and those that take a value which is not one. */
const MAIN_OPTIONS = {
  state: { type: 'string' },
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
  model: { type: 'string' },
  folder: { type: 'string' },
  adapter: { type: 'string' },
  'adapter-folder': { type: 'string' },
  engine: { type: 'string', multiple: true },
} as const

function refuse(what: string): never {
  throw new Fault('SANDBOX_LAUNCH', what)
}

/** @throws Fault `SANDBOX_LAUNCH` */
export function parseLaunch(args: readonly string[]): LaunchRequest {
  const end = args.indexOf('--')
  if (end < 0) refuse('the main’s arguments follow after "--"')
  const mainArguments = args.slice(end + 1)
  const { values, positionals } = parseOwn(args.slice(0, end))
  const role = ROLES.find((name) => name === positionals[0])
  if (role === undefined || positionals.length !== 1) refuse(`a role is one of ${ROLES.join(', ')}`)
  const main = parseMain(mainArguments)
  const state = values.state ?? main.state
  if (state === undefined) refuse('--state is missing')
  const statePath = resolve(state)
  const without = values.without ?? []
  const wrong = without.find((layer) => !MAY_BE_LEFT_OUT.includes(layer))
  if (wrong !== undefined) refuse(`${wrong} cannot be left out`)
  return {
    role,
    statePath,
    configPath: resolve(values.config ?? main.config ?? join(statePath, 'config.json')),
    modelFolders: (values['model-folder'] ?? [])
      .map((pair) => splitPair(pair)[1])
      .concat(modelFoldersOf(role, main, statePath))
      .map((path) => resolve(path)),
    connections: (values.connect ?? []).map(splitPair).map(([name, path]) => ({ name, path })),
    withParent: values['with-parent'] ?? false,
    without: new Set(without),
    mainArguments,
  }
}

function parseOwn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: LAUNCHER_OPTIONS, allowPositionals: true })
  } catch (thrown) {
    return refuse(reasonOf(thrown))
  }
}

interface MainPaths {
  readonly state?: string
  readonly config?: string
  readonly model?: string
  readonly folder?: string
  readonly adapter?: string
  readonly 'adapter-folder'?: string
  readonly engine: readonly string[]
}

/** Lenient: the main itself refuses what it does not know. */
function parseMain(args: readonly string[]): MainPaths {
  const { tokens } = parseArgs({
    args: [...args],
    options: MAIN_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const found: Record<string, string> = {}
  const engine: string[] = []
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue
    if (token.name === 'engine') engine.push(token.value)
    // The last one counts, as in the mains' own parser.
    else found[token.name] = token.value
  }
  return { ...found, engine }
}

function modelFoldersOf(role: Role, main: MainPaths, statePath: string): string[] {
  if (role === 'keeper') return main.engine.map((pair) => splitPair(pair)[1])
  if (role === 'gateway') return []
  return [
    ...(main.folder === undefined ? folderNamed(main.model, statePath) : [main.folder]),
    ...(main['adapter-folder'] === undefined
      ? folderNamed(main.adapter, statePath)
      : [main['adapter-folder']]),
  ]
}

/** A name is checked where it becomes a path: it must not climb out of the models' folder. */
function folderNamed(name: string | undefined, statePath: string): string[] {
  if (name === undefined || !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) return []
  return [join(statePath, 'models', name)]
}

function splitPair(pair: string): [name: string, path: string] {
  const at = pair.indexOf('=')
  if (at < 1 || at === pair.length - 1) refuse('expected NAME=PATH')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** Where the kernel finds the program loader of a glibc system; it opens it in order to execute it. */
const LOADERS = [
  '/lib64/ld-linux-x86-64.so.2',
  '/lib/ld-linux-aarch64.so.1',
  '/lib/ld-linux-x86-64.so.2',
]

export interface Installation {
  readonly node: string
  /** Files and folders of our own code. */
  readonly app: readonly string[]
}

/** Pure: what the braces of the Landlock table stand for. */
export function placesFor(
  request: LaunchRequest,
  installation: Installation,
  busAddress: string | undefined,
): Places {
  return {
    node: [installation.node],
    loader: LOADERS,
    app: installation.app,
    state: [request.statePath],
    run: [join(request.statePath, 'run')],
    model: request.modelFolders,
    config: [request.configPath],
    bus: busPaths(busAddress),
  }
}

/** Paths in a D-Bus address: `unix:path=/run/user/1000/bus,guid=…;tcp:…`. */
export function busPaths(address: string | undefined): string[] {
  return (address ?? '').split(';').flatMap((one) => {
    const path = /^unix:(?:[^,]*,)*path=([^,]+)/.exec(one)?.[1]
    return path === undefined ? [] : [path]
  })
}
