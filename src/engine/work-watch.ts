/**
 * When an engine has work, when it has none, and when it has had none for so long that it ends.
 *
 * Pure: no clock, no sockets.
 *
 * @packageDocumentation
 */
import type { Work } from './server.ts'

export interface WorkNews {
  /** Jobs running now, when that is news: they began or ended, or came and went in between. */
  readonly tell: number | null
  readonly end: 'idle' | 'asked' | null
}

export interface WorkWatchOptions {
  /** 0: never. */
  readonly idleMs: number
  readonly nowMs: number
}

export class WorkWatch {
  readonly #idleMs: number
  #lastWorkMs: number
  #wasRunning = false
  #started = 0
  #asked = false

  constructor({ idleMs, nowMs }: WorkWatchOptions) {
    this.#idleMs = idleMs
    this.#lastWorkMs = nowMs
  }

  /** From now on no job is taken, and the end comes with the last one. */
  askToEnd(): void {
    this.#asked = true
  }

  get isEnding(): boolean {
    return this.#asked
  }

  /** To be called at short, regular times. What it says to end has no job, and nothing unread. */
  look({ running, started, pendingBytes }: Work, nowMs: number): WorkNews {
    const isRunning = running > 0
    const isNews = isRunning !== this.#wasRunning || started !== this.#started
    if (isRunning || isNews) this.#lastWorkMs = nowMs
    this.#wasRunning = isRunning
    this.#started = started
    const tell = isNews ? running : null
    if (isRunning || pendingBytes > 0) return { tell, end: null }
    if (this.#asked) return { tell, end: 'asked' }
    const isIdle = this.#idleMs > 0 && nowMs - this.#lastWorkMs >= this.#idleMs
    return { tell, end: isIdle ? 'idle' : null }
  }
}
