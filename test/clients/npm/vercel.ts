/** Vercel's `ai` with `@ai-sdk/openai-compatible`. It has no list of models. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'
import { Trip, type Acts, type Ask } from '../acts.ts'

const PROVIDER = 'local'

const providerOf = ({ url, key }: Ask) =>
  createOpenAICompatible({
    ...{ name: PROVIDER, baseURL: `${url}/v1`, apiKey: key },
    ...{ includeUsage: true, supportsStructuredOutputs: true },
  })

const chatOf = (ask: Ask) => ({
  model: providerOf(ask)(ask.model),
  ...{ prompt: ask.question, temperature: 0, maxOutputTokens: ask.tokens },
  ...(ask.retries === undefined ? {} : { maxRetries: ask.retries }),
  ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
})

const calling = (ask: Ask) => {
  const { name, description, result } = ask.tool
  const inputSchema = z.object({
    town: z.enum(['Paris', 'Berlin']),
    unit: z.enum(['celsius', 'fahrenheit']),
  })
  return {
    ...chatOf(ask),
    tools: { [name]: tool({ description, inputSchema, execute: async () => result }) },
    toolChoice: { type: 'tool' as const, toolName: name },
    // What the provider has no word for goes into the body as it stands.
    providerOptions: { [PROVIDER]: { parallel_tool_calls: false } },
  }
}

interface Call {
  readonly toolName: string
  readonly input: unknown
}
const callOf = (calls: readonly Call[]) => {
  const { toolName, input } = calls[0]!
  return { name: toolName, arguments: z.record(z.string(), z.unknown()).parse(input) }
}

export const vercel: Acts = {
  async chat(ask) {
    const { text, finishReason, usage } = await generateText(chatOf(ask))
    return {
      ...{ text, finish: finishReason },
      ...{ promptTokens: usage.inputTokens, answerTokens: usage.outputTokens },
    }
  },

  async stream(ask) {
    const answer = streamText(chatOf(ask))
    const told = { text: '', pieces: 0 }
    for await (const piece of answer.textStream) {
      told.text += piece
      told.pieces++
    }
    const { inputTokens, outputTokens } = await answer.usage
    return {
      ...{ ...told, finish: await answer.finishReason },
      ...{ promptTokens: inputTokens, answerTokens: outputTokens },
    }
  },

  async call(ask) {
    const { steps, text } = await generateText({
      ...calling(ask),
      stopWhen: stepCountIs(2),
      prepareStep: ({ stepNumber }) => (stepNumber === 0 ? {} : { toolChoice: 'none' }),
    })
    return { call: callOf(steps[0]!.toolCalls), finish: steps[0]!.finishReason, text }
  },

  async streamed_call(ask) {
    const answer = streamText(calling(ask))
    return { call: callOf(await answer.toolCalls), finish: await answer.finishReason }
  },

  async structured(ask) {
    const { output } = await generateText({
      ...chatOf(ask),
      output: Output.object({ schema: Trip }),
    })
    return { value: output }
  },

  async embeddings(ask) {
    const model = providerOf(ask).embeddingModel(ask.model)
    const { embeddings } = await embedMany({ model, values: [...ask.texts] })
    return { vectors: embeddings }
  },

  async abort(ask) {
    const stop = new AbortController()
    const answer = streamText({ ...chatOf(ask), abortSignal: stop.signal })
    let pieces = 0
    for await (const piece of answer.textStream) {
      if (piece !== '' && ++pieces === 3) stop.abort()
    }
    return { pieces }
  },
}
