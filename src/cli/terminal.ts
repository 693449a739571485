/**
 * Where the command line speaks: results to stdout, everything else to stderr.
 *
 * Voice: short, lower case, a hint with every fault. A result is what a script would want to read.
 *
 * @packageDocumentation
 */
import { EXIT, Fault, reasonOf, type ExitCode, type FaultCode } from '../errors.ts'

export interface Terminal {
  /** One line of result. */
  readonly out: (line: string) => void
  /** One line for the person at the terminal. */
  readonly note: (line: string) => void
  /** Text as it is, to stderr: progress, prompts. */
  readonly draw: (text: string) => void
  /** Whether a person looks at stderr: progress bars and short log lines only then. */
  readonly interactive: boolean
}

export function processTerminal(): Terminal {
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    draw: (text) => process.stderr.write(text),
    interactive: process.stderr.isTTY,
  }
}

/** Faults that a second try or a little patience may mend. Everything else is permanent. */
const PASSING: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'AUDIT_UNAVAILABLE',
  'CLI_INTERRUPTED',
  'DISK_REFUSED',
  'DOWNLOAD_FAILED',
  'ENGINE_LOST',
  'ENGINE_UNAVAILABLE',
  'KEEPER_BUSY',
  'KEEPER_UNAVAILABLE',
  'LISTEN_REFUSED',
  'STATE_IN_USE',
])

export function exitCodeOf(thrown: unknown): ExitCode {
  if (!(thrown instanceof Fault)) return EXIT.bug
  if (thrown.code === 'CLI_USAGE') return EXIT.usage
  return PASSING.has(thrown.code) ? EXIT.passing : EXIT.permanent
}

/** Errors of the file system that are the machine's state and not our mistake. */
const DISK_ERRORS: ReadonlySet<unknown> = new Set([
  ...['EACCES', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOSPC', 'EPERM', 'EROFS'],
])

/** A full or forbidden disk is a fault, wherever it shows. Anything else stays what it is. */
export function toFault(thrown: unknown): unknown {
  if (thrown instanceof Fault || !(thrown instanceof Error) || !('code' in thrown)) return thrown
  if (!DISK_ERRORS.has(thrown.code)) return thrown
  return new Fault('DISK_REFUSED', thrown.message, { cause: thrown })
}

/** What a person reads of anything thrown; a bug comes with its stack. */
export function describeFailure(thrown: unknown): string {
  if (thrown instanceof Fault) {
    return `secure-llm: ${thrown.message} (${thrown.code})\n  hint: ${thrown.remedy}`
  }
  const stack = thrown instanceof Error ? thrown.stack : undefined
  return `secure-llm: this is a bug: ${stack ?? reasonOf(thrown)}`
}

/** For text that a stranger may have written: nothing that moves the cursor or hides. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}

/** Columns padded to the same width; the last one is left as it is. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
