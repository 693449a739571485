/**
 * What an SDK may be asked to do, and what it tells of it; the same words for JavaScript and Python.
 *
 * An SDK is asked and its adapter acts, as its own documentation shows; what came of it is judged in
 * rows.ts, once for all of them. What is not here: any expectation.
 *
 * @packageDocumentation
 */
import { z } from 'zod'

export const ACTS = [
  'models',
  'chat',
  'stream',
  'call',
  'streamed_call',
  'structured',
  'embeddings',
  'abort',
] as const
export type Act = (typeof ACTS)[number]

export interface Ask {
  /** Without `/v1`. */
  readonly url: string
  readonly key: string
  readonly model: string
  readonly question: string
  /** At most so many in the answer. */
  readonly tokens: number
  /** Absent: as the SDK has it. */
  readonly retries?: number
  readonly timeoutMs?: number
  /** For embeddings. */
  readonly texts: readonly string[]
  readonly tool: Tool
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly parameters: { readonly type: 'object'; readonly [keyword: string]: unknown }
  /** What it says when it is called. */
  readonly result: string
}

/** Only what belongs to the act is there; an `error` comes alone. */
export const Told = z.strictObject({
  ids: z.array(z.string()).optional(),
  text: z.string().optional(),
  /** Of a stream, those with text in them. */
  pieces: z.number().optional(),
  /** In the SDK's own word. */
  finish: z.string().nullable().optional(),
  promptTokens: z.number().optional(),
  answerTokens: z.number().optional(),
  call: z
    .strictObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })
    .optional(),
  value: z.record(z.string(), z.unknown()).optional(),
  vectors: z.array(z.array(z.number())).optional(),
  error: z
    .strictObject({
      /** Its class and those that it inherits from. */
      kinds: z.array(z.string()),
      status: z.number().nullable(),
      code: z.string().nullable(),
    })
    .optional(),
})
export type Told = z.infer<typeof Told>

export type Acts = Partial<Record<Act, (ask: Ask) => Promise<Told>>>

/** An SDK that is ready to be asked. */
export interface Sdk {
  readonly acts: readonly string[]
  readonly ask: (act: Act, ask: Ask) => Promise<Told>
  readonly close: () => Promise<void>
}

/** The arguments of a call, from the text that an SDK hands over. */
export const argumentsOf = (text: string) =>
  z.record(z.string(), z.unknown()).parse(JSON.parse(text))

/** The object that the structured answers must be, in the words of JavaScript's SDKs. */
export const Trip = z.object({
  city: z.enum(['Paris', 'Berlin', 'Rome']),
  // Anthropic's SDK takes ranges out of a schema and judges them itself; literals stay in it.
  days: z.literal([2, 3, 5]),
})
