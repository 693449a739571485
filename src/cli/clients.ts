/**
 * The list of clients as the command line changes it.
 *
 * Pure: bytes in, bytes out; clients-file.ts reads and writes. A key is made here, shown once, and
 * only its hash stays.
 *
 * @packageDocumentation
 */
import { createHash, randomBytes } from 'node:crypto'
import * as z from 'zod'
import { PROFILE_NAME } from '../config/guard.ts'
import { Fault } from '../errors.ts'

const KEY_BYTES = 32
const KEY_PREFIX = 'sk-local-'
const DAY_MS = 86_400_000
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const MAX_CLIENTS = 4096

/** The gateway has the same list; a test holds them together. */
export const SCOPES = ['chat', 'models', 'tokens', 'metrics'] as const
export type Scope = (typeof SCOPES)[number]
/** What a client needs to talk; numbers about everybody's requests are for an operator's key. */
export const DEFAULT_SCOPES: readonly Scope[] = ['chat', 'models', 'tokens']

const Client = z.strictObject({
  id: z.string().regex(/^c-[0-9a-f]{8}$/),
  name: z.string().min(1).max(64),
  /** SHA-256 of the whole key, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.iso.datetime({ offset: true }),
  expires: z.iso.datetime({ offset: true }).nullable(),
  scopes: z.array(z.enum(SCOPES)).max(SCOPES.length),
  /** Name of the guard's profile; the configuration's default when absent, as in files of before. */
  guard: z.string().regex(PROFILE_NAME).optional(),
})
export type Client = z.infer<typeof Client>

const ClientsDocument = z.strictObject({
  format: z.literal('secure-llm/clients/v1'),
  clients: z.array(Client).max(MAX_CLIENTS),
})

/** @throws Fault `CLIENTS_INVALID` */
export function parseClients(bytes: Uint8Array): Client[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new Fault('CLIENTS_INVALID', 'clients.json is not JSON')
  }
  const parsed = ClientsDocument.safeParse(value)
  if (parsed.success) return parsed.data.clients
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || '(top)').slice(0, 4)
  throw new Fault('CLIENTS_INVALID', `clients.json has wrong fields: ${places.join(', ')}`)
}

export function serializeClients(clients: readonly Client[]): Buffer {
  const document = { format: 'secure-llm/clients/v1', clients }
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`)
}

export interface NewClient {
  readonly client: Client
  /** Shown once to its owner; nothing keeps it. */
  readonly key: string
}

/** @throws Fault `CLI_USAGE` for a name that cannot be one. */
export function makeClient(
  name: string,
  options: {
    readonly nowMs: number
    readonly expiresDays?: number | undefined
    readonly scopes?: readonly Scope[]
    readonly guard?: string | undefined
  },
): NewClient {
  if (!NAME.test(name)) {
    throw new Fault('CLI_USAGE', 'a client name has letters, digits, ".", "_" and "-", at most 64')
  }
  const { nowMs, expiresDays, scopes = DEFAULT_SCOPES, guard } = options
  const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url')
  const expires =
    expiresDays === undefined ? null : new Date(nowMs + expiresDays * DAY_MS).toISOString()
  const client: Client = {
    id: `c-${randomBytes(4).toString('hex')}`,
    name,
    hash: createHash('sha256').update(key).digest('hex'),
    created: new Date(nowMs).toISOString(),
    expires,
    scopes: [...new Set(scopes)],
    ...(guard === undefined ? {} : { guard }),
  }
  return { client, key }
}

/** @throws Fault `CLI_USAGE` for a scope that is none; no scope given means the usual ones. */
export function readScopes(given: readonly string[]): readonly Scope[] {
  if (given.length === 0) return DEFAULT_SCOPES
  return given.map((text) => {
    const scope = SCOPES.find((known) => known === text)
    if (scope !== undefined) return scope
    throw new Fault('CLI_USAGE', `--scope takes one of ${SCOPES.join(', ')}, not "${text}"`)
  })
}

/**
 * @param known - The profiles there are.
 * @throws Fault `CLI_USAGE` for one that is none; nothing given means the configuration's default.
 */
export function readProfile(
  given: string | undefined,
  known: readonly string[],
): string | undefined {
  if (given === undefined || known.includes(given)) return given
  throw new Fault('CLI_USAGE', `--guard takes one of ${known.join(', ')}, not "${given}"`)
}

/** @throws Fault `CLIENT_EXISTS` */
export function addClient(clients: readonly Client[], client: Client): Client[] {
  if (clients.some((known) => known.name === client.name)) {
    throw new Fault('CLIENT_EXISTS', `there is a client ${client.name} already`)
  }
  if (clients.length >= MAX_CLIENTS) {
    throw new Fault('CLIENT_EXISTS', `there are ${MAX_CLIENTS} clients, which is the most`)
  }
  return [...clients, client]
}

/** By name or id. @throws Fault `CLIENT_UNKNOWN` */
export function removeClient(
  clients: readonly Client[],
  nameOrId: string,
): { left: Client[]; removed: Client } {
  const removed = clients.find(({ name, id }) => name === nameOrId || id === nameOrId)
  if (removed === undefined) throw new Fault('CLIENT_UNKNOWN', `there is no client ${nameOrId}`)
  return { left: clients.filter((client) => client !== removed), removed }
}
