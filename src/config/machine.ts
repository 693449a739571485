/**
 * Settings of what the machine gives and what it holds back: memory, and the kernel's layers.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

const about = (description: string) => ({ description })
const Requirement = z.enum(['required', 'preferred', 'off'])

export const Memory = z.strictObject({
  lock: z
    .enum(['required', 'preferred'])
    .default('preferred')
    .meta(
      about(
        '"required" refuses to start unless all memory is locked; the systemd units set it. "preferred" warns, so that an ordinary user can start.',
      ),
    ),
  modelsBytes: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .meta(
      about(
        'What all loaded models together may take. 0: four fifths of what is available when serve starts; the rest is for the processes themselves and for whoever else works here.',
      ),
    ),
})

const Layers = z.strictObject({
  landlock: Requirement.default('preferred').meta(
    about('File and network rules of the kernel. Preferred: kernels before 5.13 lack them.'),
  ),
  seccomp: Requirement.default('required').meta(
    about(
      'The list of system calls the engine may make once the model is loaded. Every kernel we support has it.',
    ),
  ),
  nonDumpable: Requirement.default('required').meta(
    about('No other process of the same user may read our memory. Always possible.'),
  ),
})

export const Sandbox = z.strictObject({ layers: Layers.prefault({}) })
