/**
 * `/proc/loadavg`, opened once and read again by its descriptor: after the last filter no file opens.
 *
 * @packageDocumentation
 */
import { openSync, readSync } from 'node:fs'
import { othersRunnable } from './threads.ts'

const FILE = '/proc/loadavg'

/** @returns What tells how many other processes want to run; null where the system does not say. */
export function watchLoad(): () => number | null {
  let descriptor: number
  try {
    descriptor = openSync(FILE, 'r')
  } catch {
    // Hidden by ProcSubset=pid, or not Linux: threads follow the step times alone.
    return () => null
  }
  const buffer = Buffer.alloc(64)
  return () => {
    const bytes = readSync(descriptor, buffer, 0, buffer.length, 0)
    return othersRunnable(buffer.toString('latin1', 0, bytes))
  }
}
