/**
 * What the guard can find, and what may be done about it: the words that a policy is written in.
 *
 * @packageDocumentation
 */

/** Class of a finding in an answer → the name in its mask, and what belongs to it. */
export const OUTPUT_CLASSES = {
  secret: {
    mask: 'SECRET',
    covers: 'keys and tokens of vendors, private keys, connection strings',
  },
  'known-secret': { mask: 'SECRET', covers: 'values the operator has named' },
  'prompt-leak': { mask: 'PROMPT', covers: 'the operator’s system prompt and its canary' },
  email: { mask: 'EMAIL', covers: 'e-mail addresses' },
  phone: { mask: 'PHONE', covers: 'telephone numbers' },
  card: { mask: 'CARD', covers: 'payment cards' },
  bank: { mask: 'BANK', covers: 'IBAN and other account numbers' },
  'national-id': { mask: 'ID', covers: 'numbers a state gives to a person' },
  health: { mask: 'HEALTH', covers: 'medical record and provider numbers' },
  birth: { mask: 'DATE', covers: 'dates of birth' },
  name: { mask: 'NAME', covers: 'names of persons, behind words that introduce one' },
  network: { mask: 'ADDRESS', covers: 'IP and MAC addresses' },
  crypto: { mask: 'WALLET', covers: 'addresses of crypto currencies' },
  deny: { mask: 'REMOVED', covers: 'words on the operator’s deny-list' },
  pattern: { mask: 'REMOVED', covers: 'the operator’s own patterns' },
  link: { mask: 'LINK', covers: 'images and links that carry data to an origin not allowed' },
  terminal: { mask: 'ESC', covers: 'escape sequences for a terminal' },
  html: { mask: 'HTML', covers: 'active HTML' },
} as const satisfies Record<string, { readonly mask: string; readonly covers: string }>
export type OutputClass = keyof typeof OUTPUT_CLASSES

/** Personal data: what `coding` lets a client have back when it sent it itself. */
export const PERSONAL: readonly OutputClass[] = [
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
]

/**
 * allow: not looked for; flag: named, and left as it is; mask: `[EMAIL]`; hash: `[EMAIL:1f09ab]`, the
 * same for the same value while the process lives; partial: `****1234`; pseudonym: `[EMAIL_1]`, one
 * number for one value of a conversation; stop: the answer ends there with `content_filter`.
 */
export const OUTPUT_ACTIONS = [
  'allow',
  'flag',
  'mask',
  'hash',
  'partial',
  'pseudonym',
  'stop',
] as const
export type OutputAction = (typeof OUTPUT_ACTIONS)[number]

/** Class of a finding in a prompt → what belongs to it. */
export const INPUT_CLASSES = {
  malformed: 'half characters',
  invisible: 'text that a person cannot see: tags, zero widths, directions, variation selectors',
  lookalike: 'words that mix scripts to look like others',
  injection: 'instructions against the operator’s, said plainly',
  encoded: 'the same, in an encoding that hides it',
  turns: 'turns of a conversation that were never held',
} as const
export type InputClass = keyof typeof INPUT_CLASSES

/** redact: taken out; refuse: the request is. `malformed` and `invisible` are taken out by flag too. */
export const INPUT_ACTIONS = ['allow', 'flag', 'redact', 'refuse'] as const
export type InputAction = (typeof INPUT_ACTIONS)[number]

/** From where a text comes, which decides how far it is believed. */
export const ORIGINS = ['operator', 'system', 'user', 'assistant', 'tool', 'document'] as const
export type Origin = (typeof ORIGINS)[number]
