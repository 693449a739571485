/**
 * `POST /v1/messages`: an answer in the form of Anthropic's Messages API.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { beginChat, type AnsweringParts } from '../chat/beginning.ts'
import type { Exchanges } from '../exchange.ts'
import { MESSAGE_RENAMES, parseMessage, quieted } from '../messages/request.ts'
import { MessageWriter } from '../messages/writer.ts'
import { renaming, renamingParts } from '../renaming.ts'

export interface MessageOptions extends AnsweringParts {
  readonly exchanges: Exchanges
  readonly maxMessages: number
}

export function registerMessages(app: FastifyInstance, options: MessageOptions): void {
  app.post('/v1/messages', { onRequest: app.admit }, async (request, reply) => {
    const message = renaming(MESSAGE_RENAMES, () => parseMessage(request.body, options))
    const { chat } = message
    const answering = { ...options, fit: quieted }
    const writer = new MessageWriter({
      requestId: request.id,
      model: chat.model,
      maxTokens: message.maxTokens,
      stopTexts: chat.stop,
      thoughts: message.thoughts,
    })
    return options.exchanges.answer({
      request,
      reply,
      writer,
      form: chat.stream === null ? 'whole' : 'stream',
      parts: (signal) =>
        renamingParts(MESSAGE_RENAMES, beginChat(chat, { request, reply, signal }, answering)),
    })
  })
}
