/**
 * Who calls, and whether they may: a key for every route that is not in the list of open ones, a
 * scope from the table for every route that exists. What is in no table, nobody may call.
 *
 * @packageDocumentation
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ClientMistake } from '../api-error.ts'
import type { ClientDirectory } from '../clients-file.ts'
import { bearerKey, type Client, type Scope } from '../clients.ts'

/** `open` routes say only whether the process lives and works. */
const ACCESS: Readonly<Record<string, Scope | 'open'>> = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'POST /v1/chat/completions': 'chat',
  'POST /v1/embeddings': 'chat',
  'GET /v1/models': 'models',
  'GET /v1/models/:id': 'models',
}

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
      const access = accessOf(request)
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
      throw new ClientMistake('missing_scope', 'this API key may not use this route')
    })
  },
  { name: 'authentication', fastify: '5.x' },
)

function accessOf(request: FastifyRequest): Scope | 'open' | undefined {
  return ACCESS[`${request.method} ${request.routeOptions.url ?? ''}`]
}

function identify(request: FastifyRequest, directory: ClientDirectory): Client | ClientMistake {
  const key = bearerKey(request.headers.authorization)
  if (key === undefined) {
    return new ClientMistake(
      'invalid_api_key',
      'no API key was given; send it as "Authorization: Bearer KEY"',
    )
  }
  const client = directory.find(key)
  if (client === undefined) return new ClientMistake('invalid_api_key', 'the API key is not known')
  if (client.expiresMs !== null && client.expiresMs <= Date.now()) {
    return new ClientMistake('api_key_expired', 'the API key has expired')
  }
  return client
}
