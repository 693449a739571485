/** Anthropic's SDK for JavaScript, `@anthropic-ai/sdk`. It has no embeddings. */
import Anthropic from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { z } from 'zod'
import { Trip, type Acts, type Ask } from '../acts.ts'
import { settingsOf } from '../npm-sdk.ts'

const clientOf = (ask: Ask) =>
  new Anthropic({ baseURL: ask.url, apiKey: ask.key, ...settingsOf(ask) })

const messageOf = ({ model, question, tokens }: Ask) => {
  // The SDK's types leave it to newer models.
  const sampling: object = { temperature: 0 }
  const messages = [{ role: 'user' as const, content: question }]
  return { ...{ model, max_tokens: tokens, messages }, ...sampling }
}

const calling = (ask: Ask) => {
  const { name, description, parameters } = ask.tool
  return {
    ...messageOf(ask),
    tools: [{ name, description, input_schema: parameters }],
    tool_choice: { type: 'tool' as const, name, disable_parallel_tool_use: true },
  }
}

const textOf = ({ content }: Anthropic.Message) =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('')

const callOf = (message: Anthropic.Message) => {
  const use = message.content.find((block) => block.type === 'tool_use')
  if (use === undefined) throw new Error('no call')
  const given = z.record(z.string(), z.unknown()).parse(use.input)
  return {
    id: use.id,
    told: { call: { name: use.name, arguments: given }, finish: message.stop_reason },
  }
}

export const anthropic: Acts = {
  async models(ask) {
    const ids: string[] = []
    for await (const { id } of clientOf(ask).models.list()) ids.push(id)
    return { ids }
  },

  async chat(ask) {
    const message = await clientOf(ask).messages.create(messageOf(ask))
    const { input_tokens, cache_read_input_tokens, output_tokens } = message.usage
    return {
      text: textOf(message),
      finish: message.stop_reason,
      promptTokens: input_tokens + (cache_read_input_tokens ?? 0),
      answerTokens: output_tokens,
    }
  },

  async stream(ask) {
    const stream = clientOf(ask).messages.stream(messageOf(ask))
    let pieces = 0
    stream.on('text', () => pieces++)
    const message = await stream.finalMessage()
    const { input_tokens, cache_read_input_tokens, output_tokens } = message.usage
    return {
      ...{ text: textOf(message), pieces, finish: message.stop_reason },
      promptTokens: input_tokens + (cache_read_input_tokens ?? 0),
      answerTokens: output_tokens,
    }
  },

  async call(ask) {
    const client = clientOf(ask)
    const asked = calling(ask)
    const first = await client.messages.create(asked)
    const { id, told } = callOf(first)
    const result = { type: 'tool_result' as const, tool_use_id: id, content: ask.tool.result }
    const second = await client.messages.create({
      ...{ ...asked, tool_choice: { type: 'none' } },
      messages: [
        ...asked.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [result] },
      ],
    })
    return { ...told, text: textOf(second) }
  },

  async streamed_call(ask) {
    return callOf(await clientOf(ask).messages.stream(calling(ask)).finalMessage()).told
  },

  async structured(ask) {
    const message = await clientOf(ask).messages.parse({
      ...messageOf(ask),
      output_config: { format: zodOutputFormat(Trip) },
    })
    return { value: { ...message.parsed_output } }
  },

  async abort(ask) {
    const stream = await clientOf(ask).messages.create({ ...messageOf(ask), stream: true })
    let pieces = 0
    for await (const event of stream) {
      if (event.type === 'content_block_delta' && ++pieces === 3) break
    }
    return { pieces }
  },
}
