/**
 * The two places where the guard stands in a request's way, as the gateway needs them. main.ts
 * binds them to src/guard and the operator's policy.
 *
 * @packageDocumentation
 */
import type { ChatMessage } from './chat/messages.ts'

export interface Finding {
  /** As `input.invisible`; goes to the client's header and to the record. */
  readonly code: string
  readonly count: number
}

export interface Inspection {
  readonly verdict: 'allow' | 'flag' | 'refuse'
  /** What the engine gets: normalised, and with invisible text stripped. */
  readonly messages: readonly ChatMessage[]
  readonly findings: readonly Finding[]
}

export interface Redactor {
  /** @returns what may be sent now; the rest is held back until it can be judged. */
  push(text: string, tokenChars?: readonly number[]): string
  end(): string
  findings(): readonly Finding[]
}

export interface GuardPort {
  readonly inspect: (messages: readonly ChatMessage[]) => Inspection
  readonly redactor: () => Redactor
}
