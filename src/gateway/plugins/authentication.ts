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
import { routeRow } from '../routes/table.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** null on open routes, and before authentication. */
    client: Client | null
  }
}

export interface AuthenticationOptions {
  readonly directory: ClientDirectory
  /** Counts a failed attempt; throws when the caller's address has had too many. */
  readonly countFailure: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
}

export const authentication = fp<AuthenticationOptions>(
  async (app, { directory, countFailure }) => {
    app.decorateRequest('client', null)
    app.addHook('onRequest', async (request, reply) => {
      const access = routeRow(request.method, request.routeOptions.url)?.access
      if (access === 'open') return
      const client = identify(request, directory)
      if (client instanceof ClientMistake) {
        // Only failures are counted: a flood of wrong keys never locks out a right one.
        await countFailure(request, reply)
        throw client
      }
      request.client = client
      // A route that is not there is a 404 for every client, whatever its scopes.
      if (request.is404 || client.scopes.some((scope) => scope === access)) return
      const needs = access === undefined ? '' : `; it needs the scope "${access}"`
      throw new ClientMistake('missing_scope', `this API key may not use this route${needs}`)
    })
  },
  { name: 'authentication', fastify: '5.x' },
)

function identify(request: FastifyRequest, directory: ClientDirectory): Client | ClientMistake {
  const key = presentedKey(request.headers)
  if (key === undefined) {
    return new ClientMistake(
      'invalid_api_key',
      'no API key was given, or two; send one as "Authorization: Bearer KEY"',
    )
  }
  const client = directory.find(key)
  if (client === undefined) return new ClientMistake('invalid_api_key', 'the API key is not known')
  if (client.expiresMs !== null && client.expiresMs <= Date.now()) {
    return new ClientMistake('api_key_expired', 'the API key has expired')
  }
  return client
}
