/**
 * Reads and replaces clients.json. The gateway notices a change by itself.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../errors.ts'
import { writeAtomically } from '../vault/folder-file.ts'
import {
  addClient,
  makeClient,
  parseClients,
  removeClient,
  serializeClients,
  type Client,
  type NewClient,
  type Scope,
} from './clients.ts'
import { recordIfServed } from './keeper-session.ts'
import type { Session } from './session.ts'
import { whileLocked } from './state-folder.ts'

const MODE = 0o600

/** No file means no clients. @throws Fault `CLIENTS_INVALID` */
export function readClients(path: string): Client[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw new Fault('CLIENTS_INVALID', 'clients.json cannot be read', { cause })
  }
  return parseClients(bytes)
}

/** Two commands at once must not lose one another's client. */
function changeClients<T>(
  { paths }: Session,
  change: (clients: readonly Client[]) => {
    readonly clients: readonly Client[]
    readonly result: T
  },
): Promise<T> {
  return whileLocked(join(paths.run, 'clients.lock'), 'another client command', async () => {
    const { clients, result } = change(readClients(paths.clients))
    writeAtomically(paths.clients, serializeClients(clients), MODE)
    return result
  })
}

/** @throws Fault `CLIENT_EXISTS` */
export async function createClient(
  session: Session,
  options: {
    readonly name: string
    readonly expiresDays: number | undefined
    readonly scopes?: readonly Scope[]
  },
): Promise<NewClient> {
  const { name, ...rest } = options
  const made = makeClient(name, { nowMs: Date.now(), ...rest })
  await changeClients(session, (clients) => ({
    clients: addClient(clients, made.client),
    result: undefined,
  }))
  await recordIfServed(session, { type: 'client.added', client: made.client.id })
  return made
}

/** @throws Fault `CLIENT_UNKNOWN` */
export async function revokeClient(session: Session, nameOrId: string): Promise<Client> {
  const removed = await changeClients(session, (clients) => {
    const { left, removed: gone } = removeClient(clients, nameOrId)
    return { clients: left, result: gone }
  })
  await recordIfServed(session, { type: 'client.revoked', client: removed.id })
  return removed
}
