/**
 * The body of `POST /v1/embeddings`, read strictly.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { JobInput } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { parseWith } from '../chat/parse.ts'
import { EMBEDDING_FIELDS } from './fields.ts'

export type EmbeddingInput = Extract<JobInput, { readonly kind: 'text' | 'ids' }>

export interface EmbeddingRequest {
  readonly model: string
  readonly inputs: readonly EmbeddingInput[]
  readonly encoding: 'float' | 'base64'
  /** null: all of them. */
  readonly dimensions: number | null
}

const { dimensions, encoding_format, input, model, user } = EMBEDDING_FIELDS
const Body = z.strictObject({
  dimensions: dimensions.schema,
  encoding_format: encoding_format.schema,
  input: input.schema,
  model: model.schema,
  user: user.schema,
})

/** @throws ClientMistake, naming the field. */
export function parseEmbeddingRequest(body: unknown): EmbeddingRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ClientMistake('invalid_type', 'the body must be a JSON object')
  }
  for (const name of ['model', 'input']) {
    if (!Object.hasOwn(body, name)) {
      throw new ClientMistake('missing_required_parameter', `${name} is required`, name)
    }
  }
  const fields = parseWith(Body, body)
  return {
    model: fields.model,
    inputs: inputsOf(fields.input),
    encoding: fields.encoding_format ?? 'float',
    dimensions: fields.dimensions ?? null,
  }
}

function inputsOf(given: z.infer<typeof Body>['input']): EmbeddingInput[] {
  if (typeof given === 'string') return [textInput(given)]
  const [first] = given
  if (typeof first === 'number') return [{ kind: 'ids', ids: given.filter(isNumber) }]
  return given.flatMap((one): EmbeddingInput[] => {
    if (typeof one === 'string') return [textInput(one)]
    return typeof one === 'number' ? [] : [{ kind: 'ids', ids: one }]
  })
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const textInput = (text: string): EmbeddingInput => ({ kind: 'text', text, suffix: null })
