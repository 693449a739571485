/**
 * Progress bars, for people only: nothing is drawn when stderr is not a terminal.
 *
 * @packageDocumentation
 */
import type { Terminal } from './terminal.ts'

const WIDTH = 28
const REDRAW_MS = 100
const CLEAR_LINE = '\r\u001b[K'
const MEGABYTE = 1_000_000

export interface Progress {
  readonly show: (done: number) => void
  /** Leaves the last state on the screen; more calls do nothing. */
  readonly end: () => void
}

/** Pure: `download  [#######.....]  42 %  39 of 93 MB`. */
export function renderProgress(label: string, doneBytes: number, totalBytes: number): string {
  const share = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1
  const filled = Math.floor(share * WIDTH)
  const bar = '#'.repeat(filled).padEnd(WIDTH, '.')
  const percent = String(Math.floor(share * 100)).padStart(3)
  const [done, total] = [doneBytes, totalBytes].map((bytes) => (bytes / MEGABYTE).toFixed(0))
  return `${label.padEnd(10)} [${bar}] ${percent} %  ${done ?? ''} of ${total ?? ''} MB`
}

export function createProgress(terminal: Terminal, label: string, totalBytes: number): Progress {
  let state: 'fresh' | 'drawn' | 'ended' = 'fresh'
  let drawnAtMs = -Infinity
  let doneBytes = 0
  const draw = () => {
    terminal.draw(`${CLEAR_LINE}${renderProgress(label, doneBytes, totalBytes)}`)
  }
  return {
    show: (done) => {
      doneBytes = done
      const nowMs = performance.now()
      if (!terminal.interactive || state === 'ended' || nowMs - drawnAtMs < REDRAW_MS) return
      state = 'drawn'
      drawnAtMs = nowMs
      draw()
    },
    end: () => {
      if (state === 'drawn') {
        draw()
        terminal.draw('\n')
      }
      state = 'ended'
    },
  }
}

/** For work without a measure: seconds that pass. */
export function createClock(terminal: Terminal, label: string): { readonly end: () => void } {
  if (!terminal.interactive) return { end: () => undefined }
  const startMs = performance.now()
  const timer = setInterval(() => {
    const seconds = Math.floor((performance.now() - startMs) / 1000)
    terminal.draw(`${CLEAR_LINE}${label.padEnd(10)} ${seconds} s`)
  }, 500)
  return {
    end: () => {
      clearInterval(timer)
      terminal.draw(CLEAR_LINE)
    },
  }
}
