/**
 * The body of `POST /v1/embeddings`, read strictly.
 *
 * @packageDocumentation
 */
import type * as z from 'zod'
import type { JobInput } from '../../wire/frames.ts'
import { checkFields, honouredSchema } from '../body-fields.ts'
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

const Honoured = honouredSchema(EMBEDDING_FIELDS)

/** @throws ClientMistake, naming the field. */
export function parseEmbeddingRequest(body: unknown): EmbeddingRequest {
  checkFields(body, EMBEDDING_FIELDS, ['model', 'input'])
  const fields = parseWith(Honoured, body)
  return {
    model: fields.model,
    inputs: inputsOf(fields.input),
    encoding: fields.encoding_format ?? 'float',
    dimensions: fields.dimensions ?? null,
  }
}

function inputsOf(given: z.infer<typeof Honoured>['input']): EmbeddingInput[] {
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
