/**
 * Clients: who may call, known by the hash of their key.
 *
 * What it gives: the strict reading of clients.json, and a search that takes the same time wherever
 * the key is in the list and however much of it is right. What it does not give: making or
 * revoking clients; the command line writes that file.
 *
 * @packageDocumentation
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { PROFILE_NAME } from '../config/guard.ts'
import { Fault } from '../errors.ts'

/** What a key may be for; routes/table.ts says which routes each one opens. */
export const SCOPES = ['chat', 'models', 'tokens', 'metrics'] as const
export type Scope = (typeof SCOPES)[number]

const Client = z.strictObject({
  id: z.string().regex(/^c-[0-9a-f]{8}$/),
  name: z.string().min(1).max(64),
  /** SHA-256 of the whole key, in hex. The key has 256 random bits, so it needs no slow hash. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.iso.datetime({ offset: true }),
  expires: z.iso.datetime({ offset: true }).nullable(),
  scopes: z.array(z.enum(SCOPES)).max(SCOPES.length),
  /** Name of the guard's profile; the operator's default when absent. */
  guard: z.string().regex(PROFILE_NAME).optional(),
})

const ClientsDocument = z.strictObject({
  format: z.literal('secure-llm/clients/v1'),
  clients: z.array(Client).max(4096),
})

export interface Client {
  readonly id: string
  readonly hash: Buffer
  readonly expiresMs: number | null
  readonly scopes: readonly Scope[]
  /** null: the operator's default. */
  readonly guard: string | null
}

/** @throws Fault `CLIENTS_INVALID`, naming the wrong places but no value. */
export function parseClients(bytes: Uint8Array): Client[] {
  const parsed = ClientsDocument.safeParse(jsonOf(bytes))
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => issue.path.join('.') || '(top)').slice(0, 4)
    throw new Fault('CLIENTS_INVALID', `clients.json has wrong fields: ${places.join(', ')}`)
  }
  const { clients } = parsed.data
  const unique = (values: string[]) => new Set(values).size === values.length
  if (!unique(clients.map((c) => c.id)) || !unique(clients.map((c) => c.hash))) {
    throw new Fault('CLIENTS_INVALID', 'clients.json names a client twice')
  }
  return clients.map(({ id, hash, expires, scopes, guard }) => ({
    id,
    hash: Buffer.from(hash, 'hex'),
    expiresMs: expires === null ? null : Date.parse(expires),
    scopes,
    guard: guard ?? null,
  }))
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    // The parser's own message quotes the file.
    throw new Fault('CLIENTS_INVALID', 'clients.json is not JSON')
  }
}

export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** Compares with every client, also after a match. */
export function findClient(clients: readonly Client[], hash: Buffer): Client | undefined {
  let found: Client | undefined
  for (const client of clients) {
    if (timingSafeEqual(client.hash, hash)) found = client
  }
  return found
}

export interface KeyHeaders {
  readonly authorization?: string | undefined
  /** How Anthropic's SDKs send it. */
  readonly 'x-api-key'?: string | string[] | undefined
}

/**
 * The key a request presents, or undefined when there is none of a sane length, or two that differ:
 * which of them would be the caller's?
 */
export function presentedKey(headers: KeyHeaders): string | undefined {
  const { authorization, 'x-api-key': plain } = headers
  const keys = new Set<string | undefined>()
  if (authorization !== undefined) keys.add(bearerKey(authorization))
  if (plain !== undefined) keys.add(plainKey(plain))
  const [key] = keys
  return keys.size === 1 ? key : undefined
}

/** The key of `Authorization: Bearer KEY`. */
export function bearerKey(header: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,256}) *$/i.exec(header ?? '')?.[1]
}

function plainKey(header: string | string[]): string | undefined {
  return typeof header === 'string' ? /^[\x21-\x7e]{1,256}$/.exec(header)?.[0] : undefined
}
