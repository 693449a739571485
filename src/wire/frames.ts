/**
 * The inner wire's table: every frame, who may send it, how large it may be, and its fields.
 *
 * What it gives: one place where a reviewer sees all that processes can say to each other.
 * What it does not give: order. A connection's owner checks the order and the ownership of jobs.
 * Format: docs/spec/wire.md.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import {
  Code,
  Count,
  Event,
  Hex32,
  Id,
  KIB,
  LayerState,
  Refusal,
  Sentence,
  type FrameRow,
} from './bodies.ts'
import { JOB_FRAMES } from './job-frames.ts'
import { LINE_FRAMES } from './line-frames.ts'

export { Event, LayerState, type Peer } from './bodies.ts'
export {
  AnswerForm,
  JobInput,
  JobMessage,
  JobTool,
  Role,
  Sampling,
  TokenChance,
} from './job-bodies.ts'

export const FRAMES = {
  ...JOB_FRAMES,

  'key.request': {
    number: 16,
    from: 'engine',
    to: 'keeper',
    maxBytes: 256,
    body: z.strictObject({ context: Hex32 }),
    reason: 'SHA-256 of the manifest; the model itself is bound to the socket, not said.',
  },
  'key.grant': {
    number: 17,
    from: 'keeper',
    to: 'engine',
    maxBytes: 32,
    body: 'bytes',
    reason: 'The file key, once per load, as bytes.',
  },
  'key.refuse': {
    number: 18,
    from: 'keeper',
    to: 'engine',
    maxBytes: 2 * KIB,
    body: Refusal,
    reason: 'Why there is no key; the engine ends with this fault.',
  },
  'engine.event': {
    number: 19,
    from: 'engine',
    to: 'keeper',
    maxBytes: 32 * KIB,
    body: z.strictObject({ event: Event }),
    reason: 'What the engine found while loading: layers, damage, or success.',
  },
  'engine.event-kept': {
    number: 20,
    from: 'keeper',
    to: 'engine',
    maxBytes: 64,
    body: z.strictObject({ seq: Count }),
    reason: 'The event is durable; the engine may go on or end.',
  },

  'keeper.ready': {
    number: 32,
    from: 'keeper',
    to: 'gateway',
    maxBytes: 32 * KIB,
    body: z.strictObject({
      store: z.string().max(40),
      auditHealthy: z.boolean(),
      layers: z.array(LayerState).max(64),
    }),
    reason: 'First frame of a gateway connection, and again when the record’s health changes.',
  },
  'audit.append': {
    number: 33,
    from: 'gateway',
    to: 'keeper',
    maxBytes: 32 * KIB,
    body: z.strictObject({ id: Id, event: Event }),
    reason: 'One event for the record.',
  },
  'audit.kept': {
    number: 34,
    from: 'keeper',
    to: 'gateway',
    maxBytes: 128,
    body: z.strictObject({ id: Id, seq: Count }),
    reason: 'The event is on disk (fsync returned).',
  },
  'audit.refused': {
    number: 35,
    from: 'keeper',
    to: 'gateway',
    maxBytes: 2 * KIB,
    body: z.strictObject({ id: Id, code: Code, message: Sentence }),
    reason: 'The event could not be made durable: the request must be refused.',
  },

  'slot.add': {
    number: 48,
    from: 'cli',
    to: 'keeper',
    /** 32 bytes of file key, then UTF-8 JSON `{folder, context}`. */
    maxBytes: 512,
    body: 'bytes',
    reason: 'Wraps a new file key into slots.json of a model folder being made.',
  },
  'slot.added': {
    number: 49,
    from: 'keeper',
    to: 'cli',
    maxBytes: 512,
    body: z.strictObject({ store: z.string().max(40), keyId: z.string().max(64) }),
    reason: 'slots.json is durable.',
  },
  'store.unlock': {
    number: 50,
    from: 'cli',
    to: 'keeper',
    maxBytes: 1024,
    body: 'bytes',
    reason: 'The passphrase, as bytes from a terminal; never in argv or the environment.',
  },
  'store.unlocked': {
    number: 51,
    from: 'keeper',
    to: 'cli',
    maxBytes: 64,
    body: z.strictObject({}),
    reason: 'The store answers.',
  },
  'keeper.refuse': {
    number: 52,
    from: 'keeper',
    to: 'cli',
    maxBytes: 2 * KIB,
    body: Refusal,
    reason: 'Why the request of the command line was not done.',
  },
  'cli.event': {
    number: 53,
    from: 'cli',
    to: 'keeper',
    maxBytes: 32 * KIB,
    body: z.strictObject({ event: Event }),
    reason: 'An act of the operator for the record: model added, client revoked.',
  },
  'cli.event-kept': {
    number: 54,
    from: 'keeper',
    to: 'cli',
    maxBytes: 64,
    body: z.strictObject({ seq: Count }),
    reason: 'The event is durable.',
  },
  'keeper.ask': {
    number: 55,
    from: 'cli',
    to: 'keeper',
    maxBytes: 64,
    body: z.strictObject({}),
    reason: 'Which key store is in use, for doctor and the first lines of serve.',
  },
  'keeper.state': {
    number: 56,
    from: 'keeper',
    to: 'cli',
    maxBytes: 32 * KIB,
    body: z.strictObject({
      store: z.string().max(40),
      /** What is weaker than it could be, and the hint that mends it. */
      warnings: z.array(Sentence).max(8),
      auditHealthy: z.boolean(),
      layers: z.array(LayerState).max(64),
    }),
    reason: 'The answer to keeper.ask.',
  },

  ...LINE_FRAMES,
} as const satisfies Record<string, FrameRow>

export type FrameName = keyof typeof FRAMES

/** The body of a frame as code sees it: parsed fields, or bytes for the frames that carry keys. */
export type BodyOf<N extends FrameName> = (typeof FRAMES)[N]['body'] extends z.ZodType
  ? z.infer<(typeof FRAMES)[N]['body']>
  : Uint8Array

export type Frame = { [N in FrameName]: { readonly name: N; readonly body: BodyOf<N> } }[FrameName]

export type { FrameFrom } from './frame-directions.ts'
