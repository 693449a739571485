/**
 * What the keeper says on stderr: JSON lines with codes, numbers and names of sockets. Never a key,
 * a path of one, or the message of a bug, which may quote anything.
 *
 * @packageDocumentation
 */
import { pino, type Logger } from 'pino'
import { EXIT, Fault, type ExitCode, type FaultCode } from '../errors.ts'

export function createLogger(): Logger {
  return pino({ base: { process: 'keeper' } }, pino.destination({ fd: 2, sync: true }))
}

/** Faults that another try may mend; a restart does not help with the rest. */
const PASSING: readonly FaultCode[] = ['AUDIT_UNAVAILABLE', 'KEEPER_BUSY']

/** One line that says why the process ends, and the code it should exit with. */
export function logFatal(logger: Logger, thrown: unknown): ExitCode {
  if (thrown instanceof Fault) {
    logger.fatal({ code: thrown.code, remedy: thrown.remedy }, thrown.message)
    return PASSING.includes(thrown.code) ? EXIT.passing : EXIT.permanent
  }
  logger.fatal({ code: 'INTERNAL', at: framesOf(thrown) }, 'a bug stopped the keeper')
  return EXIT.bug
}

/** Name and places of what was thrown, without its message. */
function framesOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error)) return [typeof thrown]
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))
  return [thrown.name, ...frames.slice(0, 8).map((line) => line.trim())]
}
