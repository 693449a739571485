/** OpenAI's SDK for JavaScript, `openai`. */
import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { argumentsOf, Trip, type Acts, type Ask } from '../acts.ts'
import { settingsOf } from '../npm-sdk.ts'

const clientOf = (ask: Ask) =>
  new OpenAI({ baseURL: `${ask.url}/v1`, apiKey: ask.key, ...settingsOf(ask) })

const chatOf = ({ model, question, tokens }: Ask) => ({
  ...{ model, temperature: 0, max_completion_tokens: tokens },
  messages: [{ role: 'user' as const, content: question }],
})

const calling = (ask: Ask) => {
  const { name, description, parameters } = ask.tool
  return {
    ...chatOf(ask),
    tools: [{ type: 'function' as const, function: { name, description, parameters } }],
    tool_choice: { type: 'function' as const, function: { name } },
    parallel_tool_calls: false,
  }
}

const callOf = (choice: OpenAI.ChatCompletion.Choice | undefined) => {
  const call = choice?.message.tool_calls?.[0]
  if (call?.type !== 'function') throw new Error('no call')
  const { name, arguments: given } = call.function
  const told = { call: { name, arguments: argumentsOf(given) }, finish: choice!.finish_reason }
  return { id: call.id, told }
}

export const openai: Acts = {
  async models(ask) {
    const ids: string[] = []
    for await (const { id } of clientOf(ask).models.list()) ids.push(id)
    return { ids }
  },

  async chat(ask) {
    const { choices, usage } = await clientOf(ask).chat.completions.create(chatOf(ask))
    return {
      text: choices[0]!.message.content ?? '',
      finish: choices[0]!.finish_reason,
      promptTokens: usage!.prompt_tokens,
      answerTokens: usage!.completion_tokens,
    }
  },

  async stream(ask) {
    const stream = await clientOf(ask).chat.completions.create({
      ...chatOf(ask),
      ...{ stream: true, stream_options: { include_usage: true } },
    })
    const told = { text: '', pieces: 0, finish: '', promptTokens: 0, answerTokens: 0 }
    for await (const { choices, usage } of stream) {
      const piece = choices[0]?.delta.content ?? ''
      told.text += piece
      told.pieces += piece === '' ? 0 : 1
      told.finish = choices[0]?.finish_reason ?? told.finish
      told.promptTokens = usage?.prompt_tokens ?? 0
      told.answerTokens = usage?.completion_tokens ?? 0
    }
    return told
  },

  async call(ask) {
    const client = clientOf(ask)
    const asked = calling(ask)
    const first = await client.chat.completions.create(asked)
    const { id, told } = callOf(first.choices[0])
    const result = { role: 'tool' as const, tool_call_id: id, content: ask.tool.result }
    const second = await client.chat.completions.create({
      ...{ ...asked, tool_choice: 'none' },
      messages: [...asked.messages, first.choices[0]!.message, result],
    })
    return { ...told, text: second.choices[0]!.message.content ?? '' }
  },

  async streamed_call(ask) {
    const { choices } = await clientOf(ask)
      .chat.completions.stream(calling(ask))
      .finalChatCompletion()
    return callOf(choices[0]).told
  },

  async structured(ask) {
    const { choices } = await clientOf(ask).chat.completions.parse({
      ...chatOf(ask),
      response_format: zodResponseFormat(Trip, 'trip'),
    })
    return { value: { ...choices[0]!.message.parsed } }
  },

  async embeddings(ask) {
    const { data } = await clientOf(ask).embeddings.create({
      model: ask.model,
      input: [...ask.texts],
    })
    return { vectors: data.map(({ embedding }) => embedding) }
  },

  async abort(ask) {
    const stream = await clientOf(ask).chat.completions.create({ ...chatOf(ask), stream: true })
    let pieces = 0
    for await (const { choices } of stream) {
      if (choices[0]?.delta.content && ++pieces === 3) break
    }
    return { pieces }
  },
}
