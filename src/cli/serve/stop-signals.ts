/**
 * Ctrl-C and its relatives.
 *
 * One keystroke can arrive several times: from the terminal, from npm, from the older Node that
 * started us. Signals close together count as one.
 *
 * @packageDocumentation
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const SAME_KEYSTROKE_MS = 500

export interface StopHandlers {
  readonly onFirst: () => void
  /** Whoever asked is out of patience. */
  readonly onSecond: () => void
}

/** Pure but for its memory: tells what a signal at a time means. */
export function createSignalReader(): (nowMs: number) => 'first' | 'second' | 'same' {
  let lastMs: number | undefined
  return (nowMs) => {
    if (lastMs === undefined) {
      lastMs = nowMs
      return 'first'
    }
    if (nowMs - lastMs < SAME_KEYSTROKE_MS) return 'same'
    return 'second'
  }
}

/** @returns A function that gives the signals back their usual meaning. */
export function onStopSignals({ onFirst, onSecond }: StopHandlers): () => void {
  const read = createSignalReader()
  const listener = () => {
    const meaning = read(performance.now())
    if (meaning === 'first') onFirst()
    if (meaning === 'second') onSecond()
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
}
