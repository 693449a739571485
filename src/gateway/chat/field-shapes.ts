/**
 * The shapes of values that several fields of OpenAI's requests share.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

const MAX_TOKENS = 1_048_576
/** As many as a frame carries; the engine has far fewer slots, and says how many. */
const MAX_CHOICES = 128
const MAX_BIASES = 1024
const MAX_LABELS = 16

export const Hint = z.string().max(1024).nullish()
export const Tokens = z.int().min(1).max(MAX_TOKENS).nullish()
export const Penalty = z.number().min(-2).max(2).nullish()
export const Warmth = z.number().min(0).max(2).nullish()
export const Share = z.number().min(0).max(1).nullish()
export const Switch = z.boolean().nullish()
export const Nothing = z.null()
export const Choices = z.int().min(1).max(MAX_CHOICES).nullish()
export const Rivals = z.int().min(0).max(20).nullish()
export const Seed = z.int().nullish()
export const MostLikely = z.int().min(0).max(1_000_000).nullish()
/** Read by the file that knows them, which names the place that is wrong. */
export const Anything = z.unknown().optional()

const StopText = z.string().min(1).max(256)
export const Stops = z.array(StopText).max(4)
export const Stop = z
  .union([StopText, Stops], {
    error: 'expected a text of 1 to 256 characters, or up to 4 of them',
  })
  .nullish()

export const StreamOptions = z
  .strictObject({ include_usage: Switch, include_obfuscation: Switch })
  .nullish()

/** Token ids as OpenAI writes them: the names of an object's fields. */
export const Biases = z
  .record(
    z.string().regex(/^\d{1,10}$/, 'expected the number of a token as a name'),
    z.number().min(-100).max(100),
  )
  .refine((biases) => Object.keys(biases).length <= MAX_BIASES, `at most ${MAX_BIASES} tokens`)
  .meta({ maxProperties: MAX_BIASES })
  .nullish()

/** Of an answer; it is read by `src/grammar/`, which names the keyword that is not supported. */
export const JsonSchema = z
  .record(z.string(), z.unknown())
  .meta({ id: 'JsonSchema', description: 'docs/spec/grammar.md says which are supported.' })

/** Labels that a caller gives to what it asks. */
export const Labels = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= MAX_LABELS, `at most ${MAX_LABELS} pairs`)
  .meta({ maxProperties: MAX_LABELS })
  .nullish()

export const ReasoningEffort = z
  .enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])
  .nullish()
