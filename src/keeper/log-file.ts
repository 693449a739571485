/**
 * The audit log as its keeper drives it: appends in order, each acknowledged after its fsync.
 *
 * Group commit: what arrives while an fsync runs shares the next one. Every failure takes one way:
 * the group's events are refused, the descriptor is thrown away (what an fsync failed on may be
 * lost though a later fsync succeeds), and the next try opens the file anew, cuts it to the last
 * durable length, looks at the last durable record again and only then writes.
 *
 *     failure                      events          then
 *     write fails, or takes a part refused         cut back; tried with the next event or timer
 *     fsync fails                  refused         opened anew, cut back; the same
 *     cutting back fails           refused         stays unhealthy; tried again
 *     the file is shorter, changed refused         stays unhealthy: `AUDIT_CHAIN_BROKEN`
 *     killed at any point          not answered    a torn last line is cut at the next start
 *
 * What it gives: no acknowledged record is ever lost or out of order. What it does not give: that a
 * refused event is in no copy of the file: it may stand there until it is cut off.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { FIRST_LINK } from '../audit/chain.ts'
import { makeRecord, type Actor, type AuditEvent } from '../audit/record.ts'
import { verifyLog, type LogVerdict } from '../audit/verify.ts'
import { Fault, reasonOf } from '../errors.ts'
import { errnoOf, type AppendFile, type LogPlace } from './append-file.ts'

export interface LogOptions {
  /** How long a group waits for more, in milliseconds; 0 writes at once. */
  readonly commitDelayMs: number
  /** How often an unhealthy log is tried without an event. */
  readonly retryMs: number
  readonly now: () => Date
  readonly onHealth: (healthy: boolean) => void
}

const DEFAULTS: LogOptions = {
  commitDelayMs: 0,
  retryMs: 1000,
  now: () => new Date(),
  onHealth: () => undefined,
}

/** Records of one group: bounds the memory of a write and the time until its fsync. */
const MAX_GROUP = 256
/** Events that wait; more are refused, because a queue without end is memory without end. */
const MAX_WAITING = 8192

interface Waiting {
  readonly event: AuditEvent
  readonly actor: Actor
  readonly time: Date
  /** Absent for a note, which is kept until it is durable. */
  readonly settle?: { resolve: (seq: number) => void; reject: (fault: Fault) => void }
}

interface Durable {
  readonly bytes: number
  readonly records: number
  readonly head: Uint8Array
  /** The last line, when this process wrote it. */
  readonly lastLine: Buffer | null
}

interface Group {
  readonly bytes: Buffer
  readonly after: Durable
  readonly taken: readonly { readonly waiting: Waiting; readonly seq: number }[]
}

export class LogFile {
  readonly #place: LogPlace
  readonly #options: LogOptions
  #durable: Durable
  #file: AppendFile | null = null
  #queue: Waiting[] = []
  #pumping: Promise<void> | null = null
  #retry: NodeJS.Timeout | undefined
  #healthy = false
  #stopped = false
  /** Set from a failure on until a record says that the log goes on. */
  #interrupted: { refusedEvents: number; cause: Fault } | null = null

  private constructor(place: LogPlace, verdict: LogVerdict, options: LogOptions) {
    this.#place = place
    this.#options = options
    const head = Buffer.from(verdict.head, 'hex')
    const { goodBytes: bytes, records } = verdict
    this.#durable = { bytes, records, head: records === 0 ? FIRST_LINK : head, lastLine: null }
  }

  /**
   * Reads the whole log and checks its chain; a torn last line is cut and becomes a record
   * `audit.recovered` with its size and SHA-256. Writes nothing before the first event.
   *
   * @throws Fault `AUDIT_CHAIN_BROKEN` with the first bad line; `STATE_UNSAFE`.
   */
  static async open(place: LogPlace, options: Partial<LogOptions> = {}): Promise<LogFile> {
    const verdict = await verifyLog(place.readAll())
    if (!verdict.ok) {
      const { line, why } = verdict.firstBad
      throw new Fault('AUDIT_CHAIN_BROKEN', `line ${line} of the audit log: ${why}`)
    }
    const log = new LogFile(place, verdict, { ...DEFAULTS, ...options })
    if (verdict.tornSha256 !== null) {
      const counts = { tornBytes: verdict.tornLastLineBytes }
      const hashes = { torn: verdict.tornSha256 }
      log.#queue.push(log.#noteOf({ type: 'audit.recovered', counts, hashes }, 'keeper'))
    }
    return log
  }

  /** Whether the last try to write succeeded; false before the first. */
  get healthy(): boolean {
    return this.#healthy
  }

  /** Records that are durable. */
  get records(): number {
    return this.#durable.records
  }

  /**
   * Appends one event.
   *
   * @returns Its seq, once fsync has returned.
   * @throws Fault `AUDIT_UNAVAILABLE` or `AUDIT_CHAIN_BROKEN`: it is not in the log; `WIRE_BROKEN`
   * when it is too long for a record.
   */
  append(event: AuditEvent, actor: Actor): Promise<number> {
    if (this.#stopped || this.#queue.length >= MAX_WAITING) {
      const why = this.#stopped ? 'the keeper is stopping' : `${MAX_WAITING} events are waiting`
      return Promise.reject(new Fault('AUDIT_UNAVAILABLE', why))
    }
    return new Promise((resolve, reject) => {
      const settle = { resolve, reject }
      this.#queue.push({ event, actor, time: this.#options.now(), settle })
      void this.#pump()
    })
  }

  /** Appends an event that nobody waits for: it is kept through failures until it is durable. */
  note(event: AuditEvent, actor: Actor): void {
    if (this.#stopped || this.#queue.length >= MAX_WAITING) return
    this.#queue.push(this.#noteOf(event, actor))
    void this.#pump()
  }

  /** Resolves when everything that waits was tried. */
  async flush(): Promise<void> {
    await (this.#pumping ?? (this.#queue.length > 0 ? this.#pump() : undefined))
  }

  /** One last try for what waits; takes nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.flush()
    clearTimeout(this.#retry)
    await this.#file?.close()
    this.#file = null
  }

  #noteOf(event: AuditEvent, actor: Actor): Waiting {
    return { event, actor, time: this.#options.now() }
  }

  #pump(): Promise<void> {
    this.#pumping ??= this.#run().finally(() => {
      this.#pumping = null
    })
    return this.#pumping
  }

  async #run(): Promise<void> {
    clearTimeout(this.#retry)
    do {
      if (this.#options.commitDelayMs > 0) await delay(this.#options.commitDelayMs)
      else await Promise.resolve()
      const group = this.#queue.splice(0, MAX_GROUP)
      const failure = await this.#commit(group)
      this.#setHealthy(failure === null)
      if (failure !== null) this.#refuse(group, failure)
      // Notes alone wait for the timer, or a full disk would be asked in a circle.
    } while (this.#queue.some(({ settle }) => this.#healthy || settle !== undefined))
    if (!this.#healthy && !this.#stopped) this.#retryLater()
  }

  /** Null when the group is durable and answered. */
  async #commit(waiting: readonly Waiting[]): Promise<Fault | null> {
    const group = this.#build(waiting)
    try {
      this.#file ??= await this.#reopen()
      await writeAll(this.#file, group.bytes)
      await this.#file.sync()
    } catch (thrown) {
      const file = this.#file
      this.#file = null
      await file?.close().catch(() => undefined)
      return faultOf(thrown)
    }
    this.#durable = group.after
    this.#interrupted = null
    for (const { waiting: answered, seq } of group.taken) answered.settle?.resolve(seq)
    return null
  }

  #build(waiting: readonly Waiting[]): Group {
    const lines: Buffer[] = []
    const taken: { waiting: Waiting; seq: number }[] = []
    let { head, lastLine } = this.#durable
    for (const item of [...this.#resumeNote(), ...waiting]) {
      const seq = this.#durable.records + lines.length
      const made = tryRecord(item, seq, head)
      if (made === null) continue
      lines.push(made.line)
      taken.push({ waiting: item, seq })
      head = made.link
      lastLine = made.line
    }
    const bytes = Buffer.concat(lines)
    const { bytes: before, records } = this.#durable
    const after = { bytes: before + bytes.length, records: records + lines.length, head, lastLine }
    return { bytes, after, taken }
  }

  /** The first record after an interruption says that there was one. */
  #resumeNote(): Waiting[] {
    if (this.#interrupted === null) return []
    const { refusedEvents, cause } = this.#interrupted
    const codes = [errnoOf(cause.cause) ?? cause.code]
    return [this.#noteOf({ type: 'audit.resumed', codes, counts: { refusedEvents } }, 'keeper')]
  }

  /** Opens the file anew and brings it to the last durable record. */
  async #reopen(): Promise<AppendFile> {
    const { bytes, lastLine } = this.#durable
    const file = await this.#place.open()
    try {
      const found = await file.sizeBytes()
      if (found < bytes) throw changed(`it has ${found} bytes, ${bytes} were durable`)
      if (found > bytes) await file.truncate(bytes)
      // Also makes durable what an earlier keeper wrote and did not live to sync.
      await file.sync()
      if (lastLine !== null) {
        const last = await file.read(bytes - lastLine.length, lastLine.length)
        if (!lastLine.equals(last)) throw changed('its last durable record is another one')
      }
      return file
    } catch (thrown) {
      await file.close().catch(() => undefined)
      throw thrown
    }
  }

  #refuse(group: readonly Waiting[], fault: Fault): void {
    const refused = group.filter(({ settle }) => settle !== undefined)
    const before = this.#interrupted?.refusedEvents ?? 0
    this.#interrupted = { refusedEvents: before + refused.length, cause: fault }
    this.#queue.unshift(...group.filter(({ settle }) => settle === undefined))
    for (const { settle } of refused) settle?.reject(fault)
  }

  #setHealthy(healthy: boolean): void {
    if (this.#healthy === healthy) return
    this.#healthy = healthy
    this.#options.onHealth(healthy)
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => void this.#pump(), this.#options.retryMs).unref()
  }
}

/** Null after refusing an event that no line can hold; a note of our own that is so is a bug. */
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

async function writeAll(file: AppendFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at))
}

function changed(how: string): Fault {
  return new Fault('AUDIT_CHAIN_BROKEN', `the audit log was changed while in use: ${how}`)
}

function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const why = errnoOf(thrown)
  if (why === null) throw thrown
  return new Fault('AUDIT_UNAVAILABLE', `the audit log takes no record: ${why}`, { cause: thrown })
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
