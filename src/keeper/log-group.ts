/**
 * A group of events that share one write and one fsync, and the records they become.
 *
 * Pure: the state of the log goes in, bytes and the state after them come out.
 *
 * @packageDocumentation
 */
import { makeRecord, type Actor, type AuditEvent } from '../audit/record.ts'
import { Fault, reasonOf } from '../errors.ts'

export interface Waiting {
  readonly event: AuditEvent
  readonly actor: Actor
  readonly time: Date
  /** Absent for a note, which is kept until it is durable. */
  readonly settle?: { resolve: (seq: number) => void; reject: (fault: Fault) => void }
}

/** The end of the log as fsync has confirmed it. */
export interface Durable {
  readonly bytes: number
  readonly records: number
  readonly head: Uint8Array
  /** The last line, when this process wrote it. */
  readonly lastLine: Buffer | null
}

export interface Group {
  readonly bytes: Buffer
  readonly after: Durable
  /** In the order of their records. */
  readonly taken: readonly { readonly waiting: Waiting; readonly seq: number }[]
}

/** Events that no line can hold are refused at once (`WIRE_BROKEN`) and take no seq. */
export function buildGroup(durable: Durable, waiting: readonly Waiting[]): Group {
  const lines: Buffer[] = []
  const taken: { waiting: Waiting; seq: number }[] = []
  let { head, lastLine } = durable
  for (const item of waiting) {
    const seq = durable.records + lines.length
    const made = tryRecord(item, seq, head)
    if (made === null) continue
    lines.push(made.line)
    taken.push({ waiting: item, seq })
    head = made.link
    lastLine = made.line
  }
  const bytes = Buffer.concat(lines)
  const after = {
    bytes: durable.bytes + bytes.length,
    records: durable.records + lines.length,
    head,
    lastLine,
  }
  return { bytes, after, taken }
}

/** Null after refusing the event; a note of our own that is too long is a bug and rises. */
function tryRecord(item: Waiting, seq: number, previousLink: Uint8Array) {
  const { event, actor, time, settle } = item
  try {
    return makeRecord(event, { seq, time, actor, previousLink })
  } catch (cause) {
    if (settle === undefined) throw cause
    settle.reject(new Fault('WIRE_BROKEN', `not a record: ${reasonOf(cause)}`, { cause }))
    return null
  }
}
