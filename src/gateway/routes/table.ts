/**
 * Every route there is: who may call it, in whose error shape it fails, and what it gives.
 *
 * What it gives: the one table behind authentication, `/openapi.json`, the labels of `/metrics` and
 * docs/api.md. A route that is not here can be registered, but nobody may call it; a test says so.
 *
 * @packageDocumentation
 */
import type { Scope } from '../clients.ts'

export interface RouteRow {
  readonly method: 'GET' | 'POST'
  /** As Fastify writes it: `/v1/models/:id`. */
  readonly path: string
  /** `open` routes need no key, so they say only whether the process lives and works. */
  readonly access: Scope | 'open'
  readonly errors: 'openai' | 'anthropic'
  readonly gives: string
}

export const ROUTES = [
  {
    method: 'POST',
    path: '/v1/chat/completions',
    access: 'chat',
    errors: 'openai',
    gives: 'an answer, whole or as server-sent events',
  },
  {
    method: 'POST',
    path: '/v1/completions',
    access: 'chat',
    errors: 'openai',
    gives: 'text that goes on from a text; no chat template',
  },
  {
    method: 'POST',
    path: '/v1/responses',
    access: 'chat',
    errors: 'openai',
    gives: 'an answer in the form of the Responses API; nothing is stored',
  },
  {
    method: 'POST',
    path: '/v1/messages',
    access: 'chat',
    errors: 'anthropic',
    gives: 'an answer in the form of Anthropic’s Messages API',
  },
  {
    method: 'POST',
    path: '/v1/messages/count_tokens',
    access: 'chat',
    errors: 'anthropic',
    gives: 'how many tokens such a request would be',
  },
  {
    // With the scope `chat`: who may have a model read a text may have its vector as well.
    method: 'POST',
    path: '/v1/embeddings',
    access: 'chat',
    errors: 'openai',
    gives: 'vectors of texts, by an embedding model',
  },
  {
    method: 'POST',
    path: '/v1/tokenize',
    access: 'tokens',
    errors: 'openai',
    gives: 'the token ids of a text or of messages',
  },
  {
    method: 'POST',
    path: '/v1/detokenize',
    access: 'tokens',
    errors: 'openai',
    gives: 'the text of token ids',
  },
  {
    method: 'GET',
    path: '/v1/models',
    access: 'models',
    errors: 'openai',
    gives: 'the models that may be asked for, loaded or not',
  },
  {
    method: 'GET',
    path: '/v1/models/:id',
    access: 'models',
    errors: 'openai',
    gives: 'one of them',
  },
  {
    method: 'GET',
    path: '/openapi.json',
    access: 'models',
    errors: 'openai',
    gives: 'this API as an OpenAPI 3.1 document',
  },
  {
    method: 'GET',
    path: '/metrics',
    access: 'metrics',
    errors: 'openai',
    gives: 'counters and histograms for Prometheus; never content',
  },
  {
    method: 'GET',
    path: '/healthz',
    access: 'open',
    errors: 'openai',
    gives: '200 while the process lives',
  },
  {
    method: 'GET',
    path: '/readyz',
    access: 'open',
    errors: 'openai',
    gives: '200 when a request would be answered, else 503; states only',
  },
] as const satisfies readonly RouteRow[]

type NameOf<R> = R extends {
  readonly method: infer M extends string
  readonly path: infer P extends string
}
  ? `${M} ${P}`
  : never

/** As `POST /v1/messages`. */
export type RouteName = NameOf<(typeof ROUTES)[number]>

const BY_NAME: ReadonlyMap<string, RouteRow> = new Map(
  ROUTES.map((row) => [`${row.method} ${row.path}`, row]),
)

/** The row of a request, by its method and the pattern that it matched. */
export function routeRow(method: string, pattern: string | undefined): RouteRow | undefined {
  return BY_NAME.get(`${method} ${pattern ?? ''}`)
}
