/**
 * What the sessions of the keeper share.
 *
 * @packageDocumentation
 */
import type { Actor } from '../audit/record.ts'
import { Fault } from '../errors.ts'
import type { LayerState } from '../wire/frames.ts'
import type { LogFile } from './log-file.ts'
import type { SocketName } from './permits.ts'
import type { KeyStore } from './stores/key-store.ts'

export interface Keeper {
  readonly log: LogFile
  readonly store: KeyStore
  readonly layers: readonly LayerState[]
  /** `state/models`. */
  readonly modelsPath: string
  /** Model name → the sealed-model folder that its engine's socket is bound to. */
  readonly modelFolders: ReadonlyMap<string, string>
}

/** A connection that was accepted. */
export interface Session {
  /** Tells the peer anew what changed in the keeper, if the wire has a frame for it. */
  announce(): void
  /** Ends the connection. */
  close(): void
}

/** Called once; the fault is set when the peer broke a rule. */
export type OnClose = (fault: Fault | undefined) => void

export function actorOf({ kind, model }: SocketName): Actor {
  return kind === 'engine' ? `engine:${model ?? '?'}` : kind
}

/** Even if each had to be escaped, they fit a frame. */
const MAX_MESSAGE = 300

/** What a peer is told of a failure: our own faults; anything else is a bug and rises. */
export function refusalOf(thrown: unknown): { code: string; message: string } {
  if (!(thrown instanceof Fault)) throw thrown
  return { code: thrown.code, message: thrown.message.slice(0, MAX_MESSAGE) }
}
