/**
 * One record of the audit log: its fields, and the line it becomes.
 *
 * A line is the canonical JSON of the record and a newline. `link` is the hash over the canonical
 * JSON of the record without `link`. Records carry codes, counts and hashes, never content: no
 * prompt, no answer, no key, no path.
 *
 * Pure. Format: docs/spec/audit-log.md.
 *
 * @packageDocumentation
 */
import { canonicalize } from './canonical.ts'
import { nextLink } from './chain.ts'

/** What a process found out about one layer of its confinement. */
export interface RecordedLayer {
  readonly layer: string
  readonly state: 'enforced' | 'partly' | 'absent'
  readonly detail: string
}

/** What is said; the rest of a record is added by the one who keeps the log. */
export interface AuditEvent {
  /** Two or three words with points between: `request.accepted`, `audit.recovered`. */
  readonly type: string
  /** Our own request id, never the caller's. */
  readonly request?: string | undefined
  readonly client?: string | undefined
  readonly model?: string | undefined
  readonly codes?: readonly string[] | undefined
  /** Counts, sizes and milliseconds, each with its unit in its name. */
  readonly counts?: Readonly<Record<string, number>> | undefined
  /** SHA-256 in hex, by what was hashed. */
  readonly hashes?: Readonly<Record<string, string>> | undefined
  readonly layers?: readonly RecordedLayer[] | undefined
}

/** Who said it, known by the socket it came in on. */
export type Actor = 'gateway' | 'keeper' | 'cli' | `engine:${string}`

export interface AuditRecord extends AuditEvent {
  readonly v: 1
  /** 0 for the first record of a log, then one more for each. */
  readonly seq: number
  /** RFC 3339 with milliseconds, UTC. When the event reached the keeper. */
  readonly time: string
  readonly actor: Actor
  /** Link of the record before, in hex; 64 zeros for the first. */
  readonly previous: string
  readonly link: string
}

export interface RecordPlace {
  readonly seq: number
  readonly time: Date
  readonly actor: Actor
  readonly previousLink: Uint8Array
}

/** No line is longer, newline included. A reader may refuse a longer one. */
export const MAX_LINE_BYTES = 65_536

/**
 * @returns The line with its newline, and the record's link.
 * @throws TypeError when the event cannot be said in JSON; RangeError when the line is too long.
 */
export function makeRecord(
  event: AuditEvent,
  place: RecordPlace,
): { readonly line: Buffer; readonly link: Buffer } {
  const body = {
    ...event,
    v: 1,
    seq: place.seq,
    time: place.time.toISOString(),
    actor: place.actor,
    previous: Buffer.from(place.previousLink).toString('hex'),
  }
  const link = nextLink(place.previousLink, Buffer.from(canonicalize(body)))
  const line = Buffer.from(`${canonicalize({ ...body, link: link.toString('hex') })}\n`)
  if (line.length > MAX_LINE_BYTES) {
    throw new RangeError(`a record of ${line.length} bytes, ${MAX_LINE_BYTES} are allowed`)
  }
  return { line, link }
}
