/**
 * Settings of the guard: the profiles of clients, and the operator's own lists.
 *
 * Classes and actions are the guard's; a test holds the lists here to its own, and docs/guard.md has
 * what each means. Secrets known in advance are no setting: they have a file (guard-files.ts).
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { about } from './reasons.ts'

/** As in src/guard/profiles.ts and src/guard/classes.ts. */
export const GUARD_WORDS = {
  profiles: ['strict', 'coding', 'observe'],
  modes: ['off', 'observe', 'flag', 'enforce'],
  documents: ['delimit', 'datamark', 'plain'],
  clientSystem: ['allow', 'demote', 'refuse'],
  ownPersonalData: ['guarded', 'returned'],
  inputClasses: ['malformed', 'invisible', 'lookalike', 'injection', 'encoded', 'turns'],
  inputActions: ['allow', 'flag', 'redact', 'refuse'],
  outputClasses: [
    'secret',
    'known-secret',
    'prompt-leak',
    'email',
    'phone',
    'card',
    'bank',
    'national-id',
    'health',
    'birth',
    'name',
    'network',
    'crypto',
    'deny',
    'pattern',
    'link',
    'terminal',
    'html',
  ],
  outputActions: ['allow', 'flag', 'mask', 'hash', 'partial', 'pseudonym', 'stop'],
} as const

export const PROFILE_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/
const MAX_PROFILES = 32
const MAX_DENIED = 4096
const MAX_PATTERNS = 64
const MAX_ORIGINS = 256

const InputActions = z.partialRecord(
  z.enum(GUARD_WORDS.inputClasses),
  z.enum(GUARD_WORDS.inputActions),
)
const OutputActions = z.partialRecord(
  z.enum(GUARD_WORDS.outputClasses),
  z.enum(GUARD_WORDS.outputActions),
)

const Profile = z.strictObject({
  base: z
    .enum(GUARD_WORDS.profiles)
    .default('strict')
    .meta(about('Whose tables hold where this row says nothing.')),
  mode: z
    .enum(GUARD_WORDS.modes)
    .optional()
    .meta(
      about(
        '"off": nothing is looked for. "observe": everything is only named. "flag": prompts are only named and no answer is stopped, masks hold. "enforce": all of it. The base’s when absent.',
      ),
    ),
  input: InputActions.optional().meta(
    about(
      'What is done about findings in what the client says itself: "redact" takes them out, "refuse" ends the request.',
    ),
  ),
  untrusted: InputActions.optional().meta(
    about('The same for documents, results of tools, and parts marked untrusted.'),
  ),
  output: OutputActions.optional().meta(
    about('What is done about findings in answers, in thoughts and in calls of tools.'),
  ),
  ownPersonalData: z
    .enum(GUARD_WORDS.ownPersonalData)
    .optional()
    .meta(
      about(
        '"returned": personal data that the client sent in the same request may come back to it. Secrets never may.',
      ),
    ),
  documents: z
    .enum(GUARD_WORDS.documents)
    .optional()
    .meta(
      about(
        'How texts from outside are set apart: between marks that change with every request, with a mark in place of each space, or not at all.',
      ),
    ),
  clientSystem: z
    .enum(GUARD_WORDS.clientSystem)
    .optional()
    .meta(
      about(
        'System messages of a client: "allow" puts them below the operator’s prompt, "demote" into the words of the user, "refuse" answers 400.',
      ),
    ),
})

const Pattern = z.strictObject({
  name: z.string().regex(PROFILE_NAME),
  pattern: z.string().min(1).max(512),
  literal: z.string().min(1).max(128).optional(),
})

/** Scheme, host and port, as a browser writes it. */
const Origin = z.string().max(256).refine(isOrigin, 'expected an origin, as https://example.org')

export const Guard = z.strictObject({
  profile: z
    .string()
    .regex(PROFILE_NAME)
    .default('strict')
    .meta(
      about(
        'Of clients that were added without --guard. "strict" masks what should not be in any answer and refuses no ordinary prompt.',
      ),
    ),
  profiles: z
    .record(z.string().regex(PROFILE_NAME), Profile)
    .refine((profiles) => Object.keys(profiles).length <= MAX_PROFILES, {
      message: `more than ${MAX_PROFILES} profiles`,
    })
    .default({})
    .meta(about('Profiles of your own beside strict, coding and observe, by name.')),
  denyList: z
    .array(z.string().min(1).max(256))
    .max(MAX_DENIED)
    .default([])
    .meta(
      about(
        'Words and phrases that no answer may say, in any case and with any accents. Who may read this file may read them.',
      ),
    ),
  patterns: z
    .array(Pattern)
    .max(MAX_PATTERNS)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
      message: 'a pattern’s name twice',
    })
    .default([])
    .meta(
      about(
        'Regular expressions of RE2 for answers: name, pattern, and a literal that every match holds. They take linear time, whatever they say.',
      ),
    ),
  linkOrigins: z
    .array(Origin)
    .max(MAX_ORIGINS)
    .default([])
    .meta(
      about('Origins that images and links of an answer may name. None: only links without data.'),
    ),
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
})

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text
}

/** Rules between its settings. */
export function guardProblems(
  guard: z.infer<typeof Guard>,
): { readonly path: readonly string[]; readonly message: string }[] {
  const { profile, profiles, maxMessageChars, maxPromptChars } = guard
  const builtIn: readonly string[] = GUARD_WORDS.profiles
  const known = [...builtIn, ...Object.keys(profiles)]
  const problems = builtIn
    .filter((name) => Object.hasOwn(profiles, name))
    .map((name) => {
      return { path: ['profiles', name], message: 'this profile is built in; choose another name' }
    })
  if (!known.includes(profile)) {
    problems.push({
      path: ['profile'],
      message: `there is no such profile; there are ${known.join(', ')}`,
    })
  }
  if (maxMessageChars > maxPromptChars) {
    const message = `${maxMessageChars} is more than guard.maxPromptChars`
    problems.push({ path: ['maxMessageChars'], message })
  }
  return problems
}
