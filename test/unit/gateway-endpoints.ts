/** The least body of each route that has one, and a way to ask any of them. */
import type { FastifyInstance } from 'fastify'
import { HEADERS, MODEL, VECTORS_MODEL } from './gateway-fakes.ts'

const messages = [{ role: 'user', content: 'hello' }]

export const LEAST_BODIES: Readonly<Record<string, object>> = {
  '/v1/chat/completions': { model: MODEL, messages },
  '/v1/completions': { model: MODEL, prompt: 'hello' },
  '/v1/responses': { model: MODEL, input: 'hello' },
  '/v1/messages': { model: MODEL, messages, max_tokens: 9 },
  '/v1/messages/count_tokens': { model: MODEL, messages },
  '/v1/embeddings': { model: VECTORS_MODEL, input: 'hello' },
  '/v1/tokenize': { model: MODEL, input: 'hello' },
  '/v1/detokenize': { model: MODEL, tokens: [104, 105] },
}

export interface OpenAiError {
  error: { message: string; type: string; param: string | null; code: string | null }
}

export interface AnthropicError {
  type: string
  error: { type: string; message: string; details: { error_code: string; param: string | null } }
  request_id: string
}

/** Of an error in the shape of its route. */
export function mistakeOf(
  url: string,
  body: unknown,
): { code: string | null; param: string | null } {
  if (!url.startsWith('/v1/messages')) return (body as OpenAiError).error
  const { error_code: code, param } = (body as AnthropicError).error.details
  return { code, param }
}

export async function ask(app: FastifyInstance, url: string, over: object = {}) {
  const payload = JSON.stringify({ ...LEAST_BODIES[url], ...over })
  return app.inject({ method: 'POST', url, headers: HEADERS, payload })
}

export interface NamedEvent {
  readonly name: string | undefined
  readonly data: Record<string, unknown>
}

/** Events with their names; `[DONE]` is one without data. */
export function namedEvents(body: string): NamedEvent[] {
  return body
    .split('\n\n')
    .filter((event) => event.includes('data: '))
    .map((event) => {
      const lines = event.split('\n')
      const name = lines.find((line) => line.startsWith('event: '))?.slice(7)
      const text = lines.find((line) => line.startsWith('data: '))?.slice(6) ?? ''
      return { name, data: text === '[DONE]' ? {} : (JSON.parse(text) as NamedEvent['data']) }
    })
}
