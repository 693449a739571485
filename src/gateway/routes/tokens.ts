/**
 * `POST /v1/tokenize`, `/v1/detokenize` and `/v1/messages/count_tokens`.
 *
 * What it gives: what a prompt is to the model, after the guard has read it as it reads every
 * prompt. Text of tokens comes from the engine, so it passes the redactor.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { ClientMistake } from '../api-error.ts'
import { checkFields, honouredSchema } from '../body-fields.ts'
import {
  guardedChat,
  guardOf,
  inspected,
  readyEngine,
  sizeOf,
  subjectOf,
  type AnsweringParts,
  type Caller,
} from '../chat/beginning.ts'
import { tellFindings } from '../chat/findings.ts'
import { guardedTexts } from '../chat/guarded-texts.ts'
import { parseWith } from '../chat/parse.ts'
import { parseChatRequest, type ChatRequest } from '../chat/request.ts'
import type { Engine, JobOrder } from '../engine-link.ts'
import { findEngine } from '../engines.ts'
import type { Exchanges } from '../exchange.ts'
import { MESSAGE_RENAMES, parseCountable, quieted } from '../messages/request.ts'
import { renamingLater } from '../renaming.ts'
import { askRecorded, textOf, tokensOf, type Recorded } from '../tokens/asking.ts'
import { DETOKENIZE_FIELDS, TOKENIZE_FIELDS } from '../tokens/fields.ts'

export interface TokenOptions extends AnsweringParts {
  readonly exchanges: Exchanges
  readonly maxMessages: number
}

interface Asked extends Recorded {
  readonly input: JobOrder['input']
  readonly engine: Engine
}

const Tokenize = honouredSchema(TOKENIZE_FIELDS)
const Detokenize = honouredSchema(DETOKENIZE_FIELDS)

export function registerTokens(app: FastifyInstance, options: TokenOptions): void {
  const { exchanges } = options

  app.post('/v1/tokenize', { onRequest: app.admit }, (request, reply) =>
    exchanges.during(reply, async (signal) => {
      const asked = await askedTokens({ request, reply, signal }, options)
      const { contextTokens } = await asked.engine.load('chat', signal)
      const { count, ids } = await askTokens(asked, 'ids')
      return { count, max_model_len: contextTokens, tokens: ids }
    }),
  )

  app.post('/v1/detokenize', { onRequest: app.admit }, (request, reply) =>
    exchanges.during(reply, async (signal) => {
      checkFields(request.body, DETOKENIZE_FIELDS, ['model', 'tokens'])
      const { model, tokens } = parseWith(Detokenize, request.body)
      const { engine, ready } = await readyEngine(options, model, signal)
      checkIds(tokens, ready.vocabularyTokens)
      return { prompt: await askText(tokens, engine, { request, reply, signal }, options) }
    }),
  )

  app.post('/v1/messages/count_tokens', { onRequest: app.admit }, (request, reply) =>
    exchanges.during(reply, async (signal) => {
      const asked = await renamingLater(MESSAGE_RENAMES, async () => {
        const chat = parseCountable(request.body, options)
        return askedChat(chat, { request, reply, signal }, { ...options, fit: quieted })
      })
      const { count } = await askTokens(asked, 'count')
      return { input_tokens: count }
    }),
  )
}

async function askedTokens(caller: Caller, options: TokenOptions): Promise<Asked> {
  const { body } = caller.request
  checkFields(body, TOKENIZE_FIELDS, ['model', 'input'])
  const { model, input } = parseWith(Tokenize, body)
  if (typeof input === 'string') return askedText(model, input.toWellFormed(), caller, options)
  return renamingLater([[/^messages/, 'input']], async () => {
    const chat = parseChatRequest({ model, messages: input }, options)
    // Ids can be made text again: the operator's prompt is in none that a client is told.
    return askedChat(chat, caller, { ...options, shows: 'client' })
  })
}

async function askedText(
  model: string,
  text: string,
  { request, reply, signal }: Caller,
  options: TokenOptions,
): Promise<Asked> {
  const { engines, keeper, guards } = options
  const subject = subjectOf(request, findEngine(engines, model).model)
  const size = { messages: 1, promptChars: text.length, tools: 0, choices: 0 }
  const place = { keeper, guard: guardOf(request, guards), reply, size }
  const { texts, found } = inspected([{ content: text, origin: 'user' }], subject, place)
  const { engine } = await readyEngine(options, model, signal)
  const content = texts[0]?.content ?? ''
  const input = { kind: 'text' as const, text: content, suffix: null }
  return { input, engine, keeper, subject, size, inputFindings: found.findings }
}

async function askedChat(chat: ChatRequest, caller: Caller, options: TokenOptions): Promise<Asked> {
  const { engine, order, subject, found } = await guardedChat(chat, caller, options)
  const size = { ...sizeOf(chat, guardedTexts(chat)), choices: 0 }
  const { keeper } = options
  return { input: order.input, engine, keeper, subject, size, inputFindings: found.findings }
}

function checkIds(ids: readonly number[], vocabularyTokens: number): void {
  if (ids.every((id) => id < vocabularyTokens)) return
  const message = `tokens: the tokens of this model are numbered from 0 to ${vocabularyTokens - 1}`
  throw new ClientMistake('invalid_value', message, 'tokens')
}

function askTokens(asked: Asked, want: 'ids' | 'count') {
  return askRecorded(asked, async () => {
    const answer = await tokensOf(asked.engine, asked.input, want)
    return { answer, tokens: answer.count, outputFindings: [] }
  })
}

function askText(
  ids: readonly number[],
  engine: Engine,
  { request, reply }: Caller,
  { keeper, guards }: TokenOptions,
): Promise<string> {
  const subject = subjectOf(request, engine.model)
  const size = { messages: 1, promptChars: 0, tools: 0, choices: 0 }
  return askRecorded({ keeper, subject, size, inputFindings: [] }, async () => {
    const redactor = guardOf(request, guards).answer([]).redactor()
    const pieces = [...redactor.push(await textOf(engine, ids)), ...redactor.end()]
    const answer = pieces.map(({ text }) => text).join('')
    const findings = redactor.findings()
    tellFindings(reply, findings)
    return { answer, tokens: ids.length, outputFindings: findings }
  })
}
