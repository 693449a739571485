/**
 * The fields of a request that steer sampling, the same in every protocol that has them.
 *
 * What it gives: their rows for a table of fields, and the engine's explicit form of them, with
 * every default filled in. What it does not give: whether the model has the tokens of a bias;
 * whoever knows the engine checks that.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import type { Sampling } from '../wire/frames.ts'
import { ClientMistake } from './api-error.ts'
import type { HonouredField } from './body-fields.ts'
import { Biases, Penalty, Seed, Share, Stop, Warmth } from './chat/field-shapes.ts'

export const WARMTH = {
  temperature: { use: 'honoured', schema: Warmth, reason: '0 to 2; 1 when absent.' },
  top_p: { use: 'honoured', schema: Share, reason: '1 when absent.' },
} as const satisfies Record<string, HonouredField>

export const STEERING = {
  frequency_penalty: { use: 'honoured', schema: Penalty, reason: '-2 to 2; 0 when absent.' },
  presence_penalty: { use: 'honoured', schema: Penalty, reason: '-2 to 2; 0 when absent.' },
  logit_bias: {
    use: 'honoured',
    schema: Biases,
    reason: 'Token ids of this model (see /v1/tokenize), up to 1024 of them, -100 to 100.',
  },
  seed: {
    use: 'honoured',
    schema: Seed,
    reason: 'Any safe integer, folded to 32 bits; random when absent.',
  },
  stop: {
    use: 'honoured',
    schema: Stop,
    reason: 'The text that matched is not part of the answer.',
  },
} as const satisfies Record<string, HonouredField>

type Maybe<T> = T | null | undefined

export interface SamplingFields {
  readonly temperature?: Maybe<number>
  readonly top_p?: Maybe<number>
  readonly top_k?: Maybe<number>
  readonly min_p?: Maybe<number>
  readonly presence_penalty?: Maybe<number>
  readonly frequency_penalty?: Maybe<number>
  readonly seed?: Maybe<number>
  readonly logit_bias?: Maybe<Readonly<Record<string, number>>>
}

/** @throws ClientMistake for a bias that is named twice. */
export function samplingOf(fields: SamplingFields): Sampling {
  return {
    temperature: fields.temperature ?? 1,
    topP: fields.top_p ?? 1,
    topK: fields.top_k ?? 0,
    minP: fields.min_p ?? 0,
    presencePenalty: fields.presence_penalty ?? 0,
    frequencyPenalty: fields.frequency_penalty ?? 0,
    seed: typeof fields.seed === 'number' ? foldSeed(fields.seed) : randomBytes(4).readUInt32BE(),
    biases: biasesOf(fields.logit_bias ?? {}),
  }
}

/** Whether the seed is the client's own: then the answer can be had again. */
export function cutsOf({ seed }: SamplingFields): 'fixed' | 'fast' {
  return typeof seed === 'number' ? 'fixed' : 'fast'
}

export function stopTextsOf(stop: Maybe<string | readonly string[]>): string[] {
  return typeof stop === 'string' ? [stop] : [...(stop ?? [])]
}

/** Any safe integer to 32 bits; the small positive ones stay what they are. */
function foldSeed(seed: number): number {
  const high = Math.floor(seed / 2 ** 32)
  return ((seed >>> 0) ^ (high | 0)) >>> 0
}

function biasesOf(biases: Readonly<Record<string, number>>): Sampling['biases'] {
  const pairs = Object.entries(biases)
  if (new Set(pairs.map(([id]) => Number(id))).size < pairs.length) {
    // "7" and "07" are one token.
    throw new ClientMistake('invalid_value', 'logit_bias: a token is named twice', 'logit_bias')
  }
  return pairs.map(([id, bias]) => [Number(id), bias])
}

interface StreamFields {
  readonly stream?: Maybe<boolean>
  readonly stream_options?: Maybe<{
    readonly include_usage?: Maybe<boolean>
    readonly include_obfuscation?: Maybe<boolean>
  }>
}

/**
 * @returns null for one JSON answer at the end.
 * @throws ClientMistake for options of a stream that is not asked for.
 */
export function streamOf({ stream, stream_options: options }: StreamFields) {
  if (stream === true) {
    return {
      usage: options?.include_usage === true,
      obfuscation: options?.include_obfuscation !== false,
    }
  }
  if (options === undefined || options === null) return null
  const message = 'stream_options is only allowed together with stream'
  throw new ClientMistake('invalid_value', message, 'stream_options')
}
