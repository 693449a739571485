/**
 * What is refused before it is tokenised: tokenising is synchronous, half a second for a megabyte.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { strangersTexts, type ChatInput } from './prompt/conversation.ts'

/**
 * Text has fewer bytes than this for each token it becomes. English has 4 to 5; long runs of one
 * character have more, but nobody fills a context with them.
 */
const MOST_BYTES_PER_TOKEN = 16

/** Of contents, tools and earlier calls together. */
export function textBytes(input: ChatInput): number {
  return strangersTexts(input).reduce((sum, text) => sum + Buffer.byteLength(text, 'utf8'), 0)
}

/** @throws Fault `ENGINE_CONTEXT_LENGTH` for text that cannot fit, without looking closer. */
export function checkTextBytes(input: ChatInput, contextTokens: number): void {
  const bytes = textBytes(input)
  if (bytes <= MOST_BYTES_PER_TOKEN * contextTokens) return
  throw new Fault(
    'ENGINE_CONTEXT_LENGTH',
    `the prompt has ${bytes} bytes, more than ${Math.floor(bytes / MOST_BYTES_PER_TOKEN)} tokens, the context holds ${contextTokens}`,
  )
}

/** @throws Fault `ENGINE_CONTEXT_LENGTH` with both numbers, also when no token is left to answer. */
export function checkPromptTokens(promptTokens: number, contextTokens: number): void {
  if (promptTokens < contextTokens) return
  throw new Fault(
    'ENGINE_CONTEXT_LENGTH',
    `the prompt has ${promptTokens} tokens, the context holds ${contextTokens}`,
  )
}
