/**
 * The configuration, and why each default is what it is.
 *
 * Rules: unknown settings are refused, units are in the name, a secret is never a value, and a
 * default is the safe choice even when it is the slow one. docs/configuration.md is made from this
 * file, and a test compares them.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { listenProblem } from './listen.ts'
import { Memory, Sandbox } from './machine.ts'
import { ENGINE_BOUNDS, MODEL_NAME, Models, servedModels } from './models.ts'

const about = (description: string) => ({ description })
/** As browsers write them in `Host` and `Origin`. A star or `null` would open the API to any page. */
const HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/
/** Memory for them is taken at start: 24 GB with the default model, more with any larger one. */
const MAX_ALL_SLOTS_TOKENS = 1_048_576

const Gateway = z.strictObject({
  listen: z
    .string()
    .superRefine((text, context) => {
      const problem = listenProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .default('127.0.0.1:11435')
    .meta(
      about('HOST:PORT or unix:/PATH. Loopback only: the API speaks plain HTTP until it has TLS.'),
    ),
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(16_777_216)
    .default(1_048_576)
    .meta(about('Largest request body. 1 MiB holds ten times the default context in English.')),
  maxMessages: z
    .int()
    .min(1)
    .max(2048)
    .default(1024)
    .meta(about('Messages in one request. More is a loop that went wrong, not a conversation.')),
  maxJobs: z
    .int()
    .min(1)
    .max(64)
    .default(8)
    .meta(
      about(
        'Requests in the engine at once: one for each default slot. More would wait in the engine.',
      ),
    ),
  overflow: z
    .enum(['refuse', 'wait'])
    .default('refuse')
    .meta(
      about(
        'What a request beyond maxJobs gets: 429 at once, or a place in a bounded wait. Refusing keeps memory flat.',
      ),
    ),
  waitMs: z
    .int()
    .min(100)
    .max(300_000)
    .default(30_000)
    .meta(about('With overflow "wait": after this long a waiting request gets 429 all the same.')),
  loadWaitMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(120_000)
    .meta(
      about(
        'How long a request waits for a model on demand to be loaded, before it gets 503. Ten gigabytes take a minute from a slow disk.',
      ),
    ),
  requestsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(600)
    .meta(
      about(
        'Requests a minute for each client. Ten a second is more than one person or one tool needs.',
      ),
    ),
  allowedHosts: z
    .array(z.string().max(255).regex(HOST, 'expected NAME or NAME:PORT; there are no wildcards'))
    .max(64)
    .default([])
    .meta(
      about('Names besides localhost that a Host header may carry. Empty stops DNS rebinding.'),
    ),
  allowedOrigins: z
    .array(z.string().max(255).regex(ORIGIN, 'expected https://NAME; no path, no wildcards'))
    .max(64)
    .default([])
    .meta(about('Origins of web pages that may call the API. Empty: no page in a browser may.')),
  idleTimeoutMs: z
    .int()
    .min(1000)
    .max(600_000)
    .default(60_000)
    .meta(
      about('A silent kept-alive connection is closed after this, so idle clients hold nothing.'),
    ),
  pingIntervalMs: z
    .int()
    .min(250)
    .max(60_000)
    .default(5000)
    .meta(
      about(
        'Comment lines while a prompt is read. Far below the five minutes after which Node clients give up.',
      ),
    ),
  retryAfterSeconds: z
    .int()
    .min(1)
    .max(60)
    .default(2)
    .meta(about('Said with 429 and 503. SDKs obey values up to 60.')),
})

const Engine = z.strictObject({
  contextTokens: ENGINE_BOUNDS.contextTokens
    .default(4096)
    .meta(
      about('Prompt and answer together, for each slot. Memory for all slots is taken at start.'),
    ),
  slots: ENGINE_BOUNDS.slots
    .default(8)
    .meta(
      about('Answers that are computed at the same time. Eight share one pass over the weights.'),
    ),
  maxThreads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .meta(
      about(
        '0: as many as physical cores. More threads than cores make every answer a hundred times slower.',
      ),
    ),
  batchTokens: ENGINE_BOUNDS.batchTokens
    .default(512)
    .meta(
      about(
        'Most tokens in one step. Larger steps read prompts no faster here and stop streams for longer.',
      ),
    ),
  prefillSliceMs: z
    .int()
    .min(10)
    .max(2000)
    .default(150)
    .meta(
      about(
        'How long a slice of a new prompt may hold up running answers. 150 ms is felt by nobody.',
      ),
    ),
})

const Keys = z.strictObject({
  store: z
    .enum(['auto', 'keychain', 'file', 'passphrase'])
    .default('auto')
    .meta(
      about(
        'Where the wrapping key lives. "auto": the desktop keyring when one answers, else a file with a warning.',
      ),
    ),
})

const Mask = z.enum(['mask', 'off'])
const Guard = z.strictObject({
  maxMessageChars: z
    .int()
    .min(1)
    .max(16_777_216)
    .default(262_144)
    .meta(
      about(
        'Longest single message. Above any default context; stops a text that only costs time.',
      ),
    ),
  maxPromptChars: z
    .int()
    .min(1)
    .max(6_291_456)
    .default(1_048_576)
    .meta(about('All messages together. The inner wire carries 20 MiB, three bytes a character.')),
  invisible: z
    .enum(['strip', 'refuse'])
    .default('strip')
    .meta(
      about(
        'Text that a person cannot see: taken out and reported, or the request is refused. Stripping breaks no honest prompt.',
      ),
    ),
  redact: z
    .strictObject({
      email: Mask.default('mask').meta(about('E-mail addresses in answers become [EMAIL].')),
      card: Mask.default('mask').meta(
        about('Payment card numbers that pass the Luhn check become [CARD].'),
      ),
      keys: Mask.default('mask').meta(about('Keys and tokens of known vendors become [SECRET].')),
    })
    .prefault({}),
})

const Audit = z.strictObject({
  commitDelayMs: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .meta(
      about(
        'Wait this long to write several records with one fsync. 0: only what arrives during an fsync shares the next.',
      ),
    ),
})

export const Config = z
  .strictObject({
    profile: z
      .enum(['development', 'production'])
      .default('development')
      .meta(about('"production" refuses the file key store.')),
    model: z
      .string()
      .regex(MODEL_NAME)
      .default('smollm2-135m-instruct')
      .meta(about('The default model, always served: small, Apache-2.0, from a package registry.')),
    models: Models,
    gateway: Gateway.prefault({}),
    engine: Engine.prefault({}),
    memory: Memory.prefault({}),
    sandbox: Sandbox.prefault({}),
    keys: Keys.prefault({}),
    guard: Guard.prefault({}),
    audit: Audit.prefault({}),
  })
  .superRefine((config, context) => {
    if (config.profile === 'production' && config.keys.store === 'file') {
      context.addIssue({
        code: 'custom',
        path: ['keys', 'store'],
        message: 'a key file is for development; choose keychain or passphrase in production',
      })
    }
    for (const { name, slots, contextTokens } of servedModels(config)) {
      const allTokens = slots * contextTokens
      if (allTokens <= MAX_ALL_SLOTS_TOKENS) continue
      context.addIssue({
        code: 'custom',
        path: Object.hasOwn(config.models, name) ? ['models', name] : ['engine', 'contextTokens'],
        message: `times slots it is ${allTokens}, above ${MAX_ALL_SLOTS_TOKENS}`,
      })
    }
    if (config.guard.maxMessageChars > config.guard.maxPromptChars) {
      context.addIssue({
        code: 'custom',
        path: ['guard', 'maxMessageChars'],
        message: `${config.guard.maxMessageChars} is more than guard.maxPromptChars`,
      })
    }
  })

export type Config = z.infer<typeof Config>
