/**
 * `POST /v1/chat/completions`: from a checked body to an answer in one of OpenAI's two forms.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { answerHead } from '../chat/answers.ts'
import { beginChat, type AnsweringParts } from '../chat/beginning.ts'
import { streamChunks } from '../chat/chunk-stream.ts'
import { parseChatRequest } from '../chat/request.ts'
import { wholeAnswer } from '../chat/whole-answer.ts'
import { spoken, watchHangUp, type ExchangeOptions } from '../exchange.ts'
import { Cancelled } from '../job-book.ts'

export interface ChatOptions extends AnsweringParts, ExchangeOptions {
  readonly maxMessages: number
}

export function registerChat(app: FastifyInstance, options: ChatOptions): void {
  const running = new Set<AbortController>()
  options.stopping.addEventListener('abort', () => {
    for (const abandoned of running) abandoned.abort(new Cancelled('stopping'))
  })

  app.post('/v1/chat/completions', { onRequest: app.admit }, async (request, reply) => {
    const chat = parseChatRequest(request.body, options)
    const head = answerHead(request.id, chat.model, Date.now())
    const abandoned = watchHangUp(reply)
    running.add(abandoned)
    try {
      const parts = beginChat(chat, { request, reply, signal: abandoned.signal }, options)
      if (chat.stream === null) return await wholeAnswer(parts, head, chat.choices)
      const chunks = chat.stream
      await streamChunks(parts, request, reply, { ...options, abandoned, head, chunks, spoken })
      // The stream has the reply; Fastify sends nothing more.
      return undefined
    } catch (thrown) {
      throw spoken(thrown)
    } finally {
      running.delete(abandoned)
    }
  })
}
