/**
 * The rows of the wire's table between gateway and engine.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import {
  Count,
  Id,
  JobFailure,
  KIB,
  LayerState,
  Millis,
  Name,
  ServedName,
  type FrameRow,
} from './bodies.ts'
import { AnswerForm, JobInput, Sampling, TokenChance, TokenId } from './job-bodies.ts'

const MOST_CHOICES = 32
const Choice = z
  .int()
  .min(0)
  .max(MOST_CHOICES - 1)

export const JOB_FRAMES = {
  'engine.ready': {
    number: 1,
    from: 'engine',
    to: 'gateway',
    maxBytes: 32 * KIB,
    body: z.strictObject({
      model: ServedName,
      created: Count,
      kind: z.enum(['chat', 'embedding']),
      contextTokens: Count,
      slots: z.int().min(1).max(64),
      vocabularyTokens: Count,
      /** Of an embedding model; else 0. */
      dimensions: Count,
      abilities: z.strictObject({
        /** Whether the template thinks in a channel of its own, and whether it can be told not to. */
        thinking: z.enum(['never', 'optional', 'always']),
        /** Whether the model fills a gap between two texts. */
        infill: z.boolean(),
      }),
      layers: z.array(LayerState).max(64),
      /** Bytes of weights, and how many of them are locked in memory. */
      weightBytes: Count,
      lockedBytes: Count,
      loadMs: Millis,
    }),
    reason: 'First frame of an engine connection: what is loaded and what holds.',
  },
  'job.start': {
    number: 2,
    from: 'gateway',
    to: 'engine',
    maxBytes: 20 * KIB * KIB,
    body: z.strictObject({
      job: Id,
      /** Whose prompt it is: KV memory is reused for the same client only. */
      client: Name,
      input: JobInput,
      /** Answers to the one prompt. */
      choices: z.int().min(1).max(MOST_CHOICES),
      /** Of each answer; 0 for the prompt alone; null: up to the end of the context. */
      maxTokens: z.int().min(0).max(1_048_576).nullable(),
      sampling: Sampling,
      stop: z.array(z.string().min(1).max(256)).max(4),
      form: AnswerForm,
      /** Rivals to tell with each token's logprob; null: no logprobs. */
      topLogprobs: z.int().min(0).max(20).nullable(),
      /** `tokens`: the prompt's own tokens come first, in `job.prompt`. */
      echo: z.enum(['tokens', 'none']),
      /** `fresh`: compute the whole prompt, whatever the slot holds. */
      prefix: z.enum(['reuse', 'fresh']),
      /** `fixed`: always in the same places, so that the same seed repeats to the last bit. */
      cuts: z.enum(['fixed', 'fast']),
    }),
    reason: 'The only way in for prompts; every field is bounded before native code sees it.',
  },
  'job.cancel': {
    number: 3,
    from: 'gateway',
    to: 'engine',
    maxBytes: 64,
    body: z.strictObject({ job: Id }),
    reason: 'A client that hung up frees its slot.',
  },
  'job.started': {
    number: 4,
    from: 'engine',
    to: 'gateway',
    maxBytes: 256,
    body: z.strictObject({ job: Id, promptTokens: Count, cachedTokens: Count }),
    reason: 'The prompt fits; a slot is taken.',
  },
  'job.progress': {
    number: 5,
    from: 'engine',
    to: 'gateway',
    maxBytes: 256,
    body: z.strictObject({ job: Id, doneTokens: Count, promptTokens: Count }),
    reason: 'Lets the gateway ping while a long prompt is read.',
  },
  'job.text': {
    number: 6,
    from: 'engine',
    to: 'gateway',
    maxBytes: 1024 * KIB,
    body: z.strictObject({
      job: Id,
      choice: Choice,
      /** `arguments` are of the tool call that `job.call` opened last in this choice. */
      part: z.enum(['answer', 'thought', 'arguments']),
      text: z.string().max(16 * KIB),
      /** UTF-16 units of each token in `text`: the guard judges entropy by them. */
      chars: z.array(z.int().min(0).max(4096)).max(1024),
      /** One for each of `chars` where they were asked for and this is the answer, else none. */
      chances: z.array(TokenChance).max(1024),
    }),
    reason: 'Model text, always whole characters; it is a stranger until the redactor saw it.',
  },
  'job.done': {
    number: 7,
    from: 'engine',
    to: 'gateway',
    maxBytes: 8 * KIB,
    body: z.strictObject({
      job: Id,
      /** How each answer ended, by its number. */
      choices: z
        .array(
          z.strictObject({
            finish: z.enum(['stop', 'length', 'calls', 'cancelled']),
            /** Which of `stop` it was; null: none of them. */
            stop: z.int().min(0).max(3).nullable(),
          }),
        )
        .min(1)
        .max(MOST_CHOICES),
      promptTokens: Count,
      cachedTokens: Count,
      /** Of all answers together. */
      completionTokens: Count,
      prefillMs: Millis,
      decodeMs: Millis,
    }),
    reason: 'The last frame of a job that ran.',
  },
  'job.failed': {
    number: 8,
    from: 'engine',
    to: 'gateway',
    maxBytes: 2 * KIB,
    body: JobFailure,
    reason: 'The last frame of a job that did not.',
  },
  'job.call': {
    number: 9,
    from: 'engine',
    to: 'gateway',
    maxBytes: 256,
    body: z.strictObject({ job: Id, choice: Choice, name: z.string().min(1).max(64) }),
    reason: 'The model calls a tool; its arguments follow as text.',
  },
  'job.prompt': {
    number: 10,
    from: 'engine',
    to: 'gateway',
    maxBytes: 1024 * KIB,
    body: z.strictObject({ job: Id, chances: z.array(TokenChance).min(1).max(1024) }),
    reason: 'Tokens of the prompt itself, in order, for a client that asked to see them.',
  },
  'tokens.ask': {
    number: 11,
    from: 'gateway',
    to: 'engine',
    maxBytes: 20 * KIB * KIB,
    body: z.strictObject({ job: Id, input: JobInput, want: z.enum(['ids', 'count']) }),
    reason: 'How many tokens something would be, or which.',
  },
  'tokens.told': {
    number: 12,
    from: 'engine',
    to: 'gateway',
    maxBytes: 2 * KIB * KIB,
    /** `ids` is empty when only the count was wanted. */
    body: z.strictObject({ job: Id, count: Count, ids: z.array(TokenId).max(131_072) }),
    reason: 'The last frame of a tokens.ask; job.failed comes instead when it cannot be said.',
  },
  'text.ask': {
    number: 13,
    from: 'gateway',
    to: 'engine',
    maxBytes: 2 * KIB * KIB,
    body: z.strictObject({ job: Id, ids: z.array(TokenId).min(1).max(131_072) }),
    reason: 'The text of token ids; an id out of range is refused, never passed on.',
  },
  'text.told': {
    number: 14,
    from: 'engine',
    to: 'gateway',
    maxBytes: 16 * KIB * KIB,
    body: z.strictObject({ job: Id, text: z.string().max(8 * KIB * KIB) }),
    reason: 'The last frame of a text.ask; job.failed comes instead when it cannot be said.',
  },
  'vectors.ask': {
    number: 24,
    from: 'gateway',
    to: 'engine',
    maxBytes: 20 * KIB * KIB,
    body: z.strictObject({ job: Id, client: Name, inputs: z.array(JobInput).min(1).max(2048) }),
    reason: 'Embeddings; the only work of an embedding model.',
  },
  'vectors.told': {
    number: 25,
    from: 'engine',
    to: 'gateway',
    maxBytes: 256 * KIB,
    /** Unit length; little-endian float32, in base64. */
    body: z.strictObject({ job: Id, index: Count, tokens: Count, vector: z.string().max(131_072) }),
    reason: 'One of them, in the order of the inputs.',
  },
  'vectors.done': {
    number: 26,
    from: 'engine',
    to: 'gateway',
    maxBytes: 128,
    body: z.strictObject({ job: Id, promptTokens: Count }),
    reason: 'The last frame of a vectors.ask; job.failed comes instead when it failed.',
  },
} as const satisfies Record<string, FrameRow>
