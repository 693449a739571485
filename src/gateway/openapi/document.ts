/**
 * This API as an OpenAPI 3.1 document, made from the tables that the server itself runs on: the
 * routes with their scopes, the fields of each body with their use and by the schemas that read
 * them, the errors by status; and the schemas of the answers, which tests hold against real ones.
 *
 * What it gives: a body that it allows is never refused for its type or a field nobody knows, and
 * a body that is read is one that it allows. What it does not give: rules between fields, and what
 * depends on the model; those are 400 `invalid_value` and `unsupported_parameter`.
 *
 * @packageDocumentation
 */
import type { FieldRow, FieldTable } from '../body-fields.ts'
import { ROUTES, type RouteRow } from '../routes/table.ts'
import { ANSWERS, type AnswerRow } from './answers.ts'
import { BODIES, type BodyRow } from './bodies.ts'
import { ANTHROPIC_ERROR, failureAnswers, HEADERS, OPENAI_ERROR } from './error-answers.ts'
import { Schemas, type Json } from './schemas.ts'

export function openApiDocument(version: string): Json {
  const schemas = new Schemas()
  const paths = pathsOf(ROUTES, schemas)
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
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      headers: HEADERS,
      schemas: {
        AnthropicError: ANTHROPIC_ERROR,
        OpenAiError: OPENAI_ERROR,
        ...schemas.components(),
      },
    },
  }
}

function pathsOf(rows: readonly RouteRow[], schemas: Schemas): Json {
  const paths = new Map<string, Json>()
  for (const row of rows) {
    const path = row.path.replaceAll(/:(\w+)/g, '{$1}')
    paths.set(path, { ...paths.get(path), [row.method.toLowerCase()]: operationOf(row, schemas) })
  }
  return Object.fromEntries(paths)
}

function operationOf(row: RouteRow, schemas: Schemas): Json {
  const names = [...row.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  const parameters = names.map((name) => {
    return { name, in: 'path', required: true, schema: { type: 'string', minLength: 1 } }
  })
  const body = ofRoute<BodyRow>(BODIES, row)
  return {
    operationId: `${row.method.toLowerCase()}${row.path.replaceAll(/[/:.]+/g, '_')}`,
    summary: row.gives,
    ...(row.access === 'open' ? { security: [] } : { 'x-scope': row.access }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: requestBodyOf(body, schemas) }),
    responses: responsesOf(row, ofRoute<AnswerRow>(ANSWERS, row), schemas),
  }
}

function ofRoute<T>(table: Readonly<Record<string, T>>, { method, path }: RouteRow): T | undefined {
  const name = `${method} ${path}`
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function requestBodyOf({ fields, required }: BodyRow, schemas: Schemas): Json {
  const schema = {
    type: 'object',
    properties: propertiesOf(fields, schemas),
    required: [...required],
    additionalProperties: false,
  }
  return { required: true, content: { 'application/json': { schema } } }
}

function propertiesOf(fields: FieldTable, schemas: Schemas): Json {
  const names = Object.keys(fields).sort((a, b) => (a < b ? -1 : 1))
  return Object.fromEntries(
    names.flatMap((name) => {
      const row = fields[name]
      return row === undefined ? [] : [[name, propertyOf(row, schemas)]]
    }),
  )
}

/** A refused field may still say that it asks for nothing. */
function propertyOf(row: FieldRow, schemas: Schemas): Json {
  const shape = row.use === 'honoured' ? (row.shape ?? row.schema) : undefined
  const schema = schemas.add(shape ?? (row.use === 'refused' ? row.passes : row.schema))
  return { ...schema, description: row.reason, 'x-use': row.use }
}

function responsesOf(row: RouteRow, answer: AnswerRow | undefined, schemas: Schemas): Json {
  if (answer === undefined) throw new Error(`nobody says what ${row.path} answers`)
  const { whole } = answer
  const content =
    whole === 'text'
      ? { 'text/plain': { schema: { type: 'string' } } }
      : { 'application/json': { schema: schemas.add(whole) } }
  const well = {
    description: row.gives,
    headers: {
      'x-request-id': { $ref: '#/components/headers/RequestId' },
      ...(row.method === 'POST'
        ? { 'x-secure-llm-findings': { $ref: '#/components/headers/Findings' } }
        : {}),
    },
    content: { ...content, ...streamOf(row, answer, schemas) },
  }
  const { alsoWith } = answer
  const also = alsoWith === undefined ? {} : { [alsoWith]: { ...well, description: 'it is not' } }
  return { 200: well, ...also, ...failureAnswers(row) }
}

/** OpenAPI 3.1 has no word for the events of a stream; `x-event` is their data, one by one. */
function streamOf({ errors }: RouteRow, { event, ends }: AnswerRow, schemas: Schemas): Json {
  if (event === undefined) return {}
  const error = errors === 'anthropic' ? 'AnthropicError' : 'OpenAiError'
  const broken = { $ref: `#/components/schemas/${error}` }
  const last = ends === undefined ? {} : { 'x-ends': ends }
  // No type: some readers hold it against the text of the stream, others against each event.
  const schema = { description: 'Server-sent events.' }
  const data = { anyOf: [schemas.add(event), broken] }
  return { 'text/event-stream': { schema, 'x-event': data, ...last } }
}
