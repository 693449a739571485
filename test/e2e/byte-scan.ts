/** Counts byte strings in files and devices of any size. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'

const READ_BYTES = 8 * 1024 * 1024

export type Needles = Readonly<Record<string, Uint8Array>>

/** How often each needle is in the file; they may cross the borders of reads. */
export function countInFile(path: string, needles: Needles): Record<string, number> {
  const counts = Object.fromEntries(Object.keys(needles).map((name) => [name, 0]))
  const overlap = Math.max(...Object.values(needles).map(({ length }) => length)) - 1
  const buffer = Buffer.alloc(overlap + READ_BYTES)
  const descriptor = openSync(path, 'r')
  try {
    let kept = 0
    for (;;) {
      const count = readSync(descriptor, buffer, kept, READ_BYTES, null)
      if (count === 0) return counts
      const bytes = buffer.subarray(0, kept + count)
      for (const [name, needle] of Object.entries(needles)) {
        // What lies in the kept part as a whole was counted before.
        const first = Math.max(0, kept - needle.length + 1)
        counts[name] = (counts[name] ?? 0) + countFrom(bytes, needle, first)
      }
      const next = Math.min(overlap, bytes.length)
      bytes.copyWithin(0, bytes.length - next)
      kept = next
    }
  } finally {
    closeSync(descriptor)
  }
}

function countFrom(bytes: Buffer, needle: Uint8Array, first: number): number {
  let count = 0
  for (let at = bytes.indexOf(needle, first); at >= 0; at = bytes.indexOf(needle, at + 1)) count++
  return count
}

/** Files in the folders, not on other file systems, that were made or changed since then. */
export function filesChangedSince(folders: readonly string[], sinceMs: number): string[] {
  const since = `@${Math.floor(sinceMs / 1000)}`
  const args = [...folders, '-xdev', '-type', 'f', '-newerct', since, '-print0']
  try {
    return splitNames(execFileSync('find', args, { stdio: 'pipe', maxBuffer: READ_BYTES }))
  } catch (thrown) {
    // A folder that went away meanwhile: find says so, ends with 1, and has found the others.
    const stdout: unknown = thrown instanceof Error ? Reflect.get(thrown, 'stdout') : undefined
    if (Buffer.isBuffer(stdout) && stdout.length > 0) return splitNames(stdout)
    throw thrown
  }
}

const splitNames = (bytes: Buffer) =>
  bytes
    .toString()
    .split('\0')
    .filter((name) => name !== '')
