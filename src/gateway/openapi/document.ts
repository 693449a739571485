/**
 * This API as an OpenAPI 3.1 document, made from the tables that the server itself runs on: the
 * routes with their scopes, and the fields of each body with their use.
 *
 * What it gives: nothing that is not in those tables; so a field that is honoured is in it, with
 * its bounds. What it does not give: the answers field by field; docs/api.md says whose shape they
 * have.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { FieldRow, FieldTable } from '../body-fields.ts'
import { ROUTES, type RouteRow } from '../routes/table.ts'
import { BODIES, type BodyRow } from './bodies.ts'

type Json = Record<string, unknown>

export function openApiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'secure-llm',
      version,
      description: 'A local LLM server; the shapes are OpenAI’s and Anthropic’s.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:11435' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: pathsOf(ROUTES),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: { OpenAiError: OPENAI_ERROR, AnthropicError: ANTHROPIC_ERROR },
    },
  }
}

function pathsOf(rows: readonly RouteRow[]): Json {
  const paths = new Map<string, Json>()
  for (const row of rows) {
    const path = row.path.replaceAll(/:(\w+)/g, '{$1}')
    paths.set(path, { ...paths.get(path), [row.method.toLowerCase()]: operationOf(row) })
  }
  return Object.fromEntries(paths)
}

function operationOf(row: RouteRow): Json {
  const names = [...row.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  const parameters = names.map((name) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } }
  })
  const name = `${row.method} ${row.path}`
  const body = Object.entries(BODIES).find(([route]) => route === name)?.[1]
  return {
    operationId: `${row.method.toLowerCase()}${row.path.replaceAll(/[/:.]+/g, '_')}`,
    summary: row.gives,
    ...(row.access === 'open' ? { security: [] } : { 'x-scope': row.access }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: requestBodyOf(body) }),
    responses: responsesOf(row, body),
  }
}

function requestBodyOf({ fields, required }: BodyRow): Json {
  const schema = {
    type: 'object',
    properties: propertiesOf(fields),
    required: [...required],
    additionalProperties: false,
  }
  return { required: true, content: { 'application/json': { schema } } }
}

function propertiesOf(fields: FieldTable): Json {
  const names = Object.keys(fields).sort((a, b) => (a < b ? -1 : 1))
  return Object.fromEntries(
    names.flatMap((name) => {
      const row = fields[name]
      return row === undefined ? [] : [[name, propertyOf(row)]]
    }),
  )
}

/** A refused field may still say that it asks for nothing. */
function propertyOf(row: FieldRow): Json {
  const schema = row.use === 'refused' ? row.passes : row.schema
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const said = Object.entries(made).filter(([name]) => name !== '$schema')
  return { ...Object.fromEntries(said), description: row.reason, 'x-use': row.use }
}

function responsesOf(row: RouteRow, body: BodyRow | undefined): Json {
  const type = row.path === '/metrics' ? 'text/plain' : 'application/json'
  const streamed = body?.streams === 'on demand' ? { 'text/event-stream': {} } : {}
  const error = row.errors === 'anthropic' ? 'AnthropicError' : 'OpenAiError'
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${error}` } } }
  return {
    200: { description: row.gives, content: { [type]: {}, ...streamed } },
    ...(row.path === '/readyz' ? { 503: { description: 'not ready' } } : {}),
    default: { description: 'docs/api.md has every code.', content },
  }
}

const Said = { type: 'string' }
const SaidOrNot = { type: ['string', 'null'] }

const OPENAI_ERROR = objectOf({
  error: objectOf({ message: Said, type: Said, param: SaidOrNot, code: SaidOrNot }),
})

const ANTHROPIC_ERROR = objectOf({
  type: { const: 'error' },
  error: objectOf({
    type: Said,
    message: Said,
    details: objectOf({ error_code: SaidOrNot, param: SaidOrNot }),
  }),
  request_id: Said,
})

function objectOf(properties: Json): Json {
  return { type: 'object', properties, required: Object.keys(properties) }
}
