/**
 * With which status each route can fail, and what the error then says: made from the table of errors
 * itself.
 *
 * @packageDocumentation
 */
import { answerFor, CLIENT_CODES } from '../api-error.ts'
import { anthropicError } from '../messages/errors.ts'
import type { RouteRow } from '../routes/table.ts'

/** Why a code can come. Each code that a client can be told has one reason. */
const REASONS: Readonly<Record<string, Reason>> = {
  host_missing: 'any',
  host_not_allowed: 'any',
  origin_not_allowed: 'any',
  internal: 'any',
  invalid_request: 'any',
  api_key_expired: 'key',
  invalid_api_key: 'key',
  missing_scope: 'key',
  rate_limit_exceeded: 'key',
  clients_invalid: 'key',
  gateway_stopping: 'key',
  body_too_large: 'body',
  invalid_json: 'body',
  invalid_type: 'body',
  invalid_value: 'body',
  missing_required_parameter: 'body',
  unknown_parameter: 'body',
  unsupported_media_type: 'body',
  unsupported_parameter: 'body',
  model_not_found: 'model',
  invalid_url: 'path',
  unknown_url: 'none',
  client_closed: 'none',
}

/** `engine`: every route with a body. `none`: no route of the table, or nobody is there to read it. */
type Reason = 'any' | 'key' | 'body' | 'model' | 'path' | 'engine' | 'none'

export interface Failure {
  readonly status: number
  readonly types: readonly string[]
  readonly codes: readonly string[]
}

/** What Node's parser answers before there is a request: always in OpenAI's shape. */
export const PARSER_STATUSES = [408, 431] as const

/** By status, in order. */
export function failuresOf(row: RouteRow): readonly Failure[] {
  const reasons = reasonsOf(row)
  const byStatus = new Map<number, { types: Set<string>; codes: Set<string> }>()
  for (const { code, thrown } of CLIENT_CODES) {
    const told = answerFor(thrown, { requestId: '', retryAfterSeconds: 1 })
    const spoken = told.body.error.code ?? code
    if (!reasons.has(REASONS[spoken] ?? 'engine')) continue
    const { types, codes } = byStatus.get(told.status) ?? { types: new Set(), codes: new Set() }
    byStatus.set(told.status, { types, codes })
    codes.add(spoken)
    const { error } = row.errors === 'anthropic' ? anthropicError(told, '') : told.body
    types.add(error.type)
  }
  return [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, { types, codes }]) => {
      return { status, types: [...types].sort(), codes: [...codes].sort() }
    })
}

function reasonsOf({ method, path, access }: RouteRow): ReadonlySet<Reason> {
  const reasons = new Set<Reason>(['any'])
  if (access !== 'open') reasons.add('key')
  if (path.includes(':')) for (const reason of ['path', 'model'] as const) reasons.add(reason)
  if (method === 'POST') {
    for (const reason of ['body', 'model', 'engine'] as const) reasons.add(reason)
  }
  return reasons
}
