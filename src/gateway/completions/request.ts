/**
 * The body of `POST /v1/completions`, read strictly.
 *
 * @packageDocumentation
 */
import type * as z from 'zod'
import type { Sampling } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { checkFields, honouredSchema } from '../body-fields.ts'
import { parseWith } from '../chat/parse.ts'
import type { EngineReady } from '../engine-link.ts'
import { cutsOf, samplingOf, stopTextsOf, streamOf } from '../sampling-fields.ts'
import { COMPLETION_FIELDS } from './fields.ts'

const DEFAULT_MAX_TOKENS = 16
const OPENAI_REQUIRED = ['model', 'prompt']

export type Prompt =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ids'; readonly ids: readonly number[] }

export interface CompletionRequest {
  readonly prompts: readonly Prompt[]
  /** For each prompt. */
  readonly choices: number
  readonly maxTokens: number
  readonly sampling: Sampling
  readonly cuts: 'fixed' | 'fast'
  readonly stop: readonly string[]
  readonly suffix: string | null
  readonly echo: 'prompt' | 'none'
  /** Rivals of each token; null: no log probabilities. */
  readonly logprobs: number | null
  /** null: one JSON answer at the end. */
  readonly stream: { readonly usage: boolean; readonly obfuscation: boolean } | null
}

const Honoured = honouredSchema(COMPLETION_FIELDS)
type Fields = z.infer<typeof Honoured>

/** The name in `model`, so that its engine can be found before the rest is read. @throws ClientMistake */
export function completionModel(body: unknown): string {
  const fields = checkFields(body, COMPLETION_FIELDS, OPENAI_REQUIRED)
  return parseWith(COMPLETION_FIELDS.model.schema, fields.model, 'model')
}

/** @throws ClientMistake, naming the field. */
export function parseCompletion(body: unknown, ready: EngineReady): CompletionRequest {
  const fields = parseWith(Honoured, body)
  refuseImpossible(fields, ready)
  return {
    prompts: promptsOf(fields.prompt),
    choices: fields.n ?? 1,
    maxTokens: fields.max_tokens ?? DEFAULT_MAX_TOKENS,
    sampling: samplingOf(fields),
    cuts: cutsOf(fields),
    stop: stopTextsOf(fields.stop),
    suffix: fields.suffix ?? null,
    echo: fields.echo === true ? 'prompt' : 'none',
    logprobs: fields.logprobs ?? null,
    stream: streamOf(fields),
  }
}

/** What each field allows by itself, and this model or the other fields do not. */
function refuseImpossible(fields: Fields, ready: EngineReady): void {
  const { abilities, slots, vocabularyTokens } = ready
  const prompts = promptsOf(fields.prompt)
  if (
    prompts.some((prompt) => prompt.kind === 'ids' && hasStranger(prompt.ids, vocabularyTokens))
  ) {
    throw noSuchToken('prompt', vocabularyTokens)
  }
  if (hasStranger(Object.keys(fields.logit_bias ?? {}).map(Number), vocabularyTokens)) {
    throw noSuchToken('logit_bias', vocabularyTokens)
  }
  const n = fields.n ?? 1
  if (n > slots) {
    throw new ClientMistake('invalid_value', `n: this model answers ${slots} times at once`, 'n')
  }
  if (typeof fields.best_of === 'number' && fields.best_of !== n) {
    throw new ClientMistake('invalid_value', 'best_of: only the value of n', 'best_of')
  }
  if (fields.max_tokens === 0 && fields.echo !== true) {
    const message = 'max_tokens: 0 asks for nothing, unless echo is true'
    throw new ClientMistake('invalid_value', message, 'max_tokens')
  }
  if (typeof fields.suffix !== 'string') return
  if (!abilities.infill) {
    const message = 'suffix: this model was not trained to fill a gap'
    throw new ClientMistake('unsupported_parameter', message, 'suffix')
  }
  if (prompts.some(({ kind }) => kind === 'ids')) {
    throw new ClientMistake('invalid_value', 'suffix: only with a prompt that is a text', 'suffix')
  }
}

const hasStranger = (ids: readonly number[], vocabularyTokens: number) =>
  ids.some((id) => id >= vocabularyTokens)

function noSuchToken(param: string, vocabularyTokens: number): ClientMistake {
  const message = `${param}: the tokens of this model are numbered from 0 to ${vocabularyTokens - 1}`
  return new ClientMistake('invalid_value', message, param)
}

function promptsOf(prompt: Fields['prompt']): Prompt[] {
  if (typeof prompt === 'string') return [textPrompt(prompt)]
  return isIds(prompt) ? [{ kind: 'ids', ids: prompt }] : prompt.map(onePrompt)
}

function onePrompt(prompt: string | number[]): Prompt {
  return typeof prompt === 'string' ? textPrompt(prompt) : { kind: 'ids', ids: prompt }
}

// A lone surrogate has no bytes; it would become U+FFFD on the wire anyway.
const textPrompt = (text: string): Prompt => ({ kind: 'text', text: text.toWellFormed() })

function isIds(prompt: readonly (string | number | number[])[]): prompt is number[] {
  return typeof prompt[0] === 'number'
}
