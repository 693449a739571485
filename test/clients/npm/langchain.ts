/** LangChain's classes for OpenAI, `@langchain/openai`. It has no list of models. */
import {
  HumanMessage,
  ToolMessage,
  type AIMessage,
  type AIMessageChunk,
  type UsageMetadata,
} from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { z } from 'zod'
import { Trip, type Acts, type Ask } from '../acts.ts'
import { settingsOf } from '../npm-sdk.ts'

const placeOf = ({ url, key }: Ask) => ({ apiKey: key, configuration: { baseURL: `${url}/v1` } })

const chatOf = (ask: Ask) => {
  const { model, tokens } = ask
  return new ChatOpenAI({
    ...{ model, temperature: 0, maxTokens: tokens },
    ...placeOf(ask),
    ...settingsOf(ask),
  })
}

const weatherOf = ({ tool: { name, description, parameters, result } }: Ask) =>
  tool(async () => result, { name, description, schema: parameters })

const calling = (ask: Ask) =>
  chatOf(ask).bindTools([weatherOf(ask)], {
    tool_choice: ask.tool.name,
    parallel_tool_calls: false,
  })

const Finish = z.object({ finish_reason: z.string() })
const finishOf = ({ response_metadata }: AIMessage | AIMessageChunk) =>
  Finish.parse(response_metadata).finish_reason

const callOf = (message: AIMessage | AIMessageChunk) => {
  const { name, args } = message.tool_calls![0]!
  const given = z.record(z.string(), z.unknown()).parse(args)
  return { call: { name, arguments: given }, finish: finishOf(message) }
}

const tokensOf = ({ usage_metadata: usage }: { usage_metadata?: UsageMetadata | undefined }) => ({
  promptTokens: usage!.input_tokens,
  answerTokens: usage!.output_tokens,
})

async function joined(chunks: AsyncIterable<AIMessageChunk>) {
  let whole: AIMessageChunk | undefined
  let pieces = 0
  for await (const chunk of chunks) {
    pieces += chunk.text === '' ? 0 : 1
    whole = whole === undefined ? chunk : whole.concat(chunk)
  }
  return { whole: whole!, pieces }
}

export const langchain: Acts = {
  async chat(ask) {
    const message = await chatOf(ask).invoke(ask.question)
    return { text: message.text, finish: finishOf(message), ...tokensOf(message) }
  },

  async stream(ask) {
    const { whole, pieces } = await joined(await chatOf(ask).stream(ask.question))
    return { text: whole.text, pieces, finish: finishOf(whole), ...tokensOf(whole) }
  },

  async call(ask) {
    const question = new HumanMessage(ask.question)
    const first = await calling(ask).invoke([question])
    const result: unknown = await weatherOf(ask).invoke(first.tool_calls![0]!)
    if (!(result instanceof ToolMessage)) throw new Error('no result')
    const shown = chatOf(ask).bindTools([weatherOf(ask)], { tool_choice: 'none' })
    const second = await shown.invoke([question, first, result])
    return { ...callOf(first), text: second.text }
  },

  async streamed_call(ask) {
    const { whole } = await joined(await calling(ask).stream(ask.question))
    return callOf(whole)
  },

  async structured(ask) {
    const structured = chatOf(ask).withStructuredOutput(Trip, {
      method: 'jsonSchema',
      strict: true,
    })
    return { value: await structured.invoke(ask.question) }
  },

  async embeddings(ask) {
    const embeddings = new OpenAIEmbeddings({
      model: ask.model,
      ...placeOf(ask),
      ...settingsOf(ask),
    })
    return { vectors: await embeddings.embedDocuments([...ask.texts]) }
  },

  async abort(ask) {
    const stop = new AbortController()
    const stream = await chatOf(ask).stream(ask.question, { signal: stop.signal })
    let pieces = 0
    try {
      for await (const chunk of stream) {
        if (chunk.text !== '' && ++pieces === 3) stop.abort()
      }
    } catch (thrown) {
      if (!stop.signal.aborted) throw thrown
    }
    return { pieces }
  },
}
