/**
 * What the gateway says on stderr: JSON lines with codes, numbers and ids.
 *
 * What it gives: serializers that hold back by construction. A request is its method and the
 * pattern of its route; a bug is its name and where it was thrown. What it does not give: URLs,
 * headers, bodies, prompts, answers, keys, or the message of a bug, which may quote any of them.
 *
 * @packageDocumentation
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pino, type DestinationStream, type Logger } from 'pino'
import { EXIT, Fault, type ExitCode, type FaultCode } from '../errors.ts'

/** Where to log to; stderr when absent. */
export function createLogger(destination?: DestinationStream): Logger {
  return pino(
    {
      base: { process: 'gateway' },
      serializers: {
        req: describeRequest,
        res: describeReply,
        err: describeThrown,
      },
    },
    destination ?? pino.destination({ fd: 2, sync: true }),
  )
}

function describeRequest(request: FastifyRequest): object {
  return { id: request.id, method: request.method, route: request.routeOptions.url ?? null }
}

function describeReply(reply: FastifyReply): object {
  return { status: reply.statusCode }
}

/** A fault is written to be read; of anything else only the frames of its stack are safe. */
export function describeThrown(thrown: unknown): object {
  if (thrown instanceof Fault) return { code: thrown.code, msg: thrown.message }
  if (!(thrown instanceof Error)) return { type: typeof thrown }
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))
  return { type: thrown.name, at: frames.slice(0, 8).map((line) => line.trim()) }
}

/** Faults that another try may mend; a restart does not help with the rest. */
const PASSING: readonly FaultCode[] = ['AUDIT_UNAVAILABLE', 'ENGINE_LOST', 'KEEPER_UNAVAILABLE']

/** One line that says why the process ends, and the code it should exit with. */
export function logFatal(logger: Logger, thrown: unknown): ExitCode {
  if (thrown instanceof Fault) {
    logger.fatal({ code: thrown.code, remedy: thrown.remedy }, thrown.message)
    return PASSING.includes(thrown.code) ? EXIT.passing : EXIT.permanent
  }
  logger.fatal({ code: 'INTERNAL', err: thrown }, 'a bug stopped the gateway')
  return EXIT.bug
}
