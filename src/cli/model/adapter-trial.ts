/**
 * The trial of an adapter: on a sealed model that is there already, whose key the keeper gives.
 *
 * @packageDocumentation
 */
import { existsSync } from 'node:fs'
import { Fault } from '../../errors.ts'
import type { KeeperLink } from '../keeper-link.ts'
import { withKeeper } from '../keeper-session.ts'
import { answers } from '../serve/listening-sockets.ts'
import type { Session } from '../session.ts'
import { sealedKind } from './sealed-kind.ts'
import type { Trial } from './trial.ts'

/** The name of the base: the one that was said, or the default model. */
const baseOf = ({ config }: Session, said: string | undefined) => said ?? config.model

/** @throws Fault `MODEL_UNKNOWN` or `MODEL_KIND`. */
export function checkBase(session: Session, said: string | undefined): void {
  const base = baseOf(session, said)
  const folder = session.paths.model(base)
  if (!existsSync(folder)) {
    throw new Fault(
      'MODEL_UNKNOWN',
      `an adapter is tried on its base, and there is no model ${base}; --base NAME says another`,
    )
  }
  if (sealedKind(folder) === 'adapter')
    throw new Fault('MODEL_KIND', `${base} is an adapter itself`)
}

export function adapterTrial(
  session: Session,
  said: string | undefined,
  adapter: { readonly name: string; readonly folder: string; readonly limitMs: number },
): Trial {
  const { name, folder, limitMs } = adapter
  const base = baseOf(session, said)
  return { name: base, folder: session.paths.model(base), limitMs, adapter: { name, folder } }
}

/**
 * Runs `act` with a keeper that gives the keys which a trial needs and the caller does not hold.
 *
 * @throws Fault `STATE_IN_USE` when the daemon does not serve one of the sealed folders.
 */
export async function withTrialKeeper<T>(
  session: Session,
  folders: Readonly<Record<string, string>>,
  act: (keeper: KeeperLink) => Promise<T>,
): Promise<T> {
  const { paths } = session
  const missing = Object.keys(folders).find((name) => !existsSync(paths.keeperEngine(name)))
  if (missing !== undefined && (await answers(paths.keeperCli))) {
    throw new Fault('STATE_IN_USE', `the daemon serves another model than ${missing}`)
  }
  return withKeeper(session, { engines: folders }, act)
}
