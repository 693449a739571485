/**
 * What a job is, as the gateway asks for it and the engine answers: the shapes and their bounds.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { KIB } from './bodies.ts'

/** Of one text; the frame bounds them all together. */
const Text = z.string().max(16 * KIB * KIB)
const ToolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const CallId = z.string().regex(/^[\x21-\x7e]{1,64}$/)
export const TokenId = z.int().min(0).max(0xffff_ffff)
/** GBNF text, made by `grammar/` from a stranger's schema. */
const Rules = z.string().max(512 * KIB)

export const Role = z.enum(['system', 'developer', 'user', 'assistant', 'tool'])
export type Role = z.infer<typeof Role>

const JobCall = z.strictObject({
  id: CallId,
  name: ToolName,
  /** JSON text of one object. */
  arguments: Text,
})

export const JobMessage = z.strictObject({
  role: Role,
  content: Text,
  /** Of an assistant: the tools it called. */
  calls: z.array(JobCall).max(128).optional(),
  /** Of a tool: the call it answers. */
  callId: CallId.optional(),
})
export type JobMessage = z.infer<typeof JobMessage>

export const JobTool = z.strictObject({
  name: ToolName,
  description: Text.nullable(),
  /** JSON text of the schema, as the template shows it to the model. */
  parameters: Text,
  /** Rules for the arguments; those of tool N begin at the rule `tN-root`. */
  rules: Rules,
})
export type JobTool = z.infer<typeof JobTool>

export const JobInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('chat'),
    messages: z.array(JobMessage).min(1).max(2048),
    tools: z.array(JobTool).max(128),
    /** `default`: as the model's template has it. */
    thinking: z.enum(['default', 'off']),
  }),
  z.strictObject({
    kind: z.literal('text'),
    text: Text,
    /** What comes after the answer, for models trained to fill a gap; else null. */
    suffix: Text.nullable(),
  }),
  z.strictObject({ kind: z.literal('ids'), ids: z.array(TokenId).min(1).max(131_072) }),
])
export type JobInput = z.infer<typeof JobInput>

/** Every value explicit: the engine's own defaults are never used (facts: they are greedy). */
export const Sampling = z.strictObject({
  temperature: z.number().min(0).max(2),
  topP: z.number().min(0).max(1),
  /** 0: all tokens. */
  topK: z.int().min(0).max(1_000_000),
  minP: z.number().min(0).max(1),
  presencePenalty: z.number().min(-2).max(2),
  frequencyPenalty: z.number().min(-2).max(2),
  seed: z.int().min(0).max(0xffff_ffff),
  /** Added to the logits: token id, bias. */
  biases: z.array(z.tuple([TokenId, z.number().min(-100).max(100)])).max(1024),
})
export type Sampling = z.infer<typeof Sampling>

/** What the answer may be: free text unless something here says otherwise. */
export const AnswerForm = z.strictObject({
  /** Rules for the whole answer, which begins at the rule `a-root`; null: any text. */
  rules: Rules.nullable(),
  /** null: no tool may be called. */
  calls: z
    .strictObject({
      /** `may`: a call or an answer, as the model likes. */
      mode: z.enum(['may', 'must']),
      /** The only tool that may be called; null: any. */
      only: ToolName.nullable(),
      atOnce: z.enum(['one', 'several']),
    })
    .nullable(),
})
export type AnswerForm = z.infer<typeof AnswerForm>

const TokenBytes = z.string().max(2 * KIB)
/** Of the model's raw distribution; -9999 stands for what cannot happen. */
const Logprob = z.number().min(-9999).max(0)

/** One token and its likeliest rivals; bytes are base64, because a token may end inside a character. */
export const TokenChance = z.strictObject({
  bytes: TokenBytes,
  /** null: the first token of a prompt, which nothing predicted. */
  logprob: Logprob.nullable(),
  top: z.array(z.tuple([TokenBytes, Logprob])).max(20),
})
export type TokenChance = z.infer<typeof TokenChance>
