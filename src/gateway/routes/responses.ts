/**
 * `POST /v1/responses`: an answer in the form of OpenAI's Responses API. Nothing is stored, so there
 * is nothing to get, cancel or delete.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { beginChat, type AnsweringParts } from '../chat/beginning.ts'
import type { Exchanges } from '../exchange.ts'
import { renaming, renamingParts } from '../renaming.ts'
import { echoOf, parseResponse, RESPONSE_RENAMES } from '../responses/request.ts'
import { ResponseWriter } from '../responses/writer.ts'

export interface ResponseOptions extends AnsweringParts {
  readonly exchanges: Exchanges
  readonly maxMessages: number
}

export function registerResponses(app: FastifyInstance, options: ResponseOptions): void {
  app.post('/v1/responses', { onRequest: app.admit }, async (request, reply) => {
    const { chat, fields } = renaming(RESPONSE_RENAMES, () => parseResponse(request.body, options))
    const writer = new ResponseWriter({
      createdAt: Math.floor(Date.now() / 1000),
      echo: echoOf(fields),
      obfuscation: chat.stream?.obfuscation === true ? 'on' : 'off',
    })
    return options.exchanges.answer({
      request,
      reply,
      writer,
      form: chat.stream === null ? 'whole' : 'stream',
      parts: (signal) =>
        renamingParts(RESPONSE_RENAMES, beginChat(chat, { request, reply, signal }, options)),
    })
  })
}
