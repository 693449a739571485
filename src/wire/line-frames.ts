/**
 * The rows of the wire's table between an engine and the supervisor that started it.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { Count, KIB, Refusal, type FrameRow } from './bodies.ts'

export const LINE_FRAMES = {
  'memory.ask': {
    number: 64,
    from: 'engine',
    to: 'cli',
    maxBytes: 64,
    /** Weights and cache together. */
    body: z.strictObject({ bytes: Count }),
    reason: 'What the model takes, known once its header is read and before its cache is made.',
  },
  'memory.granted': {
    number: 65,
    from: 'cli',
    to: 'engine',
    maxBytes: 64,
    body: z.strictObject({}),
    reason: 'It fits beside the models that stay; others have ended for it.',
  },
  'memory.refused': {
    number: 66,
    from: 'cli',
    to: 'engine',
    maxBytes: 2 * KIB,
    body: Refusal,
    reason: 'It does not fit; the engine ends with this fault.',
  },
  'engine.jobs': {
    number: 67,
    from: 'engine',
    to: 'cli',
    maxBytes: 64,
    body: z.strictObject({ running: Count }),
    reason: 'First: it serves. Then each time it found work or ran out of it: who idles longest?',
  },
  'engine.end': {
    number: 68,
    from: 'cli',
    to: 'engine',
    maxBytes: 64,
    body: z.strictObject({}),
    reason: 'End as soon as no job runs, and take no new one: another model needs the memory.',
  },
} as const satisfies Record<string, FrameRow>
