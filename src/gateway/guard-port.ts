/**
 * The two places where the guard stands in a request's way, as the gateway needs them. main.ts
 * binds them to src/guard and the operator's policy.
 *
 * @packageDocumentation
 */
export interface Finding {
  /** As `input.invisible`; goes to the client's header and to the record. */
  readonly code: string
  readonly count: number
}

/** Something a stranger wrote that the model, or the grammar's compiler, will read. */
export interface Guarded {
  readonly content: string
  /** `json`: the text of a JSON value, in which only what strings say is looked at and changed. */
  readonly form?: 'text' | 'json'
}

export interface Inspection<G extends Guarded> {
  readonly verdict: 'allow' | 'flag' | 'refuse'
  /** What the engine gets: normalised, and with invisible text stripped. In the order given. */
  readonly messages: readonly G[]
  readonly findings: readonly Finding[]
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
}

/** For a text that has to be JSON, and stay it. */
export interface JsonRedactor {
  /** @throws Fault `ENGINE_BUG` when it is not JSON. */
  readonly push: (text: string) => readonly Piece[]
  readonly end: () => readonly Piece[]
  readonly findings: () => readonly Finding[]
  /** `blocked`: a mask would break the schema; nothing more comes. */
  readonly state: () => 'open' | 'whole' | 'blocked'
}

export interface GuardPort {
  readonly inspect: <G extends Guarded>(texts: readonly G[]) => Inspection<G>
  readonly redactor: () => Redactor
  /** @param schema - What a mask must not break; null: JSON of any kind. */
  readonly jsonRedactor: (schema: object | boolean | null) => JsonRedactor
}
