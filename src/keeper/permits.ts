/**
 * Who may say what to the keeper, how often, and why: one table.
 *
 * A connection is known by the socket it came in on. What its row does not allow closes it
 * (`WIRE_BROKEN`) and goes into the record as `wire.refused`. What the table does not judge:
 * malformed frames (wire/codec.ts refuses them before) and whether a key fits.
 *
 * Pure.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { NameFrom } from '../wire/connection.ts'
import type { Event } from '../wire/frames.ts'

export type SocketKind = 'gateway' | 'engine' | 'cli'

/** A socket by its listener's name: `gateway`, `cli`, or `engine-NAME` with the model it is bound to. */
export interface SocketName {
  readonly kind: SocketKind
  /** For engines. */
  readonly model: string | null
}

interface EventPermit {
  /** Types that start so, or are so when no point ends them. */
  readonly types: readonly string[]
  /** Whose model an event may name. */
  readonly models: 'any' | 'its own'
  readonly reason: string
}

interface FramePermit {
  /** On one connection; null: as many as it likes. */
  readonly most: number | null
  /** Taken but not answered yet. */
  readonly mostAtOnce: number
  readonly event?: EventPermit
  readonly reason: string
}

export const FRAME_PERMITS: {
  readonly [K in SocketKind]: Readonly<Record<NameFrom<K, 'keeper'>, FramePermit>>
} = {
  gateway: {
    'audit.append': {
      most: null,
      mostAtOnce: 8192,
      event: {
        types: ['request.', 'client.', 'gateway.', 'engine.', 'wire.refused', 'audit.resumed'],
        models: 'any',
        reason:
          'What it sees: requests, refused callers, itself, engines that come and go or break the rules.',
      },
      reason: 'Every request is an event; nothing else of the keeper is for the gateway.',
    },
  },
  engine: {
    'key.request': {
      most: 1,
      mostAtOnce: 1,
      reason:
        'One load, one key, of what its socket is bound to, whatever it says. An engine with an adapter comes in on two sockets.',
    },
    'engine.event': {
      most: 64,
      mostAtOnce: 8,
      event: {
        types: ['engine.'],
        models: 'its own',
        reason:
          'It reads a stranger’s model: it speaks of itself, or of itself with an adapter, and cannot flood the record.',
      },
      reason: 'What the load found. A load says a handful of things.',
    },
  },
  cli: {
    'slot.add': {
      most: 64,
      mostAtOnce: 4,
      reason: 'Only into folders right under state/models: judged by slot-folder-file.ts.',
    },
    'store.unlock': {
      most: 5,
      mostAtOnce: 1,
      reason: 'A person mistypes; a program that guesses pays Argon2id and a connection each time.',
    },
    'cli.event': {
      most: 4096,
      mostAtOnce: 64,
      event: {
        types: ['model.', 'client.', 'config.', 'serve.', 'process.died', 'audit.'],
        models: 'any',
        reason: 'Acts of the operator, and what the supervisor sees of its processes.',
      },
      reason: 'The operator’s acts belong into the record.',
    },
    'keeper.ask': {
      most: 4096,
      mostAtOnce: 8,
      reason: 'Names of layers and of the store: nothing secret.',
    },
  },
}

interface SocketPermit {
  /** At the same time. */
  readonly connections: number
  /** Who may connect, by the uid that the kernel tells. */
  readonly uids: 'own or root'
  readonly reason: string
}

export const SOCKET_PERMITS: Readonly<Record<SocketKind, SocketPermit>> = {
  gateway: {
    connections: 2,
    uids: 'own or root',
    reason: 'One gateway; a second only for the moment in which it reconnects.',
  },
  engine: {
    connections: 18,
    uids: 'own or root',
    reason:
      'One engine for the model and one for each of at most eight adapters, all loading at once; twice, for the moment of a restart.',
  },
  cli: {
    connections: 16,
    uids: 'own or root',
    reason: 'The supervisor, and commands beside it.',
  },
}

export type Rule =
  | 'malformed-frame'
  | 'too-many-frames'
  | 'too-many-at-once'
  | 'event-type'
  | 'event-model'
  | 'id-order'
  | 'folder-outside'
  | 'reads-too-slowly'
  | 'too-many-connections'
  | 'foreign-uid'
  | 'no-credentials'

/** A rule of these tables was broken; the connection ends. */
export class BrokenRule extends Fault {
  readonly rule: Rule

  constructor(rule: Rule, message: string) {
    super('WIRE_BROKEN', message)
    this.rule = rule
  }
}

/** What one connection has said so far, by frame. */
export interface Tally {
  readonly said: number
  readonly waiting: number
}

/** @returns The broken rule, or null. The tally is of the time before this frame. */
export function judgeFrame(
  socket: SocketName,
  name: NameFrom<SocketKind, 'keeper'>,
  tally: Tally,
): Rule | null {
  const rows: Partial<Record<string, FramePermit>> = FRAME_PERMITS[socket.kind]
  const permit = rows[name]
  if (permit === undefined) return 'malformed-frame'
  if (permit.most !== null && tally.said >= permit.most) return 'too-many-frames'
  return tally.waiting >= permit.mostAtOnce ? 'too-many-at-once' : null
}

/** @returns The broken rule, or null. */
export function judgeEvent(
  socket: SocketName,
  name: NameFrom<SocketKind, 'keeper'>,
  { type, model }: Event,
): Rule | null {
  const rows: Partial<Record<string, FramePermit>> = FRAME_PERMITS[socket.kind]
  const permit = rows[name]?.event
  if (permit === undefined) return 'event-type'
  const isAllowed = permit.types.some((allowed) =>
    allowed.endsWith('.') ? type.startsWith(allowed) : type === allowed,
  )
  if (!isAllowed) return 'event-type'
  const isOwn = model === undefined || model.split(':')[0] === socket.model
  return permit.models === 'any' || isOwn ? null : 'event-model'
}

/** @returns The broken rule, or null. */
export function judgePeer(
  socket: SocketName,
  peer: { readonly uid: number; readonly openConnections: number },
  ownUid: number,
): Rule | null {
  const permit = SOCKET_PERMITS[socket.kind]
  if (peer.uid !== ownUid && peer.uid !== 0) return 'foreign-uid'
  return peer.openConnections >= permit.connections ? 'too-many-connections' : null
}

/** Null for a name that no socket of the keeper has. */
export function parseSocketName(name: string): SocketName | null {
  if (name === 'gateway' || name === 'cli') return { kind: name, model: null }
  const model = /^engine-([a-z0-9][a-z0-9._-]{0,63})$/.exec(name)?.[1]
  return model === undefined ? null : { kind: 'engine', model }
}
