/**
 * `POST /v1/tokenize`, `/v1/detokenize` and `/v1/messages/count_tokens`.
 *
 * What it gives: what a prompt is to the model, after the guard has read it as it reads every
 * prompt. Text of tokens comes from the engine, so it passes the redactor.
 *
 * @packageDocumentation
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ClientMistake } from '../api-error.ts'
import { checkFields, honouredSchema } from '../body-fields.ts'
import {
  guardedChat,
  inspected,
  readyEngine,
  sizeOf,
  subjectOf,
  type AnsweringParts,
} from '../chat/beginning.ts'
import { guardedTexts } from '../chat/guarded-texts.ts'
import { parseWith } from '../chat/parse.ts'
import { parseChatRequest, type ChatRequest } from '../chat/request.ts'
import type { JobOrder } from '../engine-link.ts'
import { MESSAGE_RENAMES, parseCountable, quieted } from '../messages/request.ts'
import { renaming } from '../renaming.ts'
import { askRecorded, textOf, tokensOf, type Recorded } from '../tokens/asking.ts'
import { DETOKENIZE_FIELDS, TOKENIZE_FIELDS } from '../tokens/fields.ts'

export interface TokenOptions extends AnsweringParts {
  readonly maxMessages: number
}

interface Asked extends Recorded {
  readonly input: JobOrder['input']
}

const Tokenize = honouredSchema(TOKENIZE_FIELDS)
const Detokenize = honouredSchema(DETOKENIZE_FIELDS)

export function registerTokens(app: FastifyInstance, options: TokenOptions): void {
  const { engine } = options

  app.post('/v1/tokenize', { onRequest: app.admit }, async (request, reply) => {
    checkFields(request.body, TOKENIZE_FIELDS, ['model', 'input'])
    const { model, input } = parseWith(Tokenize, request.body)
    const ready = readyEngine(engine, model)
    const asked =
      typeof input === 'string'
        ? askedText(input.toWellFormed(), { request, reply }, options)
        : renaming([[/^messages/, 'input']], () => {
            const chat = parseChatRequest({ model, messages: input }, options)
            return askedChat(chat, { request, reply }, options)
          })
    const { count, ids } = await askTokens(asked, 'ids', options)
    return { count, max_model_len: ready.contextTokens, tokens: ids }
  })

  app.post('/v1/detokenize', { onRequest: app.admit }, async (request) => {
    checkFields(request.body, DETOKENIZE_FIELDS, ['model', 'tokens'])
    const { model, tokens } = parseWith(Detokenize, request.body)
    const { vocabularyTokens } = readyEngine(engine, model)
    if (tokens.some((id) => id >= vocabularyTokens)) {
      const last = vocabularyTokens - 1
      const message = `tokens: the tokens of this model are numbered from 0 to ${last}`
      throw new ClientMistake('invalid_value', message, 'tokens')
    }
    return { prompt: await askText(tokens, request, options) }
  })

  app.post('/v1/messages/count_tokens', { onRequest: app.admit }, async (request, reply) => {
    const asked = renaming(MESSAGE_RENAMES, () => {
      const chat = parseCountable(request.body, options)
      const ready = readyEngine(engine, chat.model)
      return askedChat(quieted(chat, ready), { request, reply }, options)
    })
    const { count } = await askTokens(asked, 'count', options)
    return { input_tokens: count }
  })
}

interface Caller {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

function askedText(
  text: string,
  { request, reply }: Caller,
  { engine, keeper, guard }: TokenOptions,
): Asked {
  const subject = subjectOf(request, engine.model)
  const size = { messages: 1, promptChars: text.length, tools: 0, choices: 0 }
  const place = { keeper, guard, reply, size }
  const { messages, findings } = inspected([{ content: text }], subject, place)
  const content = messages[0]?.content ?? ''
  const input = { kind: 'text' as const, text: content, suffix: null }
  return { input, keeper, subject, size, inputFindings: findings }
}

function askedChat(chat: ChatRequest, caller: Caller, options: TokenOptions): Asked {
  const { order, subject, findings } = guardedChat(chat, caller, options)
  const size = { ...sizeOf(chat, guardedTexts(chat)), choices: 0 }
  return { input: order.input, keeper: options.keeper, subject, size, inputFindings: findings }
}

function askTokens(asked: Asked, want: 'ids' | 'count', { engine }: TokenOptions) {
  return askRecorded(asked, async () => {
    const answer = await tokensOf(engine, asked.input, want)
    return { answer, tokens: answer.count, outputFindings: [] }
  })
}

function askText(
  ids: readonly number[],
  request: FastifyRequest,
  { engine, keeper, guard }: TokenOptions,
): Promise<string> {
  const subject = subjectOf(request, engine.model)
  const size = { messages: 1, promptChars: 0, tools: 0, choices: 0 }
  return askRecorded({ keeper, subject, size, inputFindings: [] }, async () => {
    const redactor = guard.redactor()
    const pieces = [...redactor.push(await textOf(engine, ids)), ...redactor.end()]
    const answer = pieces.map(({ text }) => text).join('')
    return { answer, tokens: ids.length, outputFindings: redactor.findings() }
  })
}
