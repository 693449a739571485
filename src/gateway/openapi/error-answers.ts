/**
 * The answers of a route that fails, status by status, and the headers that come with them.
 *
 * @packageDocumentation
 */
import type { RouteRow } from '../routes/table.ts'
import { failuresOf, PARSER_STATUSES, type Failure } from './failures.ts'
import type { Json } from './schemas.ts'

const Said = { type: 'string' }
const SaidOrNot = { type: ['string', 'null'] }

export const OPENAI_ERROR = objectOf({
  error: objectOf({ message: Said, type: Said, param: SaidOrNot, code: SaidOrNot }),
})

export const ANTHROPIC_ERROR = objectOf({
  type: { const: 'error' },
  error: objectOf({
    type: Said,
    message: Said,
    details: objectOf({ error_code: SaidOrNot, param: SaidOrNot }),
  }),
  request_id: Said,
})

export const HEADERS = {
  RequestId: {
    description: 'Ours; it is in the record and in the log.',
    required: true,
    schema: { type: 'string', pattern: '^req_[0-9a-f]{32}$' },
  },
  RetryAfter: {
    description: 'Seconds.',
    required: true,
    schema: { type: 'integer', minimum: 1, maximum: 60 },
  },
  Findings: {
    description:
      'Codes of what the guard found in the prompt, and in an answer that is sent whole.',
    required: false,
    schema: { type: 'string' },
  },
  Challenge: { required: true, schema: { const: 'Bearer' } },
}

export function failureAnswers(row: RouteRow): Json {
  const failures = failuresOf(row).map((failure) => [failure.status, answerOf(row, failure)])
  const early = PARSER_STATUSES.map((status) => {
    const description = 'The request was not whole, so no route has seen it.'
    const schema = { $ref: '#/components/schemas/OpenAiError' }
    return [status, { description, content: { 'application/json': { schema } } }] as const
  })
  return Object.fromEntries([...failures, ...early]) as Json
}

function answerOf({ errors }: RouteRow, { status, types, codes }: Failure): Json {
  const schema =
    errors === 'anthropic'
      ? narrowed('AnthropicError', types, {
          details: { properties: { error_code: enumOf(codes) } },
        })
      : narrowed('OpenAiError', types, { code: enumOf(codes) })
  return {
    description: codes.join(', '),
    headers: headersOf(status),
    content: { 'application/json': { schema } },
  }
}

/** An error that says one of these types, and of these codes. */
function narrowed(name: string, types: readonly string[], also: Json): Json {
  const error = { properties: { type: enumOf(types), ...also } }
  return { allOf: [{ $ref: `#/components/schemas/${name}` }, { properties: { error } }] }
}

function headersOf(status: number): Json {
  const ref = (name: string) => ({ $ref: `#/components/headers/${name}` })
  return {
    // A 400 may be of Node's parser, before a request had an id.
    ...(status === 400 ? {} : { 'x-request-id': ref('RequestId') }),
    ...(status === 401 ? { 'www-authenticate': ref('Challenge') } : {}),
    ...(status === 429 || status === 503 ? { 'retry-after': ref('RetryAfter') } : {}),
  }
}

function enumOf(values: readonly string[]): Json {
  return { enum: [...values] }
}

function objectOf(properties: Json): Json {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  }
}
