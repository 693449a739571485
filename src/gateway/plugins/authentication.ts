/**
 * Who calls, and whether they may: a key for every route that is not open, and the scope that the
 * table of routes asks for. What is not in that table, nobody may call.
 *
 * @packageDocumentation
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ClientMistake } from '../api-error.ts'
import type { ClientDirectory } from '../clients-file.ts'
import { presentedKey, type Client } from '../clients.ts'
import type { RefusalRecord } from '../refusal-record.ts'
import { routeRow } from '../routes/table.ts'

/** Polled every few seconds by whoever watches the daemon, without a key. */
export function isOpen(request: FastifyRequest): boolean {
  return routeRow(request.method, request.routeOptions.url)?.access === 'open'
}

declare module 'fastify' {
  interface FastifyRequest {
    /** null on open routes, and before authentication. */
    client: Client | null
  }
}

export interface AuthenticationOptions {
  readonly directory: ClientDirectory
  readonly refusals: Pick<RefusalRecord, 'note'>
  /** Counts a failed attempt; throws when the caller's address has had too many. */
  readonly countFailure: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Counts a request of a known client; throws when it has had too many. */
  readonly countRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
}

export const authentication = fp<AuthenticationOptions>(
  async (app, { directory, refusals, countFailure, countRequest }) => {
    app.decorateRequest('client', null)
    app.addHook('onRequest', async (request, reply) => {
      const access = routeRow(request.method, request.routeOptions.url)?.access
      if (access === 'open') return
      const caller = identify(request, directory)
      const refuse = (mistake: ClientMistake) => {
        refusals.note({
          requestId: request.id,
          code: mistake.code,
          clientId: caller.client?.id,
        })
        return mistake
      }
      if (caller.mistake !== undefined) {
        const mistake = refuse(caller.mistake)
        // Only failures are counted: a flood of wrong keys never locks out a right one.
        await countFailure(request, reply)
        throw mistake
      }
      const { client } = caller
      request.client = client
      // A route that is not there is a 404 for every client, whatever its scopes.
      if (request.is404 || client.scopes.some((scope) => scope === access)) return
      // Each is in the record, so a flood of them must not be free.
      await countRequest(request, reply)
      const needs = access === undefined ? '' : `; it needs the scope "${access}"`
      throw refuse(
        new ClientMistake('missing_scope', `this API key may not use this route${needs}`),
      )
    })
  },
  { name: 'authentication', fastify: '5.x' },
)

type Caller =
  | { readonly client: Client; readonly mistake?: undefined }
  /** The client, when the key is one's all the same. */
  | { readonly client?: Client; readonly mistake: ClientMistake }

function identify(request: FastifyRequest, directory: ClientDirectory): Caller {
  const key = presentedKey(request.headers)
  if (key === undefined) {
    const how = 'no API key was given, or two; send one as "Authorization: Bearer KEY"'
    return { mistake: new ClientMistake('invalid_api_key', how) }
  }
  const client = directory.find(key)
  if (client === undefined) {
    return { mistake: new ClientMistake('invalid_api_key', 'the API key is not known') }
  }
  if (client.expiresMs !== null && client.expiresMs <= Date.now()) {
    return { client, mistake: new ClientMistake('api_key_expired', 'the API key has expired') }
  }
  return { client }
}
