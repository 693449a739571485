/**
 * A checked request as the order for one engine: held against what that engine is, its schemas
 * compiled.
 *
 * @packageDocumentation
 */
import { ClientMistake } from '../api-error.ts'
import type { EngineReady, JobOrder } from '../engine-link.ts'
import type { AnswerShapes, JsonShape } from './choice-filter.ts'
import type { ChatRequest } from './request.ts'
import type { CompiledSchema, SchemaBook, SchemaText } from './schemas.ts'

export interface OrderedChat {
  readonly order: JobOrder
  readonly shapes: AnswerShapes
}

export interface OrderContext {
  readonly ready: EngineReady
  readonly clientId: string
  readonly schemas: SchemaBook
}

/** @throws ClientMistake for what this engine cannot do. */
export function orderOf(chat: ChatRequest, context: OrderContext): OrderedChat {
  assertPossible(chat, context.ready)
  const compiled = context.schemas.compile(context.clientId, schemasOf(chat))
  const { tools, calls } = chat.toolUse
  const answer = chat.format.kind === 'text' ? undefined : compiled[tools.length]
  const order: JobOrder = {
    client: context.clientId,
    input: {
      kind: 'chat',
      messages: [...chat.messages],
      tools: tools.map(({ name, description, parameters }, index) => {
        return { name, description, parameters, rules: compiled[index]?.rules ?? '' }
      }),
      thinking: thinkingOf(chat, context.ready),
    },
    choices: chat.choices,
    maxTokens: chat.maxTokens,
    sampling: chat.sampling,
    stop: [...chat.stop],
    form: { rules: answer?.rules ?? null, calls },
    topLogprobs: chat.topLogprobs,
    echo: 'none',
    prefix: chat.prefix,
    cuts: chat.cuts,
  }
  return { order, shapes: shapesOf(chat, compiled) }
}

function schemasOf({ toolUse, format }: ChatRequest): SchemaText[] {
  const tools = toolUse.tools.map(({ parameters, place }, index) => {
    const at = `${place}.function.parameters`
    return { text: parameters, rootRule: `t${index}-root`, place: at }
  })
  if (format.kind === 'text') return tools
  return [...tools, { text: format.schema, rootRule: 'a-root', place: format.place }]
}

function shapesOf({ toolUse, format }: ChatRequest, compiled: CompiledSchema[]): AnswerShapes {
  const shapeOf = (promise: { readonly isStrict: boolean }, index: number): JsonShape => ({
    strict: promise.isStrict ? (compiled[index]?.schema ?? true) : null,
  })
  const { tools } = toolUse
  return {
    answer: format.kind === 'text' ? 'text' : shapeOf(format, tools.length),
    arguments: new Map(tools.map((tool, index) => [tool.name, shapeOf(tool, index)])),
  }
}

function assertPossible({ choices, sampling }: ChatRequest, ready: EngineReady): void {
  if (choices > ready.slots) {
    const message = `n: ${choices} answers are more than the ${ready.slots} that this model can give at once`
    throw new ClientMistake('invalid_value', message, 'n')
  }
  const { vocabularyTokens } = ready
  if (sampling.biases.some(([id]) => id >= vocabularyTokens)) {
    const message = `logit_bias: the tokens of this model are numbered from 0 to ${vocabularyTokens - 1}`
    throw new ClientMistake('invalid_value', message, 'logit_bias')
  }
}

function thinkingOf({ thinking }: ChatRequest, { abilities }: EngineReady): 'default' | 'off' {
  if (thinking === 'none' && abilities.thinking === 'always') {
    throw new ClientMistake(
      'invalid_value',
      'reasoning_effort: this model cannot be told not to think',
      'reasoning_effort',
    )
  }
  if (thinking === 'some' && abilities.thinking === 'never') {
    throw new ClientMistake(
      'unsupported_parameter',
      'reasoning_effort: this model does not think; leave the field out, or say none',
      'reasoning_effort',
    )
  }
  return thinking === 'none' && abilities.thinking === 'optional' ? 'off' : 'default'
}
