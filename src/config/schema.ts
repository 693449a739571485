/**
 * The configuration, and why each default is what it is.
 *
 * Rules: unknown settings are refused, units are in the name, a secret is never a value, and a
 * default is the safe choice even when it is the slow one. docs/configuration.md is made from it,
 * and a test compares them.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { Gateway } from './gateway-settings.ts'
import { Guard, guardProblems } from './guard.ts'
import { Memory, Sandbox } from './machine.ts'
import { adapterProblems, ENGINE_BOUNDS, MODEL_NAME, Models, servedModels } from './models.ts'
import { about } from './reasons.ts'

/** Memory for them is taken at start: 24 GB with the default model, more with any larger one. */
const MAX_ALL_SLOTS_TOKENS = 1_048_576

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
    .default(75)
    .meta(
      about(
        'How long a slice of a new prompt may hold up running answers. A word of four tokens waits for four of them: a third of a second.',
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
    for (const { name, adapter, slots, contextTokens } of servedModels(config)) {
      if (adapter !== undefined) continue
      const allTokens = slots * contextTokens
      if (allTokens <= MAX_ALL_SLOTS_TOKENS) continue
      context.addIssue({
        code: 'custom',
        path: Object.hasOwn(config.models, name) ? ['models', name] : ['engine', 'contextTokens'],
        message: `times slots it is ${allTokens}, above ${MAX_ALL_SLOTS_TOKENS}`,
      })
    }
    for (const { model, message } of adapterProblems(config)) {
      context.addIssue({ code: 'custom', path: ['models', model, 'adapters'], message })
    }
    for (const { path, message } of guardProblems(config.guard)) {
      context.addIssue({ code: 'custom', path: ['guard', ...path], message })
    }
  })

export type Config = z.infer<typeof Config>
