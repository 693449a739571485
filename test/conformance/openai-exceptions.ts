/**
 * Where OpenAI's schema and the rest of its document do not agree, and we follow the rest: each of
 * them is a value that may also be null.
 *
 * @packageDocumentation
 */
export interface Exception {
  /** `event`: of a stream only. */
  readonly of: 'event' | 'any'
  readonly schema: string
  /** From the schema to the value's own. */
  readonly place: readonly string[]
  readonly reason: string
}

const COMPLETION_CHOICE = ['properties', 'choices', 'items', 'properties']
const COMPLETION_LOGPROBS = [...COMPLETION_CHOICE, 'logprobs', 'anyOf', '0', 'properties']

export const EXCEPTIONS: readonly Exception[] = [
  {
    of: 'event',
    schema: 'Response',
    place: ['allOf', '2', 'properties', 'usage'],
    reason: 'its own examples of response.created and response.in_progress have "usage": null',
  },
  {
    of: 'event',
    schema: 'CreateCompletionResponse',
    place: [...COMPLETION_CHOICE, 'finish_reason'],
    reason:
      'a chunk has the shape of the whole answer, and what has not ended has no reason for it',
  },
  {
    of: 'event',
    schema: 'CreateCompletionResponse',
    place: ['properties', 'usage'],
    reason:
      'stream_options says of include_usage that all chunks but the last have a usage of null',
  },
  {
    of: 'any',
    schema: 'CreateCompletionResponse',
    place: [...COMPLETION_LOGPROBS, 'token_logprobs', 'items'],
    reason: 'nothing predicts the first token of an echoed prompt; a number would be invented',
  },
  {
    of: 'any',
    schema: 'CreateCompletionResponse',
    place: [...COMPLETION_LOGPROBS, 'top_logprobs', 'items'],
    reason: 'as token_logprobs',
  },
  {
    of: 'any',
    schema: 'CreateCompletionResponse',
    place: [...COMPLETION_LOGPROBS, 'top_logprobs'],
    reason: 'with "logprobs": 0 no rivals were asked for',
  },
]
