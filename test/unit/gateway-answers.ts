/** Reads answers of the chat endpoint, whole and streamed, for the tests of what is in them. */
import { chatBody, post, readEvents, type FakeJob, type TestApp } from './gateway-fakes.ts'

export interface TokenObject {
  token: string
  logprob: number
  bytes: number[]
  top_logprobs: { token: string; logprob: number; bytes: number[] }[]
}

export interface CallObject {
  id: string
  type: string
  function: { name: string; arguments: string }
}

export interface Whole {
  choices: {
    index: number
    finish_reason: string
    logprobs: { content: TokenObject[]; refusal: null } | null
    message: {
      role: string
      content: string | null
      refusal: null
      reasoning_content?: string
      tool_calls?: CallObject[]
    }
  }[]
  usage: { completion_tokens: number; completion_tokens_details: { reasoning_tokens: number } }
}

export interface Chunk {
  choices: {
    index: number
    delta: {
      role?: string
      content?: string | null
      reasoning_content?: string
      tool_calls?: {
        index: number
        id?: string
        type?: string
        function: { name?: string; arguments: string }
      }[]
    }
    logprobs: { content: TokenObject[] } | null
    finish_reason: string | null
  }[]
  usage?: object | null
  obfuscation?: string
}

/** The same job answered in both forms. */
export async function bothForms(
  { app, engine }: TestApp,
  body: object,
  script: (job: FakeJob) => void,
): Promise<{ whole: Whole; chunks: Chunk[] }> {
  engine.script = script
  const whole = await app.inject(post(chatBody(body)))
  const streamed = await app.inject(post(chatBody({ ...body, stream: true })))
  if (whole.statusCode !== 200) throw new Error(whole.body)
  const data = readEvents(streamed.body).data
  if (data.at(-1) !== '[DONE]') throw new Error(streamed.body)
  const chunks = data.slice(0, -1).map((text) => JSON.parse(text) as Chunk)
  return { whole: whole.json<Whole>(), chunks }
}

/** Chunks put together again, as an SDK does; ids of calls replaced by their number. */
export function assembled(chunks: readonly Chunk[], choices: number): Whole['choices'] {
  const wholes: Whole['choices'] = Array.from({ length: choices }, (_, index) => ({
    index,
    finish_reason: '',
    logprobs: null,
    message: { role: '', content: null, refusal: null },
  }))
  for (const { choices: said } of chunks) {
    for (const { index, delta, logprobs, finish_reason } of said) {
      const { message } = wholes[index]!
      if (delta.role !== undefined) message.role = delta.role
      if (typeof delta.content === 'string')
        message.content = (message.content ?? '') + delta.content
      if (delta.reasoning_content !== undefined) {
        message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content
      }
      for (const call of delta.tool_calls ?? []) addCall((message.tool_calls ??= []), call)
      if (logprobs !== null) {
        const told = (wholes[index]!.logprobs ??= { content: [], refusal: null })
        told.content.push(...logprobs.content)
      }
      if (finish_reason !== null) wholes[index]!.finish_reason += finish_reason
    }
  }
  return wholes
}

type CallDelta = NonNullable<Chunk['choices'][number]['delta']['tool_calls']>[number]

function addCall(calls: CallObject[], { index, id, type, function: said }: CallDelta) {
  if (id !== undefined && type !== undefined && said.name !== undefined) {
    calls[index] = { id, type, function: { name: said.name, arguments: said.arguments } }
  } else calls[index]!.function.arguments += said.arguments
}

/** A whole answer as `assembled` gives it. */
export function comparable(choices: Whole['choices']): object[] {
  return choices.map(({ index, finish_reason, logprobs, message }) => ({
    index,
    finish_reason,
    logprobs,
    message: {
      role: message.role,
      content: message.content,
      refusal: null,
      reasoning_content: message.reasoning_content,
      tool_calls: message.tool_calls?.map(({ type, function: said }) => ({ type, function: said })),
    },
  }))
}
