/**
 * Every way a request can fail, as OpenAI's error object.
 *
 * What it gives: one table for the mistakes of clients, one for our faults, and the answer for
 * anything thrown. All four fields are always there. What it does not give: any text of a bug, of
 * the engine, or of a value the client sent; field names are echoed, shortened.
 *
 * @packageDocumentation
 */
import { Fault, type FaultCode } from '../errors.ts'

export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
  }
}

export interface ErrorAnswer {
  readonly status: number
  readonly body: ErrorBody
  readonly headers: Readonly<Record<string, string>>
}

interface Row {
  readonly status: number
  readonly type: string
  /** Sent to our own code instead of the mistake's or fault's name. */
  readonly code?: string
  readonly param?: string
  readonly retry?: 'later' | 'never'
}

/** Mistakes of a client, by the `code` it gets. */
const MISTAKES = {
  /** nginx's 499: nobody is there to read it, but the log line has a code. */
  client_closed: { status: 499, type: 'invalid_request_error' },
  api_key_expired: { status: 401, type: 'authentication_error' },
  body_too_large: { status: 413, type: 'invalid_request_error' },
  host_missing: { status: 400, type: 'invalid_request_error' },
  host_not_allowed: { status: 403, type: 'permission_error', retry: 'never' },
  invalid_api_key: { status: 401, type: 'authentication_error' },
  invalid_json: { status: 400, type: 'invalid_request_error' },
  invalid_request: { status: 400, type: 'invalid_request_error' },
  invalid_type: { status: 400, type: 'invalid_request_error' },
  invalid_url: { status: 400, type: 'invalid_request_error' },
  invalid_value: { status: 400, type: 'invalid_request_error' },
  missing_required_parameter: { status: 400, type: 'invalid_request_error' },
  missing_scope: { status: 403, type: 'permission_error', retry: 'never' },
  model_not_found: { status: 404, type: 'not_found_error', param: 'model' },
  origin_not_allowed: { status: 403, type: 'permission_error', retry: 'never' },
  rate_limit_exceeded: { status: 429, type: 'requests' },
  unknown_parameter: { status: 400, type: 'invalid_request_error' },
  unknown_url: { status: 404, type: 'not_found_error' },
  unsupported_media_type: { status: 415, type: 'invalid_request_error' },
  unsupported_parameter: { status: 400, type: 'invalid_request_error' },
} as const satisfies Record<string, Row>

export type MistakeCode = keyof typeof MISTAKES

/** The client did something it can correct. The message is sent as it is. */
export class ClientMistake extends Error {
  override readonly name = 'ClientMistake'
  readonly code: MistakeCode
  readonly param: string | null

  constructor(code: MistakeCode, message: string, param: string | null = null) {
    super(message)
    this.code = code
    this.param = param === null ? null : param.slice(0, 120)
  }
}

/** A fault about another field than the one its row names. */
export class FieldFault extends Fault {
  readonly param: string

  constructor(code: FaultCode, message: string, param: string) {
    super(code, message)
    this.param = param
  }
}

/** Faults a client may hear of. A fault that is not here is ours alone: 500 and no detail. */
const FAULTS: Partial<Record<FaultCode, Row>> = {
  AUDIT_UNAVAILABLE: { status: 503, type: 'server_error', retry: 'later' },
  CLIENTS_INVALID: { status: 503, type: 'server_error', retry: 'later' },
  ENGINE_BUG: { status: 500, type: 'server_error' },
  ENGINE_CONTEXT_LENGTH: {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: 'messages',
  },
  ENGINE_LOST: { status: 503, type: 'server_error', retry: 'later' },
  ENGINE_OUT_OF_MEMORY: { status: 503, type: 'server_error', retry: 'later' },
  ENGINE_GRAMMAR: { status: 400, type: 'invalid_request_error' },
  ENGINE_TOKENS: { status: 400, type: 'invalid_request_error' },
  ENGINE_TEMPLATE: { status: 400, type: 'invalid_request_error', param: 'messages' },
  ENGINE_UNAVAILABLE: { status: 503, type: 'server_error', retry: 'later' },
  GATEWAY_BUSY: { status: 429, type: 'requests', retry: 'later' },
  GATEWAY_STOPPING: { status: 503, type: 'server_error', retry: 'later' },
  GUARD_REFUSED: {
    status: 400,
    type: 'invalid_request_error',
    param: 'messages',
    retry: 'never',
  },
  GUARD_SETTINGS: { status: 503, type: 'server_error', retry: 'later' },
  KEEPER_UNAVAILABLE: { status: 503, type: 'server_error', retry: 'later' },
  MODEL_KIND: { status: 400, type: 'invalid_request_error', param: 'model', retry: 'never' },
}

/** The field that a fault is about, as OpenAI's chat names it. */
export function paramOf(fault: Fault): string | null {
  return (fault instanceof FieldFault ? fault.param : FAULTS[fault.code]?.param) ?? null
}

/** One of everything a client can be told, for the test that holds docs/api.md to these tables. */
export const CLIENT_CODES: readonly { readonly code: string; readonly thrown: Error }[] = [
  ...keysOf(MISTAKES).map((code) => ({ code, thrown: new ClientMistake(code, 'x') })),
  ...keysOf(FAULTS).map((code) => ({ code, thrown: new Fault(code, 'x') })),
  { code: 'internal', thrown: new Error('x') },
]

/** What Fastify finds by itself, by its code. Everything else below 500 is `invalid_request`. */
const FRAMEWORK: Readonly<Record<string, { code: MistakeCode; message: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    message: 'the body must be sent as content-type application/json',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'body_too_large',
    message: 'the body is larger than this server takes (gateway.maxBodyBytes)',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid_json', message: 'the body is not valid JSON' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_json', message: 'the body is empty' },
  FST_ERR_BAD_URL: { code: 'invalid_url', message: 'the path is not a valid URL path' },
}

function keysOf<K extends string>(table: Partial<Record<K, Row>>): K[] {
  // Object.keys forgets what the table has just said.
  return Object.keys(table) as K[]
}

export interface ErrorContext {
  readonly requestId: string
  readonly retryAfterSeconds: number
}

/** The answer for anything thrown while a request was handled. */
export function answerFor(thrown: unknown, context: ErrorContext): ErrorAnswer {
  const mistake = thrown instanceof ClientMistake ? thrown : mistakeOfFramework(thrown)
  if (mistake !== undefined) {
    const row: Row = MISTAKES[mistake.code]
    return answerOf(row, mistake.code, mistake.message, mistake.param, context)
  }
  const row = thrown instanceof Fault ? FAULTS[thrown.code] : undefined
  if (thrown instanceof Fault && row !== undefined) {
    const message = `${thrown.message}. ${thrown.remedy}`
    const param = thrown instanceof FieldFault ? thrown.param : null
    return answerOf(row, thrown.code.toLowerCase(), message, param, context)
  }
  const message = `internal error; ask the operator to look for ${context.requestId} in the journal`
  return answerOf({ status: 500, type: 'server_error' }, 'internal', message, null, context)
}

/** Whether the operator should see it: our own bugs, and faults a client is not told of. */
export function isOurs(thrown: unknown): boolean {
  if (thrown instanceof ClientMistake || mistakeOfFramework(thrown) !== undefined) return false
  return !(thrown instanceof Fault && FAULTS[thrown.code] !== undefined)
}

function answerOf(
  row: Row,
  code: string,
  message: string,
  param: string | null,
  context: ErrorContext,
): ErrorAnswer {
  const headers: Record<string, string> = {}
  if (row.retry === 'later') headers['retry-after'] = String(context.retryAfterSeconds)
  if (row.retry === 'never') headers['x-should-retry'] = 'false'
  if (row.status === 401) headers['www-authenticate'] = 'Bearer'
  const error = {
    message,
    type: row.type,
    param: param ?? row.param ?? null,
    code: row.code ?? code,
  }
  return { status: row.status, body: { error }, headers }
}

function mistakeOfFramework(thrown: unknown): ClientMistake | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('statusCode' in thrown))
    return undefined
  const { code, statusCode } = thrown
  if (typeof code !== 'string' || typeof statusCode !== 'number' || statusCode >= 500) {
    return undefined
  }
  const row = FRAMEWORK[code]
  return row === undefined
    ? new ClientMistake('invalid_request', 'the request could not be read')
    : new ClientMistake(row.code, row.message)
}
