/**
 * The one place where a failure becomes an HTTP answer.
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { answerFor, ClientMistake, isOurs, type ErrorBody } from '../api-error.ts'
import { anthropicError } from '../messages/errors.ts'
import { routeRow } from '../routes/table.ts'

export interface FaultsOptions {
  readonly retryAfterSeconds: number
}

export const faults = fp<FaultsOptions>(
  async (app, { retryAfterSeconds }) => {
    app.setErrorHandler((thrown, request, reply) =>
      sendFailure(thrown, request, reply, retryAfterSeconds),
    )
    app.setNotFoundHandler(() => {
      throw new ClientMistake('unknown_url', 'there is no such route; docs/api.md lists them')
    })
  },
  { name: 'faults', fastify: '5.x' },
)

export function sendFailure(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  retryAfterSeconds: number,
): FastifyReply {
  if (isOurs(thrown)) request.log.error({ err: thrown, req: request }, 'a request failed')
  const answer = answerFor(thrown, { requestId: request.id, retryAfterSeconds })
  request.log.info({ req: request, code: answer.body.error.code }, 'refused')
  const shape = routeRow(request.method, request.routeOptions.url)?.errors
  const body = shape === 'anthropic' ? anthropicError(answer, request.id) : answer.body
  return reply.code(answer.status).headers(answer.headers).send(body)
}

/** What Node's parser refuses, before there is a request. */
const PARSER_ERRORS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large'],
}

export function answerBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, message] = PARSER_ERRORS[error.code ?? ''] ?? [
    '400 Bad Request',
    'this is not HTTP',
  ]
  const body: ErrorBody = {
    error: { message, type: 'invalid_request_error', param: null, code: 'invalid_request' },
  }
  const json = JSON.stringify(body)
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(json)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`)
}
