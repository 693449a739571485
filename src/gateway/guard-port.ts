/**
 * The places where the guard stands in a request's way, as the gateway needs them. guard-binding.ts
 * binds them to src/guard and the operator's policy, once for each profile.
 *
 * @packageDocumentation
 */
export interface Finding {
  /** As `input.invisible`; goes to the client and to the record. */
  readonly code: string
  readonly count: number
}

/** From where a text comes, which decides how far it is believed. */
export type Origin = 'operator' | 'system' | 'user' | 'assistant' | 'tool' | 'document'

/** Something a stranger wrote that the model, or the grammar's compiler, will read. */
export interface Guarded {
  readonly content: string
  /** `json`: the text of a JSON value, in which only what strings say is looked at and changed. */
  readonly form?: 'text' | 'json'
  readonly origin: Origin
}

export interface Inspection<G extends Guarded> {
  readonly verdict: 'allow' | 'flag' | 'refuse'
  /** What the engine gets: normalised, without what the policy takes out. In the order given. */
  readonly texts: readonly G[]
  readonly findings: readonly Finding[]
  /** Of each text: 0 to 1, from 0.5 on it is called an injection. */
  readonly scores: readonly number[]
}

/** What may be sent, in order; the pieces of a text cover all of it. */
export interface Piece {
  /** `masked`: the mask, or nothing where a mask goes on. */
  readonly is: 'clear' | 'masked'
  readonly text: string
  /** UTF-16 units of the input that it stands for. */
  readonly sourceChars: number
}

export interface Redactor {
  /** @returns what may be sent now; the rest is held back until it can be judged. */
  readonly push: (text: string, tokenChars?: readonly number[]) => readonly Piece[]
  /** @returns the rest of a text that goes on later, behind a line break. */
  readonly pause: () => readonly Piece[]
  /** @returns the rest. */
  readonly end: () => readonly Piece[]
  readonly findings: () => readonly Finding[]
  /** `blocked`: the policy ends the answer here; nothing more comes. */
  readonly state: () => 'open' | 'blocked'
}

/** For a text that has to be JSON, and stay it. */
export interface JsonRedactor {
  /** @throws Fault `ENGINE_BUG` when it is not JSON. */
  readonly push: (text: string) => readonly Piece[]
  readonly end: () => readonly Piece[]
  readonly findings: () => readonly Finding[]
  /** `blocked`: a mask would break the schema, or the policy ends the answer; nothing more comes. */
  readonly state: () => 'open' | 'whole' | 'blocked'
}

/** The guard of one answer: what its choices share is shared here. */
export interface AnswerGuard {
  readonly redactor: () => Redactor
  /** @param schema - What a mask must not break; null: JSON of any kind. */
  readonly jsonRedactor: (schema: object | boolean | null) => JsonRedactor
}

/** How a prompt is put together: what stands above a client's words, and around those of others. */
export interface Placing {
  /** The operator's system prompt, as the model reads it; null: there is none. */
  readonly operator: string | null
  readonly documents: 'delimit' | 'datamark' | 'plain'
  readonly clientSystem: 'allow' | 'demote' | 'refuse'
  /** Of a request: letters and digits that nobody can guess. */
  readonly marker: (requestId: string) => string
}

/** The guard of one client. */
export interface GuardPort {
  readonly placing: Placing
  readonly inspect: <G extends Guarded>(texts: readonly G[]) => Inspection<G>
  /** @param ownTexts - What the client has sent in this request. */
  readonly answer: (ownTexts: readonly string[]) => AnswerGuard
}

/**
 * @param profile - As the client's row in clients.json names it; null: the operator's default.
 * @throws Fault `GUARD_SETTINGS` when the configuration has none of this name any more.
 */
export type Guards = (profile: string | null) => GuardPort
