/**
 * Our errors in Anthropic's shape, for the routes whose clients expect it.
 *
 * What it gives: the same message and status as everywhere, the type that Anthropic's SDKs know,
 * and our own code in `details.error_code`, where they look for one.
 *
 * @packageDocumentation
 */
import type { ErrorAnswer } from '../api-error.ts'

export interface AnthropicErrorBody {
  readonly type: 'error'
  readonly error: {
    readonly type: string
    readonly message: string
    readonly details: { readonly error_code: string | null; readonly param: string | null }
  }
  readonly request_id: string
}

/** By status; everything else below 500 is `invalid_request_error`. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'overloaded_error',
}

export function anthropicError(answer: ErrorAnswer, requestId: string): AnthropicErrorBody {
  const { message, param, code } = answer.body.error
  const type = TYPES[answer.status] ?? 'invalid_request_error'
  return {
    type: 'error',
    error: { type, message, details: { error_code: code, param } },
    request_id: requestId,
  }
}
