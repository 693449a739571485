/**
 * The shapes that several frames of the inner wire share, each with its bounds.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

export const KIB = 1024
export const Count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
export const Millis = z.number().min(0).max(86_400_000)
/** Job and event numbers are chosen by the gateway, and grow on a connection. */
export const Id = z.int().min(1).max(0xffff_ffff)
export const Code = z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/)
export const Sentence = z.string().max(600)
export const Name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
/** As a client says it: a model, or a model with an adapter. */
export const ServedName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}(?::[a-z0-9][a-z0-9._-]{0,63})?$/)
export const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)

/** One layer as a process found it; the sandbox writes it, doctor and the record show it. */
export const LayerState = z.strictObject({
  layer: z.string().max(40),
  state: z.enum(['enforced', 'partly', 'absent']),
  detail: z.string().max(300),
})
export type LayerState = z.infer<typeof LayerState>

export const JobFailure = z.strictObject({
  job: Id,
  code: Code,
  message: Sentence,
  /** With `ENGINE_CONTEXT_LENGTH`: both, or neither. What the prompt needs, and what there is. */
  promptTokens: Count.optional(),
  contextTokens: Count.optional(),
  /** The prompt was too long to be counted: it needs `promptTokens` at least. */
  uncounted: z.literal(true).optional(),
})

/** What may be said in the record by a process; the keeper adds seq, time, actor and link. */
export const Event = z.strictObject({
  type: z
    .string()
    .regex(/^[a-z]+(\.[a-z-]+){1,2}$/)
    .max(48),
  /** Our own request id, never the caller's. */
  request: z
    .string()
    .regex(/^req_[0-9a-f]{32}$/)
    .optional(),
  client: Name.optional(),
  model: ServedName.optional(),
  codes: z
    .array(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/))
    .max(64)
    .optional(),
  /** Counts, sizes and milliseconds, each with its unit in its name. */
  counts: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/), z.number()).optional(),
  /** SHA-256 in hex, by what was hashed. */
  hashes: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/), Hex32).optional(),
  layers: z.array(LayerState).max(64).optional(),
})
export type Event = z.infer<typeof Event>

export const Refusal = z.strictObject({ code: Code, message: Sentence })

/** The ends of the wire. `cli` is the command line and the supervisor of `serve`. */
export type Peer = 'gateway' | 'engine' | 'keeper' | 'cli'

export interface FrameRow {
  readonly number: number
  readonly from: Peer
  readonly to: Peer
  readonly maxBytes: number
  /** `bytes` frames carry keys: they are never parsed into a string. */
  readonly body: z.ZodType | 'bytes'
  readonly reason: string
}
