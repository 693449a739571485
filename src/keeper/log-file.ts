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
import type { Actor, AuditEvent } from '../audit/record.ts'
import { verifyLog, type LogVerdict } from '../audit/verify.ts'
import { Fault } from '../errors.ts'
import { errnoOf, type AppendFile, type LogPlace } from './append-file.ts'
import { buildGroup, type Durable, type Waiting } from './log-group.ts'

export interface LogOptions {
  /** How long a group waits for more, in milliseconds; 0 writes at once. */
  readonly commitDelayMs: number
  /** How often an unhealthy log is tried without an event. */
  readonly retryMs: number
  readonly now: () => Date
}

const DEFAULTS: LogOptions = {
  commitDelayMs: 0,
  retryMs: 1000,
  now: () => new Date(),
}

/** Records of one group: bounds the memory of a write and the time until its fsync. */
const MAX_GROUP = 256
/** Events that wait; more are refused, because a queue without end is memory without end. */
const MAX_WAITING = 8192
const MAX_NOTES = 1024

export class LogFile {
  readonly #place: LogPlace
  readonly #options: LogOptions
  #durable: Durable
  #file: AppendFile | null = null
  #queue: Waiting[] = []
  #pumping: Promise<void> | null = null
  #retry: NodeJS.Timeout | undefined
  #healthy = false
  readonly #watchers: ((healthy: boolean) => void)[] = []
  #stopped = false
  /** Set from a failure on until a record says that the log goes on. */
  #interrupted: { refusedEvents: number; cause: Fault } | null = null

  private constructor(place: LogPlace, verdict: LogVerdict, options: LogOptions) {
    this.#place = place
    this.#options = options
    const { goodBytes: bytes, records, head } = verdict
    this.#durable = { bytes, records, head: Buffer.from(head, 'hex'), lastLine: null }
  }

  /**
   * Reads the whole log and checks its chain; a torn last line is cut and becomes a record
   * `audit.recovered` with its size and SHA-256, written before the first event. A disk that is
   * full is no reason to throw.
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
    await log.#tryOpening()
    return log
  }

  /** Whether the last try to write succeeded; false before the first. */
  get healthy(): boolean {
    return this.#healthy
  }

  /** Calls `watch` at each change of `healthy`, before the events concerned are answered. */
  watchHealth(watch: (healthy: boolean) => void): void {
    this.#watchers.push(watch)
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
    if (this.#stopped || this.#queue.length >= MAX_NOTES) return
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

  async #tryOpening(): Promise<void> {
    try {
      this.#file = await this.#reopen()
    } catch (thrown) {
      if (faultOf(thrown).code !== 'AUDIT_UNAVAILABLE') throw thrown
    }
  }

  #noteOf(event: AuditEvent, actor: Actor): Waiting {
    return { event, actor, time: this.#options.now() }
  }

  #pump(): Promise<void> {
    this.#pumping ??= this.#run()
    return this.#pumping
  }

  async #run(): Promise<void> {
    clearTimeout(this.#retry)
    try {
      do {
        // At least one turn: what is said in the same turn shares a group.
        await delay(this.#options.commitDelayMs)
        const group = this.#queue.splice(0, MAX_GROUP)
        const failure = await this.#commit(group)
        if (failure !== null) this.#refuse(group, failure)
      } while (this.#healthy && this.#queue.length > 0)
    } finally {
      this.#pumping = null
    }
    if (!this.#healthy && !this.#stopped) this.#retryLater()
  }

  /** Null when the group is durable and answered. */
  async #commit(waiting: readonly Waiting[]): Promise<Fault | null> {
    const group = buildGroup(this.#durable, [...this.#resumeNote(), ...waiting])
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
    this.#setHealthy(true)
    for (const { waiting: answered, seq } of group.taken) answered.settle?.resolve(seq)
    return null
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

  /** Refuses all that wait, not the group alone: otherwise a full disk is asked in a circle. */
  #refuse(group: readonly Waiting[], fault: Fault): void {
    const all = [...group, ...this.#queue]
    const refused = all.filter(({ settle }) => settle !== undefined)
    this.#queue = all.filter(({ settle }) => settle === undefined)
    const before = this.#interrupted?.refusedEvents ?? 0
    this.#interrupted = { refusedEvents: before + refused.length, cause: fault }
    this.#setHealthy(false)
    for (const { settle } of refused) settle?.reject(fault)
  }

  #setHealthy(healthy: boolean): void {
    if (this.#healthy === healthy) return
    this.#healthy = healthy
    for (const watch of this.#watchers) watch(healthy)
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => void this.#pump(), this.#options.retryMs).unref()
  }
}

async function writeAll(file: AppendFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const taken = await file.write(bytes.subarray(at))
    if (taken < 1) throw new Fault('AUDIT_UNAVAILABLE', 'the audit log takes no byte')
    at += taken
  }
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

/** 0 is one turn of the event loop, not the whole millisecond of a timer. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms === 0) setImmediate(resolve)
    else setTimeout(resolve, ms)
  })
}
