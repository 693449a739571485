/**
 * `serve`.
 *
 * @packageDocumentation
 */
import type { ExitCode } from '../../errors.ts'
import { serve } from '../serve/serve.ts'
import { openSession, type Invocation } from '../session.ts'

export function serveCommand(invocation: Invocation): Promise<ExitCode> {
  const { options } = invocation
  return serve(openSession(invocation), {
    quickstart: options.has('quickstart'),
    readyFile: options.text('ready-file'),
    // Of this process: the time a user waits from the moment it exists.
    startMs: 0,
  })
}
