/**
 * What is refused before it is tokenised: tokenising is synchronous, half a second for a megabyte.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { JobInput } from '../wire/frames.ts'

/**
 * Text has fewer bytes than this for each token it becomes. English has 4 to 5; long runs of one
 * character have more, but nobody fills a context with them.
 */
export const MOST_BYTES_PER_TOKEN = 16

/** A prompt that the context cannot hold, with both numbers for those who do not read sentences. */
export class PromptTooLong extends Fault {
  readonly need: PromptNeed

  constructor(message: string, need: PromptNeed) {
    super('ENGINE_CONTEXT_LENGTH', message)
    this.need = need
  }
}

export interface PromptNeed {
  readonly promptTokens: number
  readonly contextTokens: number
  /** Not tokenised: `promptTokens` is the least it can be. */
  readonly uncounted?: true
}

/** Bytes of all that strangers wrote, tools and all. */
export function inputBytes(input: JobInput): number {
  const bytes = (text: string) => Buffer.byteLength(text, 'utf8')
  const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0)
  if (input.kind === 'ids') return 0
  if (input.kind === 'text') return bytes(input.text) + bytes(input.suffix ?? '')
  const messages = input.messages.map(
    ({ content, calls = [] }) =>
      bytes(content) + sum(calls.map((call) => bytes(call.name) + bytes(call.arguments))),
  )
  const tools = input.tools.map(
    ({ name, description, parameters }) =>
      bytes(name) + bytes(description ?? '') + bytes(parameters),
  )
  return sum(messages) + sum(tools)
}

/** @throws PromptTooLong for text that cannot fit, without looking closer. */
export function checkInputBytes(input: JobInput, contextTokens: number): void {
  const bytes = inputBytes(input)
  if (bytes <= MOST_BYTES_PER_TOKEN * contextTokens) return
  const promptTokens = Math.ceil(bytes / MOST_BYTES_PER_TOKEN)
  throw new PromptTooLong(
    `the prompt has ${bytes} bytes, at least ${promptTokens} tokens, the context holds ${contextTokens}`,
    { promptTokens, contextTokens, uncounted: true },
  )
}

/** @throws PromptTooLong, also when no token is left to answer. */
export function checkPromptTokens(promptTokens: number, contextTokens: number): void {
  if (promptTokens < contextTokens) return
  throw new PromptTooLong(
    `the prompt has ${promptTokens} tokens, the context holds ${contextTokens}`,
    { promptTokens, contextTokens },
  )
}
