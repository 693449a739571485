/**
 * What an engine's failure means to a client, in our own words.
 *
 * The engine's message is never passed on: it comes from the process that reads the model, and no
 * text of that process reaches a client without passing the redactor. Only its code, from a short
 * list, and for a prompt that is too long the numbers of tokens, are taken from it.
 *
 * @packageDocumentation
 */
import { Fault, type FaultCode } from '../../errors.ts'
import type { BodyOf } from '../../wire/frames.ts'

const SAID_BY_ENGINE: Partial<Record<FaultCode, string>> = {
  ENGINE_BUG: 'the engine could not finish the answer',
  ENGINE_GRAMMAR: 'the engine does not take the grammar of this schema',
  ENGINE_LOST: 'the engine was lost',
  ENGINE_OUT_OF_MEMORY: 'the engine has no memory left for this request',
  ENGINE_TEMPLATE: 'the chat template of the model cannot render these messages',
  ENGINE_TOKENS: 'a token id is not in the vocabulary of the model',
  ENGINE_UNAVAILABLE: 'the engine takes no request at the moment',
}

export function engineFault(failed: BodyOf<'job.failed'>, contextTokens: number): Fault {
  if (failed.code === 'ENGINE_CONTEXT_LENGTH') {
    return new Fault('ENGINE_CONTEXT_LENGTH', contextSentence(failed, contextTokens))
  }
  const code = Object.keys(SAID_BY_ENGINE).find((known) => known === failed.code)
  const known = code as keyof typeof SAID_BY_ENGINE | undefined
  const sentence = known === undefined ? undefined : SAID_BY_ENGINE[known]
  if (known === undefined || sentence === undefined) {
    return new Fault('ENGINE_BUG', 'the engine could not finish the answer')
  }
  return new Fault(known, sentence)
}

/** The numbers have been held against the engine's own context (`job-book.ts`). */
function contextSentence(
  { promptTokens, uncounted }: BodyOf<'job.failed'>,
  contextTokens: number,
): string {
  const context = `the context of the model holds ${contextTokens} tokens`
  if (promptTokens === undefined) return `the messages are too long: ${context}`
  return `the messages need ${uncounted ? 'at least ' : ''}${promptTokens} tokens, ${context}`
}
