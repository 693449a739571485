/**
 * Reads and replaces clients.json. The gateway notices a change by itself.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../errors.ts'
import { writeAtomically } from '../vault/folder-file.ts'
import type { Event } from '../wire/frames.ts'
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
import { recordAfter, recordBefore } from './keeper-session.ts'
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
function whileAlone<T>({ paths }: Session, act: () => Promise<T>): Promise<T> {
  return whileLocked(join(paths.run, 'clients.lock'), 'another client command', act)
}

/**
 * The record has the client before the file does: who gets in without a trace is worse than who has
 * to come again.
 *
 * @throws Fault `CLIENT_EXISTS`, or why the record does not take it; then nothing was added.
 */
export function createClient(
  session: Session,
  options: {
    readonly name: string
    readonly expiresDays: number | undefined
    readonly scopes?: readonly Scope[]
    readonly guard?: string | undefined
  },
): Promise<NewClient> {
  const { name, ...rest } = options
  const { clients: path } = session.paths
  const made = makeClient(name, { nowMs: Date.now(), ...rest })
  return whileAlone(session, async () => {
    const bytes = serializeClients(addClient(readClients(path), made.client))
    await recordBefore(session, {
      event: addedEvent(made.client),
      failedType: 'client.failed',
      act: () => {
        writeAtomically(path, bytes, MODE)
      },
    })
    return made
  })
}

/** With the profile where it is not the default: who is guarded less is in the record. */
function addedEvent({ id, guard }: Client): Event {
  const event: Event = { type: 'client.added', client: id }
  return guard === undefined ? event : { ...event, codes: [`guard.${guard}`] }
}

/** @throws Fault `CLIENT_UNKNOWN`; `ACT_UNRECORDED` when the client is revoked all the same. */
export function revokeClient(session: Session, nameOrId: string): Promise<Client> {
  const { clients: path } = session.paths
  return whileAlone(session, async () => {
    const { left, removed } = removeClient(readClients(path), nameOrId)
    writeAtomically(path, serializeClients(left), MODE)
    const done = `client ${removed.name} (${removed.id}) is revoked`
    await recordAfter(session, { type: 'client.revoked', client: removed.id }, done)
    return removed
  })
}
