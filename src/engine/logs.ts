/**
 * What the engine says on stderr: JSON lines with codes and numbers, never a word of a prompt, of an
 * answer, or of the inside of a model.
 *
 * @packageDocumentation
 */
import { pino, type Logger } from 'pino'
import { EXIT, Fault, type ExitCode, type FaultCode } from '../errors.ts'

/** Written at once: the process may be gone in the next moment. */
export function createLogger(model: string): Logger {
  const base = { process: 'engine', model }
  return pino({ base }, pino.destination({ fd: 2, sync: true }))
}

/** Faults that another try may mend. */
const PASSING: readonly FaultCode[] = ['KEEPER_UNAVAILABLE', 'WIRE_BROKEN']

/** Where a bug was thrown; its message may quote what nobody should read. */
function placeOf(thrown: unknown): string[] {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line))
  return frames.slice(0, 8).map((line) => line.trim())
}

/** One line that says why the process ends, and the code to exit with. */
export function logFatal(logger: Logger, thrown: unknown): ExitCode {
  if (thrown instanceof Fault) {
    logger.fatal({ code: thrown.code, remedy: thrown.remedy }, thrown.message)
    return PASSING.includes(thrown.code) ? EXIT.passing : EXIT.permanent
  }
  const { remedy } = new Fault('ENGINE_BUG', '')
  const name = thrown instanceof Error ? thrown.name : typeof thrown
  logger.fatal({ code: 'ENGINE_BUG', remedy, at: placeOf(thrown) }, `a bug: ${name}`)
  return EXIT.bug
}
