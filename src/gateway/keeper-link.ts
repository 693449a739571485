/**
 * The link to the keeper: events for the record, each answered when it is on disk.
 *
 * What it gives: `append`, for what must be durable before a client sees anything; `record`, for
 * what must be said but need not be waited for, and is kept here until the keeper has it. After a
 * lost connection a recorded event may be said twice; the request id in it tells.
 * What it does not give: the record itself; this process cannot write it.
 *
 * @packageDocumentation
 */
import { connect } from 'node:net'
import { Fault } from '../errors.ts'
import { Connection } from '../wire/connection.ts'
import type { BodyOf, Event, FrameFrom } from '../wire/frames.ts'
import { Redial, type RedialTiming } from './redial.ts'

export type KeeperReady = BodyOf<'keeper.ready'>
export type AuditState = 'ok' | 'away' | 'refusing'

/** What the rest of the gateway needs of the keeper. */
export interface Recorder {
  readonly state: AuditState
  /**
   * Resolves when the event is durable.
   *
   * @throws Fault `KEEPER_UNAVAILABLE` or `AUDIT_UNAVAILABLE`.
   */
  append(event: Event): Promise<void>
  /** Sent now, or as soon as the keeper takes it. */
  record(event: Event): void
}

/** Nothing is loaded, started or recorded that cannot be answered. @throws Fault `KEEPER_UNAVAILABLE`. */
export function assertRecording({ state }: Pick<Recorder, 'state'>): void {
  if (state !== 'away') return
  throw new Fault('KEEPER_UNAVAILABLE', 'the record is away, so nothing may be answered')
}

export interface KeeperLinkOptions {
  readonly path: string
  readonly timing?: RedialTiming
  /** How long an event may wait to become durable. */
  readonly ackTimeoutMs?: number
  /** While the keeper refuses, one event is tried this often. */
  readonly retryMs?: number
  readonly onReady?: (ready: KeeperReady) => void
  /** The keeper says so itself; `state` also follows the answers to events. */
  readonly onHealth?: (auditHealthy: boolean) => void
  readonly onLost?: (refused: Fault | undefined) => void
  /** An event was given up because too many wait: a bug, or a keeper away for long. */
  readonly onDropped?: (type: string) => void
}

const MAX_BACKLOG = 4096

interface Session {
  readonly connection: Connection<'gateway', 'keeper'>
  /** By event id: what to do with the keeper's answer. */
  readonly pending: Map<number, (fault: Fault | undefined) => void>
  ready: KeeperReady | undefined
  readyAtMs: number
  lastId: number
}

export class KeeperLink implements Recorder {
  readonly #options: KeeperLinkOptions
  readonly #redial: Redial
  #session: Session | undefined
  #refusing = false
  #retry: NodeJS.Timeout | undefined
  #backlog: Event[] = []
  /** Recorded events that were sent and not answered yet. */
  #unanswered = 0

  constructor(options: KeeperLinkOptions) {
    this.#options = options
    this.#redial = new Redial(() => {
      this.open()
    }, options.timing)
  }

  get ready(): KeeperReady | undefined {
    return this.#session?.ready
  }

  get state(): AuditState {
    if (this.ready === undefined) return 'away'
    return this.#refusing ? 'refusing' : 'ok'
  }

  open(): void {
    const connection: Session['connection'] = new Connection(
      connect(this.#options.path),
      { own: 'gateway', other: 'keeper' },
      {
        onFrame: (frame) => {
          this.#onFrame(session, frame)
        },
        onClose: (fault) => {
          this.#onClose(session, fault)
        },
      },
    )
    const pending: Session['pending'] = new Map()
    const session: Session = { connection, pending, ready: undefined, readyAtMs: 0, lastId: 0 }
    this.#session = session
  }

  /** Waits up to `maxMs` for the events that are still to be answered, then ends. */
  async close(maxMs: number): Promise<void> {
    const until = performance.now() + maxMs
    while (this.#backlog.length + this.#unanswered > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    this.#redial.stop()
    clearTimeout(this.#retry)
    const session = this.#session
    this.#session = undefined
    session?.connection.end()
  }

  async append(event: Event): Promise<void> {
    const kept = this.#send(event)
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      reject(new Fault('AUDIT_UNAVAILABLE', 'the record did not take the event in time'))
    }, this.#options.ackTimeoutMs ?? 15_000)
    // The one that loses the race may still reject.
    kept.catch(() => undefined)
    try {
      await Promise.race([kept, late])
    } finally {
      clearTimeout(timer)
    }
  }

  record(event: Event): void {
    this.#unanswered++
    this.#send(event)
      .catch(() => {
        this.#keepForLater(event)
      })
      .finally(() => this.#unanswered--)
  }

  #keepForLater(event: Event): void {
    if (this.#backlog.length < MAX_BACKLOG) this.#backlog.push(event)
    else this.#options.onDropped?.(event.type)
  }

  #send(event: Event): Promise<void> {
    const session = this.#session
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    if (session?.ready === undefined) {
      reject(new Fault('KEEPER_UNAVAILABLE', 'the record is away, so nothing may be answered'))
      return promise
    }
    const id = ++session.lastId
    session.pending.set(id, (fault) => {
      if (fault === undefined) resolve(undefined)
      else reject(fault)
    })
    session.connection.send('audit.append', { id, event })
    return promise
  }

  #onFrame(session: Session, frame: FrameFrom<'keeper', 'gateway'>): void {
    if (frame.name === 'keeper.ready') {
      this.#onReady(session, frame.body)
      return
    }
    const answer = session.pending.get(frame.body.id)
    if (answer === undefined) {
      throw new Fault('WIRE_BROKEN', `${frame.name} for an event that was not sent`)
    }
    session.pending.delete(frame.body.id)
    if (frame.name === 'audit.kept') {
      this.#recovered()
      answer(undefined)
    } else {
      this.#refused()
      answer(new Fault('AUDIT_UNAVAILABLE', 'the record could not be written'))
    }
  }

  /** Comes first, and again whenever the health of the record changes. */
  #onReady(session: Session, ready: KeeperReady): void {
    const before = session.ready
    session.ready = ready
    if (before === undefined) {
      session.readyAtMs = performance.now()
      this.#options.onReady?.(ready)
    } else if (before.auditHealthy !== ready.auditHealthy) {
      this.#options.onHealth?.(ready.auditHealthy)
    }
    if (!ready.auditHealthy) {
      this.#refused()
      return
    }
    this.#refusing = false
    this.#sendBacklog()
  }

  #refused(): void {
    this.#refusing = true
    if (this.#retry !== undefined) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      if (this.#refusing && this.ready !== undefined) this.#tryOne()
    }, this.#options.retryMs ?? 2000)
  }

  /** One event finds out whether the record is taken again; the rest follow when it is. */
  #tryOne(): void {
    this.record(this.#backlog.shift() ?? { type: 'audit.resumed' })
  }

  #recovered(): void {
    if (!this.#refusing) return
    this.#refusing = false
    this.#sendBacklog()
  }

  #sendBacklog(): void {
    const events = this.#backlog
    this.#backlog = []
    for (const event of events) this.record(event)
  }

  #onClose(session: Session, refused: Fault | undefined): void {
    const lost = new Fault('AUDIT_UNAVAILABLE', 'the record was lost before the event was kept')
    for (const answer of session.pending.values()) answer(lost)
    session.pending.clear()
    if (this.#session !== session) return
    this.#session = undefined
    if (session.ready !== undefined || refused !== undefined) this.#options.onLost?.(refused)
    this.#redial.after(session.ready === undefined ? 0 : performance.now() - session.readyAtMs)
  }
}
