/**
 * The profiles a client may have, class by class: what is done about a finding, and why.
 *
 * Two tables, one for prompts and one for answers. `observe` is `strict` with everything only named.
 *
 * @packageDocumentation
 */
import type { InputAction, InputClass, OutputAction, OutputClass } from './classes.ts'

export const PROFILE_NAMES = ['strict', 'coding', 'observe'] as const
export type ProfileName = (typeof PROFILE_NAMES)[number]

/**
 * How much of a profile's table is done. off: nothing is looked for. observe: everything is only
 * named. flag: prompts are only named and no answer is stopped, but masks hold. enforce: all of it.
 */
export const MODES = ['off', 'observe', 'flag', 'enforce'] as const
export type Mode = (typeof MODES)[number]

/** How a text from outside is set apart from the rest of the prompt. */
export const DOCUMENT_MARKS = ['delimit', 'datamark', 'plain'] as const
export type DocumentMarks = (typeof DOCUMENT_MARKS)[number]

/** What becomes of a client's own system messages, which stand below the operator's. */
export const CLIENT_SYSTEMS = ['allow', 'demote', 'refuse'] as const
export type ClientSystem = (typeof CLIENT_SYSTEMS)[number]

/** guarded: as any other. returned: what a client sent in this request may come back to it. */
export const OWN_DATA = ['guarded', 'returned'] as const
export type OwnData = (typeof OWN_DATA)[number]

interface OutputRow {
  readonly strict: OutputAction
  readonly coding: OutputAction
  readonly reason: string
}

export const OUTPUT_RULES: Readonly<Record<OutputClass, OutputRow>> = {
  secret: {
    strict: 'mask',
    coding: 'mask',
    reason: 'a key in an answer is a key in a log, a screenshot, a commit; nobody needs it whole',
  },
  'known-secret': {
    strict: 'mask',
    coding: 'mask',
    reason: 'the operator has said what it is; no form has to be guessed',
  },
  'prompt-leak': {
    strict: 'mask',
    coding: 'mask',
    reason: 'the operator’s prompt is not the client’s, whatever the client writes',
  },
  email: {
    strict: 'mask',
    coding: 'mask',
    reason: 'the form is certain, and a model that recites one has learned it from somebody',
  },
  phone: {
    strict: 'mask',
    coding: 'mask',
    reason: 'a number that is valid where it is dialled belongs to somebody',
  },
  card: { strict: 'mask', coding: 'mask', reason: 'checksum and issuer agree; no honest example' },
  bank: { strict: 'mask', coding: 'mask', reason: 'the check digits agree' },
  'national-id': {
    strict: 'mask',
    coding: 'mask',
    reason: 'it opens accounts, and cannot be changed',
  },
  health: { strict: 'mask', coding: 'mask', reason: 'special category of data (GDPR, article 9)' },
  birth: {
    strict: 'mask',
    coding: 'mask',
    reason: 'with a name it is enough to be somebody; only dates that are said to be one',
  },
  name: {
    strict: 'allow',
    coding: 'allow',
    reason: 'a good answer is full of names, and a name has no form: for those who ask for it',
  },
  network: {
    strict: 'mask',
    coding: 'allow',
    reason: 'it names a household; in code it names a server, and code with a mask does not run',
  },
  crypto: {
    strict: 'mask',
    coding: 'allow',
    reason: 'a wallet is a person’s account; in code it is a contract’s address',
  },
  deny: { strict: 'mask', coding: 'mask', reason: 'the operator’s own words' },
  pattern: { strict: 'mask', coding: 'mask', reason: 'the operator’s own words' },
  link: {
    strict: 'mask',
    coding: 'mask',
    reason: 'a page that shows the answer fetches the image, and with it what its address carries',
  },
  terminal: {
    strict: 'mask',
    coding: 'mask',
    reason: 'a terminal obeys them: it retitles itself, rewrites lines, sets the clipboard',
  },
  html: {
    strict: 'flag',
    coding: 'allow',
    reason: 'an answer about HTML has it; whoever shows answers as a page must escape them anyway',
  },
}

interface InputRow {
  /** In what the client itself says. No row refuses: a false alarm would cost an honest prompt. */
  readonly said: InputAction
  /** In documents, results of tools and other texts from outside. */
  readonly untrusted: Readonly<Record<'strict' | 'coding', InputAction>>
  readonly reason: string
}

export const INPUT_RULES: Readonly<Record<InputClass, InputRow>> = {
  malformed: {
    said: 'flag',
    untrusted: { strict: 'flag', coding: 'flag' },
    reason: 'half a character means nothing; it becomes U+FFFD',
  },
  invisible: {
    said: 'flag',
    untrusted: { strict: 'flag', coding: 'flag' },
    reason: 'what nobody sees nobody meant; it is taken out, and honest writing keeps its joiners',
  },
  lookalike: {
    said: 'flag',
    untrusted: { strict: 'flag', coding: 'flag' },
    reason: 'languages mix scripts honestly; worth a look, and no more',
  },
  injection: {
    said: 'flag',
    untrusted: { strict: 'redact', coding: 'flag' },
    reason: 'a user may say what a document may not; in code such sentences are often test data',
  },
  encoded: {
    said: 'flag',
    untrusted: { strict: 'redact', coding: 'flag' },
    reason: 'who hides an instruction knows that it is one',
  },
  turns: {
    said: 'flag',
    untrusted: { strict: 'redact', coding: 'flag' },
    reason: 'a document holds no conversation with the model; a log that is asked about may',
  },
}

interface ManagedRow {
  readonly mode: Mode
  readonly ownPersonalData: OwnData
  readonly documents: DocumentMarks
  readonly clientSystem: ClientSystem
  readonly reason: string
}

export const MANNERS: Readonly<Record<ProfileName, ManagedRow>> = {
  strict: {
    mode: 'enforce',
    ownPersonalData: 'guarded',
    documents: 'delimit',
    clientSystem: 'allow',
    reason: 'for a client nobody has thought about yet',
  },
  coding: {
    mode: 'enforce',
    ownPersonalData: 'returned',
    documents: 'plain',
    clientSystem: 'allow',
    reason:
      'an editor wants its own file back; marks that change with each request would make the model read a long conversation anew at every step',
  },
  observe: {
    mode: 'observe',
    ownPersonalData: 'guarded',
    documents: 'plain',
    clientSystem: 'allow',
    reason: 'to see what the others would do, before they do it',
  },
}
