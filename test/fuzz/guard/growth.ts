/**
 * Time by length: sixteen times the text may take about sixteen times the time.
 *
 * What it gives: a finding only when the best of several tries is far above the line, because a
 * busy machine makes any one try slow. What it does not give: an absolute speed (the bench does).
 *
 * @packageDocumentation
 */
const LONGER = 16
const TRIES = 5
/** Of a line: caches and the collector of garbage take their share of long texts. */
const MOST_RATIO = 4
/** Below it the clock and the compiler say more than the text. */
const LEAST_MS = 30

/** @returns what is wrong, if anything is. */
export function checkGrowth(unit: string, run: (text: string) => void): string | undefined {
  const short = unit.repeat(Math.max(1, Math.ceil(2048 / unit.length)))
  const long = short.repeat(LONGER)
  run(short)
  let ratio = Infinity
  for (let n = 0; n < TRIES; n++) {
    const shortMs = timeOf(() => {
      run(short)
    })
    const longMs = timeOf(() => {
      run(long)
    })
    if (longMs < LEAST_MS) return undefined
    ratio = Math.min(ratio, longMs / (shortMs * LONGER))
    if (ratio <= MOST_RATIO) return undefined
  }
  return `${LONGER} times the text takes ${(ratio * LONGER).toFixed(0)} times the time`
}

function timeOf(run: () => void): number {
  const startedMs = performance.now()
  run()
  return performance.now() - startedMs
}
