/**
 * Log lines of the processes, as the supervisor reads them: JSON from pino, or whatever native code
 * said before it died.
 *
 * Pure.
 *
 * @packageDocumentation
 */
import { faultFromPeer, type Fault } from '../../errors.ts'
import { printable } from '../terminal.ts'

/** pino's levels. */
export const LEVEL = { info: 30, warn: 40, error: 50, fatal: 60 } as const
const MAX_TEXT = 1000

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly code: string | undefined
  readonly remedy: string | undefined
}

/** A line that is not JSON is a warning with the line as its text. */
export function parseLogLine(line: string): LogLine {
  const fields = fieldsOf(line)
  if (fields === undefined) {
    return { level: LEVEL.warn, msg: line.slice(0, MAX_TEXT), code: undefined, remedy: undefined }
  }
  return {
    level: typeof fields.level === 'number' ? fields.level : LEVEL.info,
    msg: textOf(fields.msg) ?? '',
    code: textOf(fields.code),
    remedy: textOf(fields.remedy),
  }
}

function fieldsOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const textOf = (value: unknown) =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT) : undefined

/** What goes on when nobody watches: JSON as it came, anything else wrapped into it. */
export function machineLine(process: string, line: string): string {
  if (fieldsOf(line) !== undefined) return line
  return JSON.stringify({ level: LEVEL.warn, name: process, msg: line.slice(0, MAX_TEXT) })
}

/** What a person at the terminal reads; undefined for what is only for a log. */
export function personLine(process: string, line: string): string | undefined {
  const { level, msg, code, remedy } = parseLogLine(line)
  if (level < LEVEL.warn || msg === '') return undefined
  const named = printable(code === undefined ? msg : `${msg} (${code})`)
  const hint = remedy === undefined ? '' : `\n  hint: ${remedy}`
  return `${process}: ${named}${hint}`
}

/** The fault that a fatal line says. */
export function faultOf(process: string, line: string): Fault | undefined {
  const { level, msg, code } = parseLogLine(line)
  if (level < LEVEL.fatal || code === undefined) return undefined
  return faultFromPeer(code, `${process}: ${msg}`, 'SERVE_FAILED')
}
