/**
 * Runs the guard once with everything set, so that every regular expression it builds is built.
 *
 * @packageDocumentation
 */
import { inspectMessages } from '../../../src/guard/input/inspect.ts'
import { createRedactor } from '../../../src/guard/output/redactor.ts'

export function exerciseGuard(): void {
  inspectMessages([{ content: 'text' }], {
    ...{ maxMessageChars: 100, maxPromptChars: 100, invisible: 'strip' },
  })
  createRedactor({ email: 'mask', card: 'mask', keys: 'mask' }).push('text')
}
