/**
 * What every session with a gateway keeps to, whatever its engine makes: bounds, and how a job fails.
 *
 * @packageDocumentation
 */
import { Fault, reasonOf } from '../errors.ts'
import type { BodyOf } from '../wire/frames.ts'
import { PromptTooLong } from './prompt-bounds.ts'

/** The gateway admits far fewer; more is a gateway that went wrong. */
export const MAX_JOBS = 256
/** A gateway that reads slower than this makes its jobs wait. */
export const MAX_PENDING_BYTES = 1_048_576
/** Of `job.failed`: even if each had to be escaped, they fit the frame. */
const MAX_MESSAGE_CHARS = 300

/** What a job fails with: a fault as it is, anything else as a bug of ours. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  return new Fault('ENGINE_BUG', reasonOf(thrown).slice(0, 200), { cause: thrown })
}

export function failureOf(job: number, fault: Fault): BodyOf<'job.failed'> {
  const message = fault.message.slice(0, MAX_MESSAGE_CHARS)
  const need = fault instanceof PromptTooLong ? fault.need : {}
  return { job, code: fault.code, message, ...need }
}
