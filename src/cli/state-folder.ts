/**
 * The state folder: made, owned by us alone, and locked while somebody acts in it.
 *
 * @packageDocumentation
 */
import { closeSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../errors.ts'
import { lockFolder } from '../sandbox/process.ts'

const FOLDERS = ['models', 'clients', 'audit', 'keys', 'guard', 'run'] as const
export const STAGING_PREFIX = '.staging-'
const OTHERS_BITS = 0o077

/** Every path in the state folder that the command line knows. */
export function statePaths(state: string) {
  const run = join(state, 'run')
  return {
    state,
    models: join(state, 'models'),
    model: (name: string) => join(state, 'models', name),
    clients: join(state, 'clients/clients.json'),
    audit: join(state, 'audit/audit.jsonl'),
    run,
    serveLock: join(run, 'serve.lock'),
    /** What `serve` says of itself while it runs. */
    served: join(run, 'serve.json'),
    modelsLock: join(run, 'models.lock'),
    keeperCli: join(run, 'keeper-cli.sock'),
    keeperGateway: join(run, 'keeper-gateway.sock'),
    keeperEngine: (name: string) => join(run, `keeper-engine-${name}.sock`),
    engine: (name: string) => join(run, `engine-${name}.sock`),
  }
}
export type StatePaths = ReturnType<typeof statePaths>

/**
 * Makes what is missing and looks at what is there.
 *
 * @throws Fault `STATE_UNSAFE` when another user owns or may enter it.
 */
export function openStateFolder(state: string): StatePaths {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  checkFolder(state)
  for (const name of FOLDERS) {
    mkdirSync(join(state, name), { recursive: true, mode: 0o700 })
    checkFolder(join(state, name))
  }
  return statePaths(state)
}

function checkFolder(path: string): void {
  // lstat: a link to somebody else's folder is not ours.
  const { uid, mode } = lstatSync(path)
  const ours = process.getuid?.() ?? uid
  if (uid !== ours) throw new Fault('STATE_UNSAFE', `${path} belongs to user ${uid}`)
  const kind = lstatSync(path).isDirectory()
  if (!kind) throw new Fault('STATE_UNSAFE', `${path} is not a folder`)
  if ((mode & OTHERS_BITS) !== 0) {
    throw new Fault('STATE_UNSAFE', `${path} has mode ${(mode & 0o777).toString(8)}, not 700`)
  }
}

/**
 * Runs `act` while this process holds the lock file.
 *
 * @throws Fault `STATE_IN_USE` when another process holds it.
 */
export async function whileLocked<T>(
  lockPath: string,
  whoElse: string,
  act: () => Promise<T>,
): Promise<T> {
  const lock = lockFolder(lockPath)
  if (lock === null) throw new Fault('STATE_IN_USE', `${whoElse} uses this state folder`)
  try {
    return await act()
  } finally {
    closeSync(lock)
  }
}

/** Half-made models of commands that were killed. The caller holds the models lock. */
export function removeStaging(paths: StatePaths): void {
  for (const name of readdirSync(paths.models)) {
    if (name.startsWith(STAGING_PREFIX))
      rmSync(join(paths.models, name), { recursive: true, force: true })
  }
}
